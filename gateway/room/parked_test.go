package room

import (
	"context"
	"strings"
	"testing"
	"time"

	"nhooyr.io/websocket"

	"nertc/gateway/engine"
	"nertc/internal/protocol"
)

func TestMembersWhoDoNotComeBackLeave(t *testing.T) {
	const short, long = 50 * time.Millisecond, 2 * testTime
	for name, c := range map[string]struct {
		o   Options
		end func(*rawClient)
	}{
		"broken":    {Options{ResumeWindow: short}, func(c *rawClient) { _ = c.conn.CloseNow() }},
		"closed":    {Options{ResumeWindow: long, AbandonWindow: short}, func(c *rawClient) { _ = c.conn.Close(websocket.StatusNormalClosure, "") }},
		"resuming":  {Options{ResumeWindow: short, AbandonWindow: -1}, func(c *rawClient) { _ = c.conn.Close(protocol.ClosingToResume, "") }},
		"page gone": {Options{ResumeWindow: long, AbandonWindow: short}, func(c *rawClient) { _ = c.conn.Close(websocket.StatusGoingAway, "") }},
		"silent":    {Options{ResumeWindow: short, PingInterval: short}, func(*rawClient) {}},
		"never":     {Options{ResumeWindow: -1}, func(c *rawClient) { _ = c.conn.CloseNow() }},
		"at once":   {Options{ResumeWindow: long, AbandonWindow: -1}, func(c *rawClient) { _ = c.conn.Close(websocket.StatusNormalClosure, "") }},
	} {
		t.Run(name, func(t *testing.T) {
			g, d := resumable(t, c.o)
			client, s := g.member(t, "1")
			c.end(client)
			awaitClosed(t, s)
			d.await(t, "left")
			g.vacated(t)
			g.notResumed(t, client.secret, 0)
		})
	}
}

func TestClosedByMistakeAndBack(t *testing.T) {
	g, d := resumable(t, Options{})
	c, s := g.member(t, "1")
	_ = c.conn.Close(websocket.StatusNormalClosure, "")
	d.await(t, "parked")
	s.events <- came("a")
	n, _ := g.again(t, c)
	n.sees("a")
}

func TestSilentClientMayResume(t *testing.T) {
	g, d := resumable(t, Options{PingInterval: 100 * time.Millisecond})
	c, s := g.member(t, "1")
	d.await(t, "parked")
	if code := c.end(); code != -1 {
		t.Errorf("closed with %d", code)
	}
	s.events <- came("a")
	n, _ := g.again(t, c)
	n.sees("a")
	d.await(t, "parked") // silence on the second connection counts like on the first
	stays(t, s)
}

// Who is told to go must hear of it, or would join again.
func TestEndedWhileParked(t *testing.T) {
	for _, reason := range []protocol.CloseReason{protocol.CloseDuplicate, protocol.CloseRemoved, protocol.CloseRoomClosed, protocol.CloseEngineLost} {
		t.Run(string(reason), func(t *testing.T) {
			g, d := resumable(t, Options{})
			c, s := g.member(t, "1")
			breakOff(t, c, d)
			s.events <- came("a")
			if reason == protocol.CloseDuplicate {
				again, _ := g.member(t, "1")
				defer ask[protocol.Ping](again, protocol.TypePing, nil, protocol.TypePong) // it is not disturbed
			}
			s.events <- engine.Closed{Closed: protocol.Closed{Reason: reason}}
			awaitClosed(t, s)
			n, _ := g.again(t, c)
			n.sees("a")
			if got := pushed[protocol.Closed](n, protocol.TypeClosed).Reason; got != reason {
				t.Errorf("closed with %s", got)
			}
			if code := n.end(); code != websocket.StatusNormalClosure {
				t.Errorf("closed with %d", code)
			}
		})
	}
}

// The socket broke before its closed arrived.
func TestEndedUnheard(t *testing.T) {
	g, _ := resumable(t, Options{})
	c, s := g.member(t, "1")
	s.events <- engine.Closed{Closed: protocol.Closed{Reason: protocol.CloseRemoved}}
	awaitClosed(t, s)
	_ = c.conn.CloseNow()
	n, _ := g.again(t, c)
	if got := pushed[protocol.Closed](n, protocol.TypeClosed).Reason; got != protocol.CloseRemoved {
		t.Errorf("closed with %s", got)
	}
}

func TestShutdownWhileParked(t *testing.T) {
	g, d := resumable(t, Options{})
	c, s := g.member(t, "1")
	here, other := g.member(t, "2")
	breakOff(t, c, d)
	go func() { // takes its part in the closing, which is behind the last message
		for {
			if _, _, err := here.conn.Read(context.Background()); err != nil {
				return
			}
		}
	}()
	ctx, cancel := context.WithTimeout(context.Background(), testTime)
	defer cancel()
	if err := g.h.Close(ctx); err != nil {
		t.Error(err)
	}
	awaitClosed(t, s)
	awaitClosed(t, other)
	if _, res, err := websocket.Dial(ctx, "ws"+strings.TrimPrefix(g.URL, "http"), nil); err == nil || res == nil || res.StatusCode != 503 {
		t.Errorf("afterwards: %v", err)
	}
}
