package room

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"nhooyr.io/websocket"

	"nertc/gateway/app"
	"nertc/gateway/engine"
	"nertc/gateway/token"
	"nertc/internal/protocol"
)

// leaves closes a client's connection like a browser whose page goes, and waits until the gateway has noticed.
func leaves(t *testing.T, c *rawClient, d *diary) {
	t.Helper()
	_ = c.conn.Close(websocket.StatusGoingAway, "")
	d.await(t, "parked")
}

// joinsWith joins and gives the uid that the client has then.
func (g *stage) joinsWith(t *testing.T, c *rawClient, j protocol.Join) (string, *scripted) {
	t.Helper()
	id := c.say(protocol.TypeJoin, j)
	s := <-g.joins
	s.letIn()
	m := c.reply(id)
	if m.Type != protocol.TypeJoined {
		t.Fatalf("join is answered with %s %s", m.Type, m.Data)
	}
	joined := as[protocol.Joined](t, m)
	c.secret = joined.Resume
	if s.options.Identity != joined.UID {
		t.Errorf("the engine knows %q, the client %q", s.options.Identity, joined.UID)
	}
	return joined.UID, s
}

func withPlace(uid, secret string) protocol.Join {
	j := joinAs("room", uid)
	j.Place = secret
	return j
}

func TestPlace(t *testing.T) {
	ended := func(r protocol.CloseReason) func(*testing.T, *stage, *rawClient, *scripted, *diary) {
		return func(t *testing.T, _ *stage, c *rawClient, s *scripted, d *diary) {
			leaves(t, c, d)
			s.events <- engine.Closed{Closed: protocol.Closed{Reason: r}}
			awaitClosed(t, s)
		}
	}
	for name, tc := range map[string]struct {
		options Options
		// before what the page comes back to, and what it then asks for.
		before func(t *testing.T, g *stage, c *rawClient, s *scripted, d *diary)
		uid    string
		channel, origin,
		secret string
		taken bool
	}{
		"while its connection is open": {taken: true}, // half-open TCP: the page has long gone
		"while it is parked": {taken: true, before: func(t *testing.T, _ *stage, c *rawClient, _ *scripted, d *diary) {
			leaves(t, c, d)
		}},
		"by its own name": {uid: "own", taken: true},
		"after the abandon window": {
			options: Options{AbandonWindow: time.Millisecond}, taken: true,
			before: func(t *testing.T, _ *stage, c *rawClient, s *scripted, d *diary) {
				leaves(t, c, d)
				awaitClosed(t, s)
			},
		},
		"after the resume window": {
			options: Options{ResumeWindow: time.Millisecond},
			before: func(t *testing.T, _ *stage, c *rawClient, s *scripted, d *diary) {
				leaves(t, c, d)
				awaitClosed(t, s)
			},
		},
		"when the engine was lost": {before: ended(protocol.CloseEngineLost), taken: true},
		"when it left": {before: func(t *testing.T, _ *stage, c *rawClient, s *scripted, _ *diary) {
			c.say(protocol.TypeLeave, nil)
			awaitClosed(t, s)
		}},
		"when it was removed":      {before: ended(protocol.CloseRemoved)},
		"when its room was closed": {before: ended(protocol.CloseRoomClosed)},
		"when it was a duplicate":  {before: ended(protocol.CloseDuplicate)},
		"when somebody came by that name": {
			options: Options{AbandonWindow: time.Millisecond},
			before: func(t *testing.T, g *stage, c *rawClient, s *scripted, d *diary) {
				leaves(t, c, d)
				awaitClosed(t, s)
				g.member(t, "own")
			},
		},
		"by another name":        {uid: "another"},
		"in another room":        {channel: "another"},
		"from another origin":    {origin: "http://another.example"},
		"with another secret":    {secret: strings.Repeat("A", 43)},
		"with too long a secret": {secret: strings.Repeat("A", 10_000)},
	} {
		t.Run(name, func(t *testing.T) {
			tc.options.AllowOrigin = func(*http.Request) bool { return true }
			g, d := resumable(t, tc.options)
			c := dialFrom(t, g.Server, "http://page.example")
			_, s := g.joinsWith(t, c, joinAs("room", "own"))
			if tc.before != nil {
				tc.before(t, g, c, s, d)
			}
			j := withPlace(tc.uid, c.secret)
			if tc.channel != "" {
				j.Channel = tc.channel
			}
			if tc.secret != "" {
				j.Place = tc.secret
			}
			if tc.origin == "" {
				tc.origin = "http://page.example"
			}
			got, _ := g.joinsWith(t, dialFrom(t, g.Server, tc.origin), j)
			switch {
			case tc.taken && got != "own":
				t.Errorf("is %q", got)
			case !tc.taken && got == "own", tc.uid != "" && got != tc.uid:
				t.Errorf("is %q", got)
			}
			if strings.Contains(d.String(), c.secret) {
				t.Error("the secret is in the log")
			}
		})
	}
}

// One secret is good for one page: the next one needs the secret of the new stay.
func TestPlaceIsTakenOnce(t *testing.T) {
	g, d := resumable(t, Options{AbandonWindow: time.Millisecond})
	first, s := g.member(t, "own")
	leaves(t, first, d)
	awaitClosed(t, s)
	second := dial(t, g.Server)
	if got, _ := g.joinsWith(t, second, withPlace("", first.secret)); got != "own" {
		t.Fatalf("is %q", got)
	}
	third := dial(t, g.Server)
	if got, _ := g.joinsWith(t, third, withPlace("", first.secret)); got == "own" {
		t.Error("the secret was good twice")
	}
	ask[protocol.Ping](second, protocol.TypePing, nil, protocol.TypePong) // it is not disturbed
	if got, _ := g.joinsWith(t, dial(t, g.Server), withPlace("", second.secret)); got != "own" {
		t.Errorf("is %q with the secret of the new stay", got)
	}
}

// A place whose join failed is there for the next.
func TestPlaceOutlivesAFailedJoin(t *testing.T) {
	g, d := resumable(t, Options{AbandonWindow: time.Millisecond})
	c, s := g.member(t, "own")
	leaves(t, c, d)
	awaitClosed(t, s)
	g.fail = engine.ErrNotReady
	if code := dial(t, g.Server).refused(protocol.TypeJoin, withPlace("", c.secret)); code != 503 {
		t.Fatalf("refused with %d", code)
	}
	g.fail = nil
	if got, _ := g.joinsWith(t, dial(t, g.Server), withPlace("", c.secret)); got != "own" {
		t.Errorf("is %q", got)
	}
}

// Who was in a room that is empty by now comes back to it without the right to make rooms.
func TestPlaceInARoomThatHasGone(t *testing.T) {
	var limited atomic.Bool
	g, d := resumable(t, Options{AbandonWindow: time.Millisecond, Apps: authorizer(func(app.Request) (app.Grant, error) {
		if limited.Load() {
			return app.Grant{Privilege: token.Everything &^ token.CreateRoom}, nil
		}
		return app.Grant{Privilege: token.Everything}, nil
	})})
	c, s := g.member(t, "own")
	leaves(t, c, d)
	awaitClosed(t, s)
	limited.Store(true)
	if code := dial(t, g.Server).refused(protocol.TypeJoin, joinAs("room", "own")); code != 403 {
		t.Errorf("one without the secret is answered with %d", code)
	}
	if got, _ := g.joinsWith(t, dial(t, g.Server), withPlace("", c.secret)); got != "own" {
		t.Errorf("is %q", got)
	}
}
