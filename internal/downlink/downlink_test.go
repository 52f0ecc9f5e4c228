package downlink

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"nertc/internal/protocol"
)

// link is a narrow way to a receiver with some pictures. Each second it brings what fits.
type link struct {
	t       *testing.T
	p       Policy
	now     time.Time
	streams []Stream
	rtt     time.Duration
	story   []string
}

const (
	high, low, off = protocol.QualityHigh, protocol.QualityLow, protocol.QualityOff
)

func newLink(t *testing.T, protected string, uids ...string) *link {
	l := &link{t: t, now: time.Unix(1_700_000_000, 0)}
	for _, uid := range uids {
		l.streams = append(l.streams,
			Stream{Key: Key{uid, protocol.MediaAudio}},
			Stream{Key: Key{uid, protocol.MediaVideo}, Picture: true, Wanted: high, Protected: uid == protected, Side: 640, FullSide: 640})
	}
	return l
}

// second lets one go by in which the streams are changed by f after all went well.
func (l *link) second(f func(s *Stream)) {
	l.now = l.now.Add(time.Second)
	for i := range l.streams {
		s := &l.streams[i]
		q := l.p.Verdict(s.Key)
		s.Received += 50
		if s.Picture {
			if q != off {
				s.Decoded += 15
			}
			if s.Side = 640; q == low {
				s.Side = 240
			}
		}
		if f != nil {
			f(s)
		}
	}
	if l.p.Update(l.now, l.streams, l.rtt) {
		l.story = append(l.story, l.verdicts())
	}
}

// verdicts are those of the pictures, in the order of the streams.
func (l *link) verdicts() string {
	var out []string
	for _, s := range l.streams {
		if s.Picture {
			out = append(out, string(l.p.Verdict(s.Key)))
		}
	}
	return strings.Join(out, " ")
}

func (l *link) seconds(n int, f func(s *Stream)) {
	for range n {
		l.second(f)
	}
}

// until lets seconds go by until the verdicts are these.
func (l *link) until(want string, limit int, f func(s *Stream)) int {
	l.t.Helper()
	for n := range limit {
		if l.verdicts() == want {
			return n
		}
		l.second(f)
	}
	l.t.Fatalf("never %q but %q", want, l.story)
	return 0
}

func (l *link) told(want ...string) {
	l.t.Helper()
	if !slices.Equal(l.story, want) {
		l.t.Fatalf("told %s", fmt.Sprintf("%q", l.story))
	}
	l.story = nil
}

func loses(s *Stream) { s.Lost += 20 }

// freezes is a loss of some, and a picture that is not protected suffers from it.
func freezes(s *Stream) {
	s.Lost += 3
	if s.Picture && s.UID == "2" {
		s.Freezes++
	}
}

func TestAllIsWell(t *testing.T) {
	l := newLink(t, "", "2", "3")
	l.seconds(120, nil)
	l.told()
}

func TestOneBadSecondHappens(t *testing.T) {
	l := newLink(t, "", "2", "3")
	for range 5 {
		l.seconds(3, nil)
		l.second(loses)
	}
	l.seconds(3, nil)
	// A sender that stands still by itself is not the way to here.
	l.seconds(20, func(s *Stream) {
		if s.Picture && s.UID == "2" {
			s.Decoded -= 15
			s.Received -= 50
		}
	})
	l.told()
}

func TestLoweredPausedToSoundAloneAndBack(t *testing.T) {
	l := newLink(t, "", "2", "3", "4")
	l.seconds(3, nil)
	l.until("off off off", 30, loses)
	l.told("low low low", "off off low", "off off off")
	l.seconds(20, loses)
	l.told() // sound stays, there is nothing more to take
	l.until("high high high", 120, nil)
	l.told("off off low", "off low low", "low low low", "low low high", "low high high", "high high high")
}

func TestSomeLossTakesNoPictureAway(t *testing.T) {
	l := newLink(t, "", "2", "3", "4")
	l.seconds(3, nil)
	l.until("low low low", 10, freezes)
	l.seconds(60, freezes)
	l.told("low low low")
	l.until("off off low", 10, loses)
}

func TestSomeLossOfAQueueDoes(t *testing.T) {
	l := newLink(t, "", "2", "3", "4")
	l.rtt = 120 * time.Millisecond
	l.seconds(3, nil)
	l.until("low low low", 10, freezes)
	l.rtt = 150 * time.Millisecond
	l.seconds(20, freezes)
	l.told("low low low")
	l.rtt = 180 * time.Millisecond
	l.until("off off low", 10, freezes)
}

func TestOthersGoBeforeTheProtected(t *testing.T) {
	l := newLink(t, "3", "2", "3", "4")
	l.seconds(3, nil)
	if n := l.until("low high low", 10, freezes); n != 1 {
		t.Errorf("lowered after %d seconds", n)
	}
	if n := l.until("off high off", 10, freezes); n != 1 {
		t.Errorf("switched off after %d seconds more", n)
	}
	l.until("off off off", 60, loses)
	l.told("low high low", "off high off", "off low off", "off off off")
	l.until("high high high", 300, nil)
	l.told("off low off", "off high off", "off high low", "low high low", "low high high", "high high high")
}

