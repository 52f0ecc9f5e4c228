package downlink

import (
	"testing"
	"time"

	"nertc/internal/media"
	"nertc/internal/protocol"
)

// glanced is a link whose protected picture is glanced at ten times a second.
type glanced struct {
	*link
	in media.Incoming
}

func newGlanced(t *testing.T, uids ...string) *glanced {
	g := &glanced{link: newLink(t, uids[0], uids...)}
	g.in.Available = 6e6
	g.seconds(3, nil)
	g.glance(12, nil)
	return g
}

// glance lets n tenths of a second go by in each of which f changes what came: 25 kB, ten packets of a picture and a frame or two.
func (g *glanced) glance(n int, f func(in *media.Incoming)) {
	for range n {
		g.now = g.now.Add(100 * time.Millisecond)
		g.in.Bytes += 25_000
		g.in.Received += 10
		g.in.Decoded += 1.5
		if f != nil {
			f(&g.in)
		}
		if g.p.Glance(g.now, g.in) {
			g.story = append(g.story, g.verdicts())
		}
	}
}

func TestOthersGoWhenTheQueueBeginsToGrow(t *testing.T) {
	g := newGlanced(t, "1", "2", "3")
	g.glance(10, nil)
	g.glance(1, func(in *media.Incoming) { in.Available *= 0.98 }) // that is nothing
	g.told()
	g.glance(1, func(in *media.Incoming) { in.Available = 1.7e6 })
	g.told("high off off")
	g.glance(5, func(in *media.Incoming) { in.Available *= 0.9 }) // what it sees is what was before
	g.told()
	// The small pictures come back soon, one by one, the large ones later.
	g.seconds(7, nil)
	g.told()
	g.seconds(11, nil)
	g.told("high off low", "high low low")
	// What was too much goes again, and comes back later.
	g.glance(5, nil)
	g.glance(1, func(in *media.Incoming) { in.Available = 0.5e6 })
	g.told("high off low")
	g.seconds(35, nil)
	g.told()
	g.seconds(6, nil)
	g.told("high low low")
	// After a long time it is a new beginning.
	g.seconds(15, nil)
	g.glance(2, nil)
	g.glance(1, func(in *media.Incoming) { in.Available = 0.4e6 })
	g.told("high off off")
}

// One sign and nothing after it costs the others little.
func TestASignByMistake(t *testing.T) {
	g := newGlanced(t, "1", "2", "3")
	g.glance(1, func(in *media.Incoming) { in.Available = 1.7e6 })
	g.told("high off off")
	g.glance(10, nil)
	if n := g.until("high high high", 60, nil); n > 45 {
		t.Errorf("all have what they had after %d seconds", n)
	}
}

// Pictures begin with key frames, which make a queue for a moment.
func TestABeginningIsNoSign(t *testing.T) {
	g := newGlanced(t, "1", "2")
	g.streams = append(g.streams, Stream{Key: Key{"3", protocol.MediaVideo}, Picture: true, Wanted: high, Side: 640, FullSide: 640})
	g.second(nil)
	g.glance(5, nil)
	g.glance(1, func(in *media.Incoming) { in.Available = 3e6 })
	g.told()
	g.glance(25, nil)
	g.glance(1, func(in *media.Incoming) { in.Available = 1.7e6 })
	g.told("high off off")
}

// A queue that does not go is none of a beginning's.
func TestAWayThatIsNarrowFromTheBeginning(t *testing.T) {
	for name, c := range map[string]struct {
		then func(in *media.Incoming)
		soon []string // told within two tenths of a second
		late []string // and within six
	}{
		"it stays":         {nil, nil, []string{"high off off"}},
		"it falls further": {func(in *media.Incoming) { in.Available *= 0.95 }, []string{"high off off"}, nil},
		"it rises":         {func(in *media.Incoming) { in.Available *= 1.002 }, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			g := newGlanced(t, "1", "2")
			g.streams = append(g.streams, Stream{Key: Key{"3", protocol.MediaVideo}, Picture: true, Wanted: high, Side: 640, FullSide: 640})
			g.second(nil)
			g.glance(5, nil)
			g.glance(1, func(in *media.Incoming) { in.Available = 1.7e6 })
			g.glance(2, c.then)
			g.told(c.soon...)
			g.glance(4, c.then)
			g.told(c.late...)
		})
	}
}

