package room

import (
	"fmt"
	"strings"
	"testing"

	"nertc/internal/protocol"
)

func TestMoreThanIsKept(t *testing.T) {
	for name, c := range map[string]struct {
		uid   string
		count int
	}{
		"messages": {"x", protocol.MaxUnacknowledged + 1},
		"bytes":    {strings.Repeat("x", maxKept/16), 16},
	} {
		t.Run(name, func(t *testing.T) {
			g, d := resumable(t, Options{})
			client, s := g.member(t, "1")
			breakOff(t, client, d)
			for range c.count {
				s.events <- came(c.uid)
			}
			awaitClosed(t, s)
			g.notResumed(t, client.secret, 0)
		})
	}
}

// A client that acknowledges nothing is served all the same.
func TestNothingIsAcknowledged(t *testing.T) {
	g, d := resumable(t, Options{})
	c, s := g.member(t, "1")
	for i := range 2 * protocol.MaxUnacknowledged {
		uid := fmt.Sprint(i)
		s.events <- came(uid)
		c.sees(uid)
	}
	breakOff(t, c, d)
	g.notResumed(t, c.secret, protocol.MaxUnacknowledged-1)
	c.received -= protocol.MaxUnacknowledged / 2
	n, _ := g.again(t, c)
	n.sees(fmt.Sprint(3 * protocol.MaxUnacknowledged / 2))
}
