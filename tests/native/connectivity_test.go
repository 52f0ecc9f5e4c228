package native

import (
	"context"
	"regexp"
	"strings"
	"testing"
	"time"

	"nertc/internal/client"
	"nertc/internal/connectivity"
	"nertc/internal/media"
	"nertc/internal/nativemedia"
	"nertc/tests/gatewayproc"
)

// astray sends what is direct to a port where nobody is: the machine's network lets no UDP out but that of the relay.
type astray struct{ media.PeerConnection }

var port = regexp.MustCompile(`(candidate:\S+ \d udp \d+ \S+) \d+`)

func (p astray) Answer(ctx context.Context, sdp string) error {
	if strings.Contains(sdp, "a=candidate:") {
		sdp = port.ReplaceAllString(sdp, "$1 9")
	}
	return p.PeerConnection.Answer(ctx, sdp)
}

func (p astray) AddCandidate(ctx context.Context, c string) error {
	return p.PeerConnection.AddCandidate(ctx, port.ReplaceAllString(c, "$1 9"))
}

func expectWay(t *testing.T, name string, got connectivity.Result, reason string) {
	t.Helper()
	if got.OK != (reason == "") || !strings.Contains(got.Reason, reason) || got.Took < 0 || got.Took > 12*time.Second {
		t.Errorf("%s: %+v, want %q", name, got, reason)
	}
}

func TestCheckConnectivity(t *testing.T) {
	g := gatewayproc.Start(t)
	ann, bob := newUser(t, g), newUser(t, g)

	// Before any join.
	r := ann.CheckConnectivity(ann.ctx, client.JoinOptions{Server: g.Signalling()})
	expectWay(t, "signalling", r.Signalling, "")
	expectWay(t, "UDP", r.UDP, "")
	expectWay(t, "TCP, which there is none of on loopback", r.TCP, connectivity.NotOffered)
	expectWay(t, "the relay", r.Relay, "")

	// In a call, which goes on as if nothing were.
	ann.join("1")
	bob.join("2")
	ann.talk(0xa1)
	meet(bob, "1", 0xa1)
	before := len(bob.events)
	if r := ann.CheckConnectivity(ann.ctx, client.JoinOptions{}); !r.Signalling.OK || !r.UDP.OK || !r.Relay.OK {
		t.Errorf("in a call: %+v", r)
	}
	for len(bob.events) > before {
		switch e := (<-bob.events).(type) {
		case client.PeerOnline, client.PeerLeave, client.StateChanged:
			t.Errorf("another member is told of it: %+v", e)
		}
	}
	if s := ann.State(); s != client.Connected || ann.UID() != "1" {
		t.Errorf("it is %s as %s", s, ann.UID())
	}

	// Without UDP.
	cut := newUser(t, g, func(o *client.Options) {
		make := nativemedia.Factory(nativemedia.Options{Loopback: true})
		o.NewPeer = func(observer media.Observer) (media.PeerConnection, error) {
			pc, err := make(observer)
			return astray{pc}, err
		}
	})
	r = cut.CheckConnectivity(cut.ctx, client.JoinOptions{Server: g.Signalling()})
	expectWay(t, "signalling without UDP", r.Signalling, "")
	expectWay(t, "UDP where it leads nowhere", r.UDP, connectivity.NoAnswer)

	// Without a server.
	r = cut.CheckConnectivity(cut.ctx, client.JoinOptions{Server: "ws://127.0.0.1:9/nertc/v1"})
	expectWay(t, "signalling without a server", r.Signalling, "connect to the server")
	expectWay(t, "UDP without a server", r.UDP, "no signalling")
}

func TestCheckConnectivityOfWhatIsNotThere(t *testing.T) {
	g := gatewayproc.Start(t, "--turn=false")
	r := newUser(t, g).CheckConnectivity(t.Context(), client.JoinOptions{Server: g.Signalling()})
	expectWay(t, "UDP", r.UDP, "")
	expectWay(t, "the relay", r.Relay, connectivity.NotOffered)
}
