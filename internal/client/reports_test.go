package client_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"nertc/internal/client"
	"nertc/internal/media"
	"nertc/internal/media/mediatest"
	"nertc/internal/protocol"
	"nertc/internal/quality"
	"nertc/internal/stats"
)

// meter is a peer connection whose statistics a test sets. Each time it is asked another second
// has gone by, for the clock that it gives the client too.
type meter struct {
	*mediatest.Peer

	mu    sync.Mutex
	n     float64
	stats func(n float64) []media.Stat
}

func (m *meter) Report(context.Context) (media.Report, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.n++
	return media.Report{Stats: m.stats(m.n)}, nil
}

// slow takes its time to answer, as browsers do.
type slow struct{ *meter }

func (m slow) Report(ctx context.Context) (media.Report, error) {
	report, err := m.meter.Report(ctx)
	time.Sleep(40 * time.Millisecond)
	return report, err
}

func (m *meter) now() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return time.Unix(1_700_000_000, 0).Add(time.Duration(m.n) * time.Second)
}

func (m *meter) set(f func(n float64) []media.Stat) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.stats = f
}

// measured makes a world with such statistics, and gives what network-quality and exception tell.
func measured(t *testing.T, f func(n float64) []media.Stat) (*world, *meter, <-chan client.NetworkQuality, <-chan client.Exception) {
	m := &meter{Peer: &mediatest.Peer{}, stats: f}
	qualities, exceptions := make(chan client.NetworkQuality, 4096), make(chan client.Exception, 64)
	w := newWorld(t, func(o *client.Options) {
		o.Volumes = 2 * time.Millisecond
		o.Now, o.Wake = m.now, time.Hour // whose clock runs as after a sleep
		o.NewPeer = func(observer media.Observer) (media.PeerConnection, error) {
			_, err := m.Factory(observer)
			return m, err
		}
		handle := o.Handle
		o.Handle = func(event client.Event) {
			switch e := event.(type) {
			case client.Volumes:
			case client.NetworkQuality:
				qualities <- e
			case client.Exception:
				exceptions <- e
			default:
				handle(event)
			}
		}
	})
	return w, m, qualities, exceptions
}

// judged waits until network-quality says this of a user.
func judged(t *testing.T, w *world, qualities <-chan client.NetworkQuality, want client.UserQuality) {
	t.Helper()
	var last client.NetworkQuality
	for {
		select {
		case last = <-qualities:
			if slices.Contains(last.Users, want) {
				return
			}
		case <-w.ctx.Done():
			t.Fatalf("%+v never came, but at last %+v", want, last)
		}
	}
}

func pair(rtt float64) media.Stat {
	return media.Stat{ID: "P", Type: media.StatCandidatePair, Nominated: true, CurrentRoundTripTime: rtt}
}

func TestNetworkQuality(t *testing.T) {
	w, m, qualities, _ := measured(t, func(float64) []media.Stat { return []media.Stat{pair(0.02)} })
	w.join(protocol.Member{UID: "2"})
	w.expect("PeerOnline{2}")
	judged(t, w, qualities, client.UserQuality{UID: "1", Uplink: quality.Excellent, Downlink: quality.Excellent})
	m.set(func(float64) []media.Stat { return []media.Stat{pair(0.6)} })
	judged(t, w, qualities, client.UserQuality{UID: "1", Uplink: quality.Bad, Downlink: quality.Bad})
	judged(t, w, qualities, client.UserQuality{UID: "2"}) // nobody knows of it yet
	w.pipe.Say(protocol.TypeMemberQuality, 0, protocol.MemberQuality{UID: "2", Level: 4})
	w.pipe.Say(protocol.TypeMemberQuality, 0, protocol.MemberQuality{UID: "3", Level: 1})  // who is that
	w.pipe.Say(protocol.TypeMemberQuality, 0, protocol.MemberQuality{UID: "2", Level: 77}) // there is no such level
	judged(t, w, qualities, client.UserQuality{UID: "2", Uplink: quality.Bad, Downlink: quality.Bad})
	m.set(func(n float64) []media.Stat {
		return []media.Stat{pair(0.02), {ID: "I", Type: media.StatInbound, MID: "5", PacketsReceived: 90 * n, PacketsLost: 10 * n}}
	})
	judged(t, w, qualities, client.UserQuality{UID: "1", Uplink: quality.Excellent, Downlink: quality.Bad})

	w.pipe.Say(protocol.TypeClosed, 0, protocol.Closed{Reason: protocol.CloseRoomClosed})
	w.expect("CONNECTED→DISCONNECTED", "ChannelClosed{}")
}