func TestAProtectedPictureDoesNotWaitWhereMuchIsLost(t *testing.T) {
	l := newLink(t, "3", "2", "3", "4")
	l.seconds(3, nil)
	l.second(loses)
	l.told("off high off")
	// What is on its way still does it no harm.
	l.second(loses)
	l.second(loses)
	l.seconds(10, nil)
	l.told()
}

// What the engine does not give back by itself is asked for anew, now and then.
func TestAProtectedPictureIsAskedForAnew(t *testing.T) {
	l := newLink(t, "3", "2", "3")
	l.seconds(3, nil)
	l.second(loses)
	small := func(s *Stream) {
		if s.UID == "3" && s.Picture {
			s.Side = 240
		}
	}
	var asked []int
	for n := range 9 {
		l.second(small)
		if keys := l.p.Renew(); len(keys) > 0 {
			asked = append(asked, n)
			if !slices.Equal(keys, []Key{{"3", protocol.MediaVideo}}) {
				t.Fatal(keys)
			}
		}
	}
	if !slices.Equal(asked, []int{0, 4, 8}) {
		t.Errorf("asked anew after %v seconds", asked)
	}
	l.second(nil)
	if len(l.p.Renew()) > 0 {
		t.Error("asked anew for what is large")
	}
}

func TestWhatDoesHarmIsTakenBackAndComesLater(t *testing.T) {
	l := newLink(t, "3", "2", "3")
	// The way bears the protected picture and no other.
	narrow := func(s *Stream) {
		if s.UID == "3" && s.Picture && l.p.Verdict(Key{"2", protocol.MediaVideo}) != off {
			s.Freezes++
		}
	}
	l.seconds(3, nil)
	l.until("off high", 20, narrow)
	l.told("low high", "off high")
	var gaps []int
	for range 5 {
		gaps = append(gaps, l.until("low high", 200, narrow))
		l.until("off high", 20, narrow)
	}
	if !slices.IsSorted(gaps) || gaps[0] > 25 || gaps[4] < 115 || gaps[4] > 130 {
		t.Errorf("tried again after %v seconds", gaps)
	}
	for _, v := range l.story {
		if v != "low high" && v != "off high" {
			t.Fatalf("told %q", l.story)
		}
	}
	// Once there is room it comes back, and the next time as soon as at first.
	l.until("high high", 200, nil)
	l.seconds(40, nil)
	l.until("off high", 20, narrow)
	if n := l.until("low high", 60, narrow); n > 25 {
		t.Errorf("tried again after %d seconds", n)
	}
}

// The engine lowers whom it likes when it has too little, without any loss.
func TestAProtectedPictureThatTheEngineLowers(t *testing.T) {
	l := newLink(t, "3", "2", "3")
	sinks := func(s *Stream) {
		if s.UID == "3" && s.Picture && l.p.Verdict(Key{"2", protocol.MediaVideo}) != off {
			s.Side = 240
		}
	}
	l.seconds(3, nil)
	l.until("off high", 20, sinks)
	l.told("low high", "off high")
}

func TestASenderThatSendsNoMoreIsNobodysFault(t *testing.T) {
	l := newLink(t, "3", "2", "3")
	small := func(s *Stream) {
		if s.UID == "3" && s.Picture {
			s.Side = 240
		}
	}
	l.seconds(3, nil)
	l.until("off high", 20, small)
	l.until("high high", 80, small)
	l.story = nil
	l.seconds(20, small)
	l.told()
	if now := l.verdicts(); now != "high high" {
		t.Error(now)
	}
}

func TestPausedByTheEngine(t *testing.T) {
	l := newLink(t, "", "2", "3")
	l.seconds(3, nil)
	l.until("low low", 10, func(s *Stream) { s.Paused = s.Picture && s.UID == "2" })
}

func TestWhoComesAndGoes(t *testing.T) {
	l := newLink(t, "", "2", "3")
	l.streams[1].Wanted = low // it has nothing to be lowered
	l.streams[1].FullSide = 240
	l.seconds(3, nil)
	l.until("high low", 10, loses)
	l.until("off low", 10, loses)
	l.streams = append(l.streams, Stream{Key: Key{"4", protocol.MediaVideo}, Picture: true, Wanted: high})
	l.second(loses)
	if now := l.verdicts(); now != "off low off" {
		t.Fatal(now)
	}
	// One that begins anew under the same name counts from its own beginning.
	l.streams[3].Received, l.streams[3].Decoded, l.streams[3].Lost = 0, 0, 0
	l.second(nil)
	l.streams = l.streams[:2]
	l.until("high", 60, nil)
	l.streams = nil
	l.second(nil)
}

func TestScreensAreKeptBeforeCameras(t *testing.T) {
	l := newLink(t, "", "2", "3")
	l.streams[1].Key.MediaType = protocol.MediaScreen
	l.seconds(3, nil)
	l.until("low off", 20, loses)
	l.told("low low", "low off")
}

// The engine begins with a low layer, and a browser may freeze once by itself.
func TestABeginningIsNotABadWay(t *testing.T) {
	l := newLink(t, "3", "2", "3")
	l.seconds(3, func(s *Stream) { s.Side = 240 })
	l.seconds(10, nil)
	l.second(func(s *Stream) { s.Freezes++ })
	l.seconds(10, nil)
	l.told()
}
