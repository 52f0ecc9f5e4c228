package room

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"nhooyr.io/websocket"

	"nertc/internal/protocol"
)

// Many connections want one session at once: each sees what happens from the beginning
// and in order, for as long as it has it, and the session survives.
func TestResumeStorm(t *testing.T) {
	g, _ := resumable(t, Options{})
	c, s := g.member(t, "1")
	const clients, events = 40, 500
	ctx, cancel := context.WithTimeout(t.Context(), testTime)
	defer cancel()
	one := func() error {
		conn, _, err := websocket.Dial(ctx, "ws"+strings.TrimPrefix(g.URL, "http")+protocol.Path, nil)
		if err != nil {
			return err
		}
		defer conn.CloseNow()
		b, err := protocol.Encode(protocol.TypeResume, 1, protocol.Resume{Version: protocol.Version, Token: c.secret})
		if err != nil {
			return err
		}
		if err := conn.Write(ctx, websocket.MessageText, b); err != nil {
			return err
		}
		for n := 0; ; n++ {
			_, b, err := conn.Read(ctx)
			if err != nil || n > events/2 {
				return ctx.Err() // another has taken over, or it has had enough
			}
			m, err := protocol.Decode(b)
			if err != nil {
				return err
			}
			if want := fmt.Sprintf(`"%d"`, n); n == 0 && m.Type != protocol.TypeResumed || n > 0 && !strings.Contains(string(m.Data), want) {
				return fmt.Errorf("message %d is %s %s", n, m.Type, m.Data)
			}
		}
	}
	results := make(chan error, clients)
	for range clients {
		go func() { results <- one() }()
	}
	var uids []string
	for i := range events {
		uids = append(uids, fmt.Sprint(i+1))
		s.events <- came(uids[i])
	}
	for range clients {
		if err := <-results; err != nil {
			t.Error(err)
		}
	}
	n, _ := g.again(t, c)
	n.sees(uids...)
	stays(t, s)
}

// Whatever order breaks, events and resumes come in, each message comes once and in order.
func TestManyBreaks(t *testing.T) {
	g, _ := resumable(t, Options{})
	c, s := g.member(t, "1")
	const events = 200
	go func() {
		for i := range events {
			s.events <- came(fmt.Sprint(i))
		}
	}()
	sent := uint64(0)
	mute := func(n uint64) {
		b, err := protocol.Encode(protocol.TypeMute, n+2, protocol.Mute{Track: fmt.Sprint(n)})
		if err != nil {
			t.Fatal(err)
		}
		_ = c.raw(websocket.MessageText, b) // it may be broken by now
	}
	for i := 0; i < events; {
		for wanted := i + 1 + i%7; i < min(wanted, events); {
			m, err := c.read()
			if err != nil {
				break // so many at once were too many for one connection
			}
			if m.Type == protocol.TypeOK {
				continue
			}
			if got := as[protocol.Member](t, m).UID; got != fmt.Sprint(i) {
				t.Fatalf("%s comes instead of %d", got, i)
			}
			i++
		}
		mute(sent)
		sent++
		if i%2 == 0 {
			_ = c.conn.CloseNow()
		}
		n, r := g.again(t, c)
		c = n
		for missing := r.Received; missing < sent; missing++ {
			mute(missing)
		}
	}
	ask[protocol.Ping](c, protocol.TypePing, nil, protocol.TypePong)
	for i := range sent {
		if m := next[protocol.Mute](t, s); m.Track != fmt.Sprint(i) {
			t.Fatalf("mute %s comes as number %d", m.Track, i)
		}
	}
	if len(s.calls) > 0 {
		t.Errorf("%d calls too many", len(s.calls))
	}
}
