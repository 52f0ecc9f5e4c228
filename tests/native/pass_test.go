package native

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pion/webrtc/v4"

	"nertc/internal/client"
	"nertc/internal/errcode"
	"nertc/internal/nativemedia"
	"nertc/internal/protocol"
	"nertc/tests/gatewayproc"
)

// A gateway that is killed and started again knows nobody, and an app in secure mode wants
// tokens: its members come back all the same, whoever the token was for and however old it is.
func TestSecureRoomComesBack(t *testing.T) {
	config := filepath.Join(t.TempDir(), "gateway.yaml")
	if err := os.WriteFile(config, []byte("apps:\n- {appkey: app, appSecret: 5ec2e7, permSecret: pe2m}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	g := gatewayproc.Start(t, "--config", config)
	make := func(kind, uid, ttl string, more ...string) string {
		args := append([]string{kind, "--app", "app", "--channel", "room", "--ttl", ttl, "--config", config}, more...)
		if uid != "" {
			args = append(args, "--uid", uid)
		}
		return strings.TrimSuffix(gatewayproc.Run(t, nil, args...), "\n")
	}
	join := func(o client.JoinOptions) *user {
		u := newUser(t, g)
		o.Server, o.Channel = u.server, "room"
		if err := u.Join(u.ctx, o); err != nil {
			t.Fatal(err)
		}
		return u
	}
	const life = 6 * time.Second // time enough to join with it, on a busy machine too
	short := make("token", "7", "6")
	expired := time.After(life)
	bob := join(client.JoinOptions{UID: "7", Token: short})
	ann := join(client.JoinOptions{Token: make("token", "", "600"), CustomData: "ann's"})
	// These receive only, and could not make the room.
	receiver := func(uid string) *user {
		return join(client.JoinOptions{
			UID: uid, Token: make("token", uid, "600"), Permkey: make("permkey", uid, "600", "--privileges", "join,receive-audio,receive-video"),
		})
	}
	cat, dan := receiver("cat"), receiver("dan")
	uid := ann.UID()
	ann.talk(0xa1)
	await(bob, func(e client.CustomData) bool { return e == client.CustomData{UID: uid, Data: "ann's"} })
	await(cat, func(e client.CustomData) bool { return e.UID == uid })

	g.Kill(t)
	for _, u := range []*user{ann, bob, cat, dan} {
		await(u, func(e client.StateChanged) bool { return e.Cur == client.Connecting && e.Reconnect })
	}
	<-expired
	g = gatewayproc.Start(t, "--config", config, "--listen", strings.TrimPrefix(g.URL, "http://"))
	for _, u := range []*user{ann, bob, cat, dan} {
		await(u, func(e client.StateChanged) bool {
			if e.Cur == client.Disconnected {
				t.Fatal("given up")
			}
			return e.Cur == client.Connected && e.Reconnect
		})
	}
	if ann.UID() != uid || bob.UID() != "7" || cat.UID() != "cat" {
		t.Errorf("they are %s, %s and %s", ann.UID(), bob.UID(), cat.UID())
	}
	// The old token alone is no longer good.
	stranger := newUser(t, g)
	err := stranger.Join(stranger.ctx, client.JoinOptions{Server: stranger.server, Channel: "room", UID: "7", Token: short})
	if errcode.Of(err).Code != errcode.BadToken {
		t.Errorf("a stranger: %v", err)
	}
	// With another key cat may publish, and with the next one what was published is gone again.
	if err := cat.UpdatePermkey(cat.ctx, make("permkey", "cat", "600")); err != nil {
		t.Fatal(err)
	}
	if err := cat.Publish(cat.ctx, []client.LocalTrack{silence(t, cat)}); err != nil {
		t.Fatal(err)
	}
	await(bob, func(e client.StreamAdded) bool { return e.UID == "cat" })
	if err := cat.UpdatePermkey(cat.ctx, make("permkey", "cat", "5", "--privileges", "join")); err != nil {
		t.Fatal(err)
	}
	await(bob, func(e client.StreamRemoved) bool { return e.UID == "cat" })
	await(cat, func(client.PermkeyWillExpire) bool { return true })
	await(cat, func(client.PermkeyTimeout) bool { return true })
	if s := cat.State(); s != client.Disconnected {
		t.Errorf("cat is %s", s)
	}
	// Dan, whose key was for receiving, came back with the same rights.
	err = dan.Publish(dan.ctx, []client.LocalTrack{silence(t, dan)})
	if errcode.Of(err).Code != errcode.PublishRefused || errcode.Of(err).Reason != protocol.ReasonNoPublishAudio {
		t.Errorf("dan publishes: %v", err)
	}
	await(dan, func(e client.Failed) bool { return e.Name == protocol.ReasonNoPublishAudio })
}

// silence is a microphone that says nothing.
func silence(t *testing.T, u *user) client.LocalTrack {
	t.Helper()
	sound, err := webrtc.NewTrackLocalStaticSample(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus}, "mic-"+u.UID(), "camera")
	if err != nil {
		t.Fatal(err)
	}
	return client.LocalTrack{MediaType: protocol.MediaAudio, Track: nativemedia.Track{Local: sound}}
}
