package room

import (
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"nertc/internal/protocol"
)

// clock is a moderation whose time the test makes.
func clock() (*moderation, *time.Time) {
	m, now := newModeration(), time.Unix(1e9, 0)
	m.now = func() time.Time { return now }
	return m, &now
}

func TestBansEnd(t *testing.T) {
	m, now := clock()
	ann, elsewhere := user{"r", "ann"}, user{"s", "ann"}
	until := now.Add(time.Minute)
	if err := m.ban(ann, until); err != nil {
		t.Fatal(err)
	}
	if !m.banned(ann) || m.banned(elsewhere) || m.banned(user{"r", "ben"}) {
		t.Error("the wrong people are banned")
	}
	if got := m.bansOf("r"); !reflect.DeepEqual(got, []Ban{{UID: "ann", Until: until}}) {
		t.Errorf("bans are %v", got)
	}
	*now = until
	if m.banned(ann) || len(m.bansOf("r")) != 0 || m.unban(ann) {
		t.Error("a ban outlives its time")
	}
	if err := m.ban(ann, now.Add(time.Hour)); err != nil || !m.unban(ann) || m.banned(ann) || m.unban(ann) {
		t.Error("a ban is not lifted once")
	}
}

func TestOrdersAreBounded(t *testing.T) {
	m, now := clock()
	order := silence{on: true, until: now.Add(time.Minute)}
	mute := func(u user) error {
		_, err := m.mute(u, func(w *mute) { w.audio = order })
		return err
	}
	for i := range maxOrders {
		u := user{"r", fmt.Sprint(i + 1)}
		if err := errors.Join(m.ban(u, order.until), mute(u)); err != nil {
			t.Fatal(err)
		}
	}
	one, more := user{"r", "1"}, user{"r", "one more"}
	if err := m.ban(more, order.until); !errors.Is(err, ErrFull) {
		t.Errorf("one ban more: %v", err)
	}
	if err := mute(more); !errors.Is(err, ErrFull) {
		t.Errorf("one mute more: %v", err)
	}
	if err := errors.Join(m.ban(one, order.until), mute(one)); err != nil {
		t.Errorf("one that is there: %v", err)
	}
	*now = now.Add(time.Hour)
	order.until = now.Add(time.Minute)
	if err := errors.Join(m.ban(more, order.until), mute(more)); err != nil {
		t.Errorf("once the others are over: %v", err)
	}
	if len(m.bans) != 1 || len(m.mutes) != 1 {
		t.Errorf("%d bans and %d mutes are kept", len(m.bans), len(m.mutes))
	}
}

func TestMutesEndEachByItself(t *testing.T) {
	m, now := clock()
	ann := user{"r", "ann"}
	set := func(f func(*mute)) mute {
		t.Helper()
		w, err := m.mute(ann, f)
		if err != nil {
			t.Fatal(err)
		}
		return w
	}
	minute, hour := now.Add(time.Minute), now.Add(time.Hour)
	w := set(func(w *mute) { w.audio = silence{on: true, until: hour} })
	w = set(func(w *mute) { w.video = silence{on: true, until: minute} })
	if !w.next().Equal(minute) {
		t.Errorf("the next end is %v", w.next())
	}
	for typ, held := range map[protocol.MediaType]bool{
		protocol.MediaAudio: true, protocol.MediaAudioSlave: true, protocol.MediaVideo: true, protocol.MediaScreen: true,
	} {
		if w.holds(typ) != held {
			t.Errorf("%s is held: %v", typ, !held)
		}
	}
	*now = minute
	w = m.muted(ann)
	if !w.audio.on || w.video.on || !w.next().Equal(hour) || w.holds(protocol.MediaScreen) {
		t.Errorf("after a minute: %+v", w)
	}
	// Without an end: until the room is empty, while what has one stays.
	set(func(w *mute) { w.video = silence{on: true} })
	m.emptied("another")
	if w = m.muted(ann); !w.video.on {
		t.Errorf("another room is empty: %+v", w)
	}
	m.emptied("r")
	if w = m.muted(ann); !w.audio.on || w.video.on {
		t.Errorf("the room is empty: %+v", w)
	}
	set(func(w *mute) { w.audio = silence{} })
	if len(m.mutes) != 0 {
		t.Error("a mute of nothing is kept")
	}
}
