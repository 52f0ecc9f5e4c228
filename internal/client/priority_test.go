package client_test

import (
	"context"
	"fmt"
	"math"
	"testing"
	"time"

	"nertc/internal/client"
	"nertc/internal/errcode"
	"nertc/internal/media"
	"nertc/internal/media/mediatest"
	"nertc/internal/protocol"
)

func TestPriorityIsAskedForWithTheJoin(t *testing.T) {
	w := newWorld(t)
	for _, bad := range []int{0, 49, 75, 101, -50} {
		if err := w.c.SetPriority(bad, false); code(err) != errcode.InvalidPriority {
			t.Errorf("%d: %v", bad, err)
		}
	}
	must(t, w.c.SetPriority(client.PriorityHigh, true))
	if j := w.joinWith(); !j.HighPriority || !j.Preempt {
		t.Fatalf("%+v", j)
	}
	if err := w.c.SetPriority(client.PriorityNormal, false); code(err) != errcode.InvalidOperation {
		t.Fatal(err)
	}
	w.say(protocol.TypePriority, protocol.Priority{UID: "1"})
	w.say(protocol.TypeMemberJoined, member("2"))
	w.expect("PeerOnline{2}")

	// Who comes back takes it from nobody, and who has lost it does not ask again.
	if j := w.rejoin(w.cut); !j.HighPriority || j.Preempt {
		t.Fatalf("%+v", j)
	}
	w.say(protocol.TypePriority, protocol.Priority{UID: "1"})
	w.say(protocol.TypePriority, protocol.Priority{UID: "2"})
	w.say(protocol.TypeMemberJoined, member("3"))
	w.expect("PeerOnline{3}")
	if j := w.rejoin(w.cut); j.HighPriority || j.Preempt {
		t.Fatalf("%+v", j)
	}
}

// On a way that loses packets the others' pictures go before that of the user with the priority.
func TestTheWayHereBearsThePriority(t *testing.T) {
	lost := 0.0
	stats := func(n float64) []media.Stat {
		return []media.Stat{
			{ID: "v2", Type: media.StatInbound, Kind: media.Video, MID: "4", PacketsReceived: 100 * n, PacketsLost: lost * n, FramesDecoded: 15 * n, FrameWidth: 640, FrameHeight: 480},
			{ID: "v3", Type: media.StatInbound, Kind: media.Video, MID: "5", PacketsReceived: 100 * n, PacketsLost: lost * n, FramesDecoded: 15 * n, FrameWidth: 640, FrameHeight: 480},
		}
	}
	w, m, _, _ := measured(t, stats)
	picture := func(uid, id string) protocol.Member {
		return protocol.Member{UID: uid, Tracks: []protocol.Track{{ID: id, MediaType: protocol.MediaVideo, Width: 640, Height: 480}}}
	}
	w.join(picture("2", "v2"), picture("3", "v3"))
	w.say(protocol.TypePriority, protocol.Priority{UID: "3"})
	w.expect("PeerOnline{2}", "StreamAdded{2 video}", "PeerOnline{3}", "StreamAdded{3 video}")
	w.receive("2", map[string]string{"4": "v2"})
	w.receive("3", map[string]string{"4": "v2", "5": "v3"})
	m.set(func(n float64) []media.Stat { // not before: what is wished then would come between
		lost = 30
		return stats(n)
	})
	w.wishes("v2", protocol.QualityOff)
	w.wishes("v3", protocol.QualityLow)
	w.wishes("v3", protocol.QualityOff)
}