// What nobody follows is read half as often, as long as nothing is wrong.
func TestReportsThatNobodyFollows(t *testing.T) {
	for _, c := range []struct {
		name    string
		watched bool
		rtt     float64
		asks    bool
		every   time.Duration
	}{
		{"nobody", false, 0.02, false, 2 * time.Second},
		{"somebody", true, 0.02, false, time.Second},
		{"a bad way", false, 0.6, false, time.Second},
		{"a getter", false, 0.02, true, time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var reports []time.Time
				var w *world
				m := &meter{Peer: &mediatest.Peer{}}
				m.stats = func(float64) []media.Stat {
					reports = append(reports, time.Now())
					return []media.Stat{pair(c.rtt)}
				}
				w = newWorld(t, func(o *client.Options) {
					o.Volumes, o.Watched = time.Second, func() bool { return c.watched }
					o.NewPeer = func(observer media.Observer) (media.PeerConnection, error) {
						_, err := m.Factory(observer)
						return slow{m}, err
					}
				})
				w.join()
				for range 30 {
					time.Sleep(time.Second)
					if c.asks {
						w.c.SessionStats()
					}
				}
				synctest.Wait()
				n := len(reports)
				if got := reports[n-1].Sub(reports[n-2]); got != c.every {
					t.Errorf("%v between two reports; want %v", got, c.every)
				}
			})
		})
	}
}

func TestQualityWhileRejoining(t *testing.T) {
	w, m, qualities, _ := measured(t, func(float64) []media.Stat { return []media.Stat{pair(0.02)} })
	w.join()
	judged(t, w, qualities, client.UserQuality{UID: "1", Uplink: quality.Excellent, Downlink: quality.Excellent})
	before := w.c.SessionStats().Duration
	w.cut()
	judged(t, w, qualities, client.UserQuality{UID: "1", Uplink: quality.Down, Downlink: quality.Down})
	w.connect()
	w.letIn()
	judged(t, w, qualities, client.UserQuality{UID: "1", Uplink: quality.Down, Downlink: quality.Down}) // in the room, but no media yet
	m.Observer.State(media.StateConnected)
	judged(t, w, qualities, client.UserQuality{UID: "1", Uplink: quality.Excellent, Downlink: quality.Excellent})
	if after := w.c.SessionStats().Duration; after < before {
		t.Errorf("the stay lasted %d s, and after a rejoin %d s", before, after)
	}
}

// While the connection is restored nothing passes, and the statistics say so; what they add up goes on behind it.
func TestStatisticsWhileRejoining(t *testing.T) {
	w, _, qualities, _ := measured(t, func(n float64) []media.Stat {
		return []media.Stat{
			pair(0.02), {ID: "T", Type: media.StatTransport, BytesSent: 1000 * n, BytesReceived: 20_000 * n},
			{ID: "V", Type: media.StatInbound, Kind: media.Video, MID: "2", PacketsReceived: 100 * n, BytesReceived: 10_000 * n, FramesDecoded: 25 * n},
		}
	})
	ann := func(track string) protocol.Member {
		return protocol.Member{UID: "2", Tracks: []protocol.Track{{ID: track, MediaType: protocol.MediaVideo}}}
	}
	w.join(ann("v"))
	w.expect("PeerOnline{2}", "StreamAdded{2 video}")
	w.receive("2", map[string]string{"2": "v"})
	w.expect("subscribed 2 video on 2")
	playing := func(atLeast float64) (v stats.RemoteVideo) {
		for v.TotalPlayDuration < atLeast || v.RenderFrameRate == 0 {
			if w.ctx.Err() != nil {
				t.Fatalf("it never plays for %v s: %+v", atLeast, v)
			}
			time.Sleep(time.Millisecond)
			v = w.c.RemoteVideoStats(protocol.MediaVideo)["2"]
		}
		return v
	}
	played := playing(3).TotalPlayDuration
	w.cut()
	w.expect("CONNECTED→CONNECTING again")
	judged(t, w, qualities, client.UserQuality{UID: "1", Uplink: quality.Down, Downlink: quality.Down})
	lost := w.c.SessionStats()
	if lost.RecvBitrate != 0 || lost.SendBitrate != 0 || lost.RecvBytes == 0 || lost.UserCount != 2 {
		t.Errorf("while nothing passes: %+v", lost)
	}
	if v := w.c.RemoteVideoStats(protocol.MediaVideo)["2"]; v.RecvBitrate != 0 || v.RenderFrameRate != 0 || v.TotalPlayDuration < played {
		t.Errorf("while nothing passes: %+v", v)
	}
	played = w.c.RemoteVideoStats(protocol.MediaVideo)["2"].TotalPlayDuration
	w.rejoinsSeeing(ann("v2"))
	playing(played + 1)
	if s := w.c.SessionStats(); s.RecvBytes <= lost.RecvBytes || s.Duration < lost.Duration {
		t.Errorf("%+v, and after the rejoin %+v", lost, s)
	}
}