// What fell in a beginning and has not risen since says nothing of what comes later.
func TestADoubtThatIsLongAgo(t *testing.T) {
	g := newGlanced(t, "1", "2")
	g.streams = append(g.streams, Stream{Key: Key{"3", protocol.MediaVideo}, Picture: true, Wanted: high, Side: 640, FullSide: 640})
	g.second(nil)
	g.glance(1, func(in *media.Incoming) { in.Available = 3e6 })
	g.now = g.now.Add(span)
	g.glance(20, nil)
	g.told()
}

func TestTheFirstGuessCountsToo(t *testing.T) {
	g := newGlanced(t, "1", "2")
	g.in.Available = 0
	g.glance(12, nil)
	g.told()
	ok := *g
	g.glance(1, func(in *media.Incoming) { in.Available = 1.9e6 }) // of 2 Mbit/s
	g.told()
	g = &ok
	g.p.look.past[len(g.p.look.past)-1].Available = 0
	g.glance(1, func(in *media.Incoming) { in.Available = 1.7e6 })
	g.told("high off")
}

func TestOthersGoWhereMuchIsLostAtOnce(t *testing.T) {
	g := newGlanced(t, "1", "2", "3")
	g.in.Available = 0 // a browser that does not say
	g.glance(12, nil)
	g.glance(20, func(in *media.Incoming) { // one of thirty: the air
		if int(in.Received)%300 == 0 {
			in.Lost++
		}
	})
	g.told()
	g.glance(2, func(in *media.Incoming) { in.Lost += 3 })
	g.told("high off off")
	// What comes back does so as late as ever.
	g.seconds(15, nil)
	g.told()
}

// The engine does not send again what is lost over and over, and the browser is slow to ask for a key frame.
func TestAPictureThatStandsAfterALossIsAskedForAnew(t *testing.T) {
	g := newGlanced(t, "1", "2")
	stands := func(in *media.Incoming) { in.Decoded -= 1.5 }
	g.glance(10, stands) // nothing was lost: its sender stands
	g.glance(5, nil)
	g.told()
	g.glance(2, func(in *media.Incoming) { stands(in); in.Lost += 5 })
	g.told("high off")
	asked := 0
	for range 30 {
		g.glance(1, stands)
		if keys := g.p.Renew(); len(keys) == 1 && keys[0] == (Key{"1", protocol.MediaVideo}) {
			asked++
		} else if len(keys) > 0 {
			t.Fatal(keys)
		}
	}
	if asked != 2 {
		t.Errorf("asked anew %d times in three seconds", asked)
	}
	g.glance(10, nil)
	if len(g.p.Renew()) > 0 {
		t.Error("asked anew for what moves")
	}
}

func TestGlancesOnlyWhereTheyAreOfUse(t *testing.T) {
	l := newLink(t, "", "1", "2")
	l.seconds(2, nil)
	if l.p.Glances(l.now) {
		t.Error("nothing is protected")
	}
	l = newLink(t, "1", "1")
	l.seconds(2, nil)
	if l.p.Glances(l.now) {
		t.Error("there is nobody else")
	}
	g := newGlanced(t, "1", "2")
	if !g.p.Glances(g.now) {
		t.Error("no glance at a protected picture beside another")
	}
	g.glance(2, func(in *media.Incoming) { in.Lost += 3 })
	if !g.p.Glances(g.now) {
		t.Error("no glance at what follows")
	}
	if g.p.Glances(g.now.Add(6 * time.Second)) {
		t.Error("a glance with nothing left to take")
	}
	// A stream that begins anew counts from its own beginning.
	g = newGlanced(t, "1", "2")
	g.in = media.Incoming{Lost: 3, Available: 1e6}
	g.glance(12, nil)
	g.told()
}