// Where the server has made the picture of the user with the priority small, it is asked for anew once the others are off.
func TestThePictureOfThePriorityIsAskedForAnew(t *testing.T) {
	w, _, _, _ := measured(t, func(n float64) []media.Stat {
		width := 640.0
		if n > 3 {
			width = 240
		}
		return []media.Stat{
			{ID: "v2", Type: media.StatInbound, Kind: media.Video, MID: "4", PacketsReceived: 100 * n, FramesDecoded: 15 * n, FrameWidth: 640, FrameHeight: 480},
			{ID: "v3", Type: media.StatInbound, Kind: media.Video, MID: "5", PacketsReceived: 100 * n, FramesDecoded: 15 * n, FrameWidth: width, FrameHeight: width * 3 / 4},
		}
	})
	picture := func(uid, id string) protocol.Member {
		return protocol.Member{UID: uid, Tracks: []protocol.Track{{ID: id, MediaType: protocol.MediaVideo, Width: 640, Height: 480}}}
	}
	w.join(picture("2", "v2"), picture("3", "v3"))
	w.say(protocol.TypePriority, protocol.Priority{UID: "3"})
	w.expect("PeerOnline{2}", "StreamAdded{2 video}", "PeerOnline{3}", "StreamAdded{3 video}")
	w.receive("2", map[string]string{"4": "v2"})
	w.receive("3", map[string]string{"4": "v2", "5": "v3"})
	w.wishes("v2", protocol.QualityLow)
	w.wishes("v2", protocol.QualityOff)
	w.wishes("v3", protocol.QualityOff)
	w.wishes("v3", protocol.QualityHigh)
}

// glancer is a meter that can be glanced at; each time a tenth of a second has gone by since the last.
type glancer struct {
	*meter
	glances func(n float64) []media.Stat
	seen    float64
}

func (g *glancer) Glance(_ context.Context, t media.RemoteTrack) (media.Report, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.seen++
	if t.MID() != "5" {
		return media.Report{}, fmt.Errorf("not the picture of the priority but %s", t.MID())
	}
	return media.Report{Stats: g.glances(g.seen)}, nil
}

func (g *glancer) now() time.Time {
	at := g.meter.now()
	g.mu.Lock()
	defer g.mu.Unlock()
	return at.Add(time.Duration(g.seen) * time.Second / 10)
}

// Where the browser sees the queue grow the others' pictures go at once, without a loss; and nothing is looked at that
// closely where there is no priority.
func TestTheWayIsGlancedAtForThePriority(t *testing.T) {
	picture := func(n float64) []media.Stat {
		return []media.Stat{
			{ID: "v2", Type: media.StatInbound, Kind: media.Video, MID: "4", PacketsReceived: 100 * n, FramesDecoded: 15 * n, FrameWidth: 640, FrameHeight: 480},
			{ID: "v3", Type: media.StatInbound, Kind: media.Video, MID: "5", PacketsReceived: 100 * n, FramesDecoded: 15 * n, FrameWidth: 640, FrameHeight: 480},
		}
	}
	g := &glancer{meter: &meter{Peer: &mediatest.Peer{}, stats: picture}, glances: func(n float64) []media.Stat {
		available := 5e6
		if n > 20 { // falls on and on: a report that comes between two glances takes a second, and with it a single fall
			available *= math.Pow(0.9, n-20)
		}
		return []media.Stat{
			{ID: "v3", Type: media.StatInbound, Kind: media.Video, PacketsReceived: 10 * n, FramesDecoded: 1.5 * n},
			{ID: "P", Type: media.StatCandidatePair, Nominated: true, BytesReceived: 25_000 * n, AvailableIncomingBitrate: available},
		}
	}}
	w := newWorld(t, func(o *client.Options) {
		o.Volumes, o.Now, o.Wake = 20*time.Millisecond, g.now, time.Hour // whose clock runs as after a sleep
		o.NewPeer = func(observer media.Observer) (media.PeerConnection, error) {
			_, err := g.Factory(observer)
			return g, err
		}
		handle := o.Handle
		o.Handle = func(event client.Event) {
			switch event.(type) {
			case client.Volumes, client.NetworkQuality, client.Exception:
			default:
				handle(event)
			}
		}
	})
	member := func(uid, id string) protocol.Member {
		return protocol.Member{UID: uid, Tracks: []protocol.Track{{ID: id, MediaType: protocol.MediaVideo, Width: 640, Height: 480}}}
	}
	w.join(member("2", "v2"), member("3", "v3"))
	w.expect("PeerOnline{2}", "StreamAdded{2 video}", "PeerOnline{3}", "StreamAdded{3 video}")
	w.receive("2", map[string]string{"4": "v2"})
	w.receive("3", map[string]string{"4": "v2", "5": "v3"})
	time.Sleep(100 * time.Millisecond)
	g.mu.Lock()
	if g.seen > 0 {
		t.Error("glances without a priority")
	}
	g.mu.Unlock()
	w.say(protocol.TypePriority, protocol.Priority{UID: "3"})
	w.wishes("v2", protocol.QualityOff)
}
