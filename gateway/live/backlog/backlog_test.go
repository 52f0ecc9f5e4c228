package backlog_test

import (
	"reflect"
	"testing"
	"time"

	"nertc/gateway/live/backlog"
	"nertc/gateway/live/flv"
)

const ms = time.Millisecond

func picture(at time.Duration, key bool) flv.Packet {
	return flv.Packet{Kind: flv.Video, Key: key, DTS: at, PTS: at, Data: []byte{1}}
}

func config(kind flv.Kind, b byte) flv.Packet {
	return flv.Packet{Kind: kind, Config: true, Data: []byte{b}}
}

// all takes what there is, told by letters: m for a description, v and a for configs, K and p for pictures, s for sound.
func all(q *backlog.Backlog) (said string, times []time.Duration) {
	for {
		i, ok := q.Take()
		if !ok {
			return said, times
		}
		letter := "p"
		switch {
		case i.Meta != nil:
			letter = "m"
		case i.Config && i.Kind == flv.Audio:
			letter = "a"
		case i.Config:
			letter = "v"
		case i.Kind == flv.Audio:
			letter = "s"
		case i.Key:
			letter = "K"
		}
		said += letter
		if !i.Config && i.Meta == nil {
			times = append(times, i.DTS)
		}
	}
}

func TestItBeginsWithAKeyFrame(t *testing.T) {
	q := backlog.New(flv.Meta{})
	q.Put(config(flv.Video, 1))
	q.Put(config(flv.Audio, 2))
	q.Put(picture(0, true)) // nobody to send it to
	q.Begin()
	q.Put(picture(40*ms, false))
	q.Put(flv.Packet{Kind: flv.Audio, DTS: 60 * ms, Data: []byte{1}})
	q.Put(picture(80*ms, true))
	q.Put(flv.Packet{Kind: flv.Audio, DTS: 90 * ms, Data: []byte{1}})
	q.Describe(flv.Meta{Width: 2})
	q.Put(config(flv.Video, 3))
	q.Put(picture(120*ms, true))
	if said, times := all(q); said != "mvaKsmvK" || !reflect.DeepEqual(times, []time.Duration{80 * ms, 90 * ms, 120 * ms}) {
		t.Errorf("%s at %v", said, times)
	}
	q.End()
	q.Put(picture(160*ms, true))
	if said, _ := all(q); said != "" {
		t.Errorf("after the end: %s", said)
	}
	// Another beginning knows the newest configs.
	q.Begin()
	q.Put(picture(200*ms, true))
	if i, _ := q.Take(); i.Meta == nil || i.Meta.Width != 2 {
		t.Errorf("it begins with %+v", i)
	}
	if i, _ := q.Take(); i.Data[0] != 3 {
		t.Errorf("then comes %+v", i)
	}
}

func TestAFullOneGoesOnWithItsNewestKeyFrame(t *testing.T) {
	q := backlog.New(flv.Meta{})
	q.Put(config(flv.Video, 1))
	q.Begin()
	for at := time.Duration(0); at <= 3040*ms; at += 40 * ms {
		q.Put(picture(at, at%(2*time.Second) == 0))
	}
	said, times := all(q)
	if said[:3] != "mvK" || times[0] != 2*time.Second || times[len(times)-1] != 3040*ms {
		t.Errorf("%s at %v", said, times)
	}
	if n := q.Dropped(); n != 50 {
		t.Errorf("%d were left out, want the 50 before 2 s", n)
	}
}

func TestAFullOneWithoutAKeyFrameWaitsForOne(t *testing.T) {
	for name, more := range map[string]func(*backlog.Backlog, time.Duration){
		"none in sight": func(*backlog.Backlog, time.Duration) {},
		// What stands behind the newest key frame is already of another picture.
		"a picture of another size is to come": func(q *backlog.Backlog, at time.Duration) {
			switch at {
			case 2 * time.Second:
				q.Put(picture(at, true))
			case 3 * time.Second:
				q.Put(config(flv.Video, 9))
			}
		},
		"too many bytes": func(q *backlog.Backlog, at time.Duration) {
			if at == time.Second {
				q.Put(flv.Packet{Kind: flv.Video, DTS: at, Data: make([]byte, 9<<20)})
			}
		},
	} {
		q := backlog.New(flv.Meta{})
		q.Put(config(flv.Video, 1))
		q.Begin()
		q.Put(picture(0, true))
		for at := 40 * ms; at < 3080*ms; at += 40 * ms {
			q.Put(picture(at, false))
			more(q, at)
		}
		if said, _ := all(q); said != "" {
			t.Errorf("%s: it goes on with %s", name, said)
		}
		q.Put(picture(4*time.Second, false))
		q.Put(picture(5*time.Second, true))
		if said, times := all(q); said != "mvK" || times[0] != 5*time.Second {
			t.Errorf("%s: then comes %s at %v", name, said, times)
		}
	}
}

func TestWithoutAPictureItBeginsWithSound(t *testing.T) {
	q := backlog.New(flv.Meta{NoPicture: true})
	sound := func(at time.Duration) flv.Packet { return flv.Packet{Kind: flv.Audio, DTS: at, Data: []byte{1}} }
	q.Begin()
	q.Put(sound(0))             // nobody can decode it
	q.Put(config(flv.Video, 1)) // of a picture that there was before
	q.Put(config(flv.Audio, 2))
	q.Put(sound(20 * ms))
	q.Put(sound(40 * ms))
	q.Describe(flv.Meta{Width: 2})
	q.Put(config(flv.Video, 3))
	q.Put(picture(60*ms, true))
	if said, times := all(q); said != "massmvK" || times[0] != 20*ms {
		t.Errorf("%s at %v", said, times)
	}
}
