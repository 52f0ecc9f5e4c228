package client_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"nertc/internal/client"
	"nertc/internal/media"
	"nertc/internal/media/mediatest"
	"nertc/internal/protocol"
)

// ears is a peer connection that hears a tone on every section. Each time it is asked,
// another second has gone by.
type ears struct {
	*mediatest.Peer

	mu         sync.Mutex
	amplitudes map[string]float64 // by mid
	accounts   map[string]media.Sound
	asked      int
	deaf       bool
}

func (e *ears) Report(context.Context) (media.Report, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.asked++
	if e.deaf {
		return media.Report{}, errors.New("no statistics")
	}
	r := media.Report{Time: time.Now()}
	for mid, a := range e.amplitudes {
		s := e.accounts[mid]
		e.accounts[mid] = media.Sound{Energy: s.Energy + a*a, Duration: s.Duration + 1}
		r.Stats = append(r.Stats, media.Stat{
			ID: "in" + mid, Type: media.StatInbound, Kind: media.Audio, MID: mid,
			TotalAudioEnergy: e.accounts[mid].Energy, TotalSamplesDuration: e.accounts[mid].Duration,
		})
	}
	return r, nil
}

func (e *ears) questions() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.asked
}

// listen makes a world whose client hears, and gives its volumes as lines.
func listen(t *testing.T, amplitudes map[string]float64) (*world, *ears, <-chan string) {
	e := &ears{Peer: &mediatest.Peer{}, amplitudes: amplitudes, accounts: map[string]media.Sound{}}
	volumes := make(chan string, 1024)
	var w *world
	w = newWorld(t, func(o *client.Options) {
		o.Volumes = 5 * time.Millisecond
		o.NewPeer = func(observer media.Observer) (media.PeerConnection, error) {
			_, err := e.Factory(observer)
			return e, err
		}
		handle := o.Handle
		o.Handle = func(event client.Event) {
			switch event.(type) {
			case client.Volumes:
			case client.NetworkQuality, client.Exception:
				return
			default:
				handle(event)
				return
			}
			v := event.(client.Volumes)
			var lines []string
			for _, l := range v.Levels {
				lines = append(lines, fmt.Sprintf("%s %s %v", l.UID, l.MediaType, l.Level))
			}
			slices.Sort(lines)
			volumes <- strings.Join(lines, ", ")
		}
	})
	return w, e, volumes
}

// comes waits until the volumes are so.
func comes(t *testing.T, w *world, volumes <-chan string, want string) {
	t.Helper()
	var seen []string
	for {
		select {
		case got := <-volumes:
			if got == want {
				return
			}
			seen = append(seen, got)
		case <-w.ctx.Done():
			t.Fatalf("%q never came, but %q", want, seen)
		}
	}
}

// receive subscribes to all of a member; track by track it arrives on these sections.
func (w *world) receive(uid string, mids map[string]string) {
	w.t.Helper()
	done := make(chan error, 1)
	go func() { done <- w.c.Subscribe(w.ctx, uid, protocol.MediaTypes[:]...) }()
	m := w.request(protocol.TypeSubscribe, nil)
	w.pipe.Say(protocol.TypeOK, m.ID, nil)
	w.pipe.Say(protocol.TypeSections, 0, protocol.Sections{Audio: 1})
	m = w.request(protocol.TypeOffer, nil)
	w.pipe.Say(protocol.TypeAnswer, m.ID, protocol.Answer{Mids: mids})
	if err := <-done; err != nil {
		w.t.Fatal(err)
	}
}

func TestVolumes(t *testing.T) {
	w, _, volumes := listen(t, map[string]float64{"0": 0.5, "1": 0.25, "2": 1})
	w.join(protocol.Member{UID: "2", Tracks: []protocol.Track{
		{ID: "a", MediaType: protocol.MediaAudio}, {ID: "s", MediaType: protocol.MediaAudioSlave},
		{ID: "v", MediaType: protocol.MediaVideo},
	}})
	w.expect("PeerOnline{2}", "StreamAdded{2 audio}", "StreamAdded{2 audioSlave}", "StreamAdded{2 video}")
	comes(t, w, volumes, "") // told from the beginning
	w.receive("2", map[string]string{"0": "a", "1": "s", "2": "v"})
	comes(t, w, volumes, "2 audio 50, 2 audioSlave 25")

	w.pipe.Say(protocol.TypeTrackUpdated, 0, protocol.TrackEvent{UID: "2", Track: protocol.Track{ID: "a", MediaType: protocol.MediaAudio, Muted: true}})
	comes(t, w, volumes, "2 audioSlave 25")
	w.pipe.Say(protocol.TypeTrackUpdated, 0, protocol.TrackEvent{UID: "2", Track: protocol.Track{ID: "a", MediaType: protocol.MediaAudio}})
	comes(t, w, volumes, "2 audio 50, 2 audioSlave 25")

	// Nothing is to be heard any longer: that goes on to be told.
	w.pipe.Say(protocol.TypeMemberLeft, 0, protocol.MemberLeft{UID: "2"})
	for range 3 {
		comes(t, w, volumes, "")
	}
}

func TestVolumesEndWithTheRoom(t *testing.T) {
	w, e, volumes := listen(t, map[string]float64{"0": 0.5})
	w.join(protocol.Member{UID: "2", Tracks: []protocol.Track{{ID: "a", MediaType: protocol.MediaAudio}}})
	w.expect("PeerOnline{2}", "StreamAdded{2 audio}")
	w.receive("2", map[string]string{"0": "a"})
	comes(t, w, volumes, "2 audio 50")
	// Without statistics for a while nothing is told, and it goes on afterwards.
	e.mu.Lock()
	e.deaf = true
	e.mu.Unlock()
	for before := e.questions(); e.questions() < before+2; {
		time.Sleep(time.Millisecond)
	}
	e.mu.Lock()
	e.deaf = false
	e.mu.Unlock()
	comes(t, w, volumes, "2 audio 50")

	w.pipe.Say(protocol.TypeClosed, 0, protocol.Closed{Reason: protocol.CloseRoomClosed})
	w.expect("subscribed 2 audio on 0", "CONNECTED→DISCONNECTED", "ChannelClosed{}")
	asked := e.questions()
	time.Sleep(30 * time.Millisecond)
	if now := e.questions(); now > asked+1 {
		t.Errorf("measured %d times after the end", now-asked)
	}
}

func TestVolumesAfterARejoin(t *testing.T) {
	w, _, volumes := listen(t, map[string]float64{"0": 0.5})
	bob := protocol.Member{UID: "2", Tracks: []protocol.Track{{ID: "a", MediaType: protocol.MediaAudio}}}
	w.join(bob)
	w.expect("PeerOnline{2}", "StreamAdded{2 audio}")
	w.receive("2", map[string]string{"0": "a"})
	comes(t, w, volumes, "2 audio 50")
	w.cut()
	w.connect()
	bob.Tracks[0].ID = "b"
	w.letIn(bob)
	m := w.request(protocol.TypeSubscribe, nil)
	comes(t, w, volumes, "") // nothing is received until the new track comes
	w.pipe.Say(protocol.TypeOK, m.ID, nil)
	w.pipe.Say(protocol.TypeSections, 0, protocol.Sections{Audio: 1})
	m = w.request(protocol.TypeOffer, nil)
	w.pipe.Say(protocol.TypeAnswer, m.ID, protocol.Answer{Mids: map[string]string{"0": "b"}})
	comes(t, w, volumes, "2 audio 50")
}