// rejoinsSeeing lets the client in again, where ann sends another camera; it takes that up on the section of the former one.
func (w *world) rejoinsSeeing(ann protocol.Member) {
	w.t.Helper()
	w.connect()
	w.letIn(ann)
	w.expect("CONNECTING→CONNECTED again")
	m := w.request(protocol.TypeSubscribe, nil)
	w.pipe.Say(protocol.TypeOK, m.ID, nil)
	w.pipe.Say(protocol.TypeSections, 0, protocol.Sections{})
	m = w.request(protocol.TypeOffer, nil)
	w.pipe.Say(protocol.TypeAnswer, m.ID, protocol.Answer{Mids: map[string]string{"2": ann.Tracks[0].ID}})
	w.expect("replaced 2 video on 2")
}

func TestExceptions(t *testing.T) {
	broken := func(n float64) []media.Stat {
		return []media.Stat{pair(0.02), {ID: "V", Type: media.StatInbound, Kind: media.Video, MID: "2", PacketsReceived: 100 * n}}
	}
	w, m, _, exceptions := measured(t, broken)
	w.join(protocol.Member{UID: "2", Tracks: []protocol.Track{{ID: "v", MediaType: protocol.MediaVideo}}})
	w.expect("PeerOnline{2}", "StreamAdded{2 video}")
	w.receive("2", map[string]string{"2": "v"})
	want := client.Exception{UID: "2", Kind: quality.VideoDecodeFailed}
	next := func() {
		t.Helper()
		select {
		case e := <-exceptions:
			if e != want {
				t.Errorf("got %+v, want %+v", e, want)
			}
		case <-w.ctx.Done():
			t.Fatal("no exception")
		}
	}
	next()
	m.set(func(n float64) []media.Stat {
		s := broken(n)
		s[1].FramesDecoded = 25 * n
		return s
	})
	for v := w.c.RemoteVideoStats(protocol.MediaVideo)["2"]; v.RenderFrameRate != 25; v = w.c.RemoteVideoStats(protocol.MediaVideo)["2"] {
		time.Sleep(time.Millisecond)
	}
	m.set(broken)
	next() // again, after it had recovered, and only then
}

func TestStatisticsOutsideRooms(t *testing.T) {
	w, _, _, _ := measured(t, func(float64) []media.Stat { return []media.Stat{pair(0.02)} })
	check := func(when string) {
		t.Helper()
		if s := w.c.SessionStats(); s != (stats.Session{}) {
			t.Errorf("%s: %+v", when, s)
		}
		if s := w.c.TransportStats(); s != (stats.Transport{NetworkType: "unknown"}) {
			t.Errorf("%s: %+v", when, s)
		}
		if n := len(w.c.LocalAudioStats()) + len(w.c.LocalVideoStats()) + len(w.c.RemoteAudioStats(protocol.MediaAudio)) + len(w.c.RemoteVideoStats(protocol.MediaVideo)); n != 0 {
			t.Errorf("%s: %d figures", when, n)
		}
	}
	check("before a join")
	w.join()
	for w.c.TransportStats().TxRtt != 20 {
		time.Sleep(time.Millisecond)
	}
	w.pipe.Say(protocol.TypeClosed, 0, protocol.Closed{Reason: protocol.CloseRoomClosed})
	w.expect("CONNECTED→DISCONNECTED", "ChannelClosed{}")
	check("after a stay")
}
