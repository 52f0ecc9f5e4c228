package room

import (
	"bytes"
	"encoding/base64"
	"log/slog"
	"strings"
	"testing"
	"time"

	"nertc/gateway/engine/enginetest"
	"nertc/internal/framecrypt"
	"nertc/internal/protocol"
)

// checkOf makes a check value.
func checkOf(b byte) string {
	return base64.RawURLEncoding.EncodeToString(bytes.Repeat([]byte{b}, framecrypt.KeyLength))
}

func joinWith(uid, mode, check string) protocol.Join {
	j := joinAs("room", uid)
	j.CryptMode, j.CryptCheck = mode, check
	return j
}

const (
	ecb = string(framecrypt.ECB)
	gcm = string(framecrypt.GCM)
)

// in joins and must be let in.
func (g *stage) in(t *testing.T, j protocol.Join) (*rawClient, *scripted) {
	t.Helper()
	c := dial(t, g.Server)
	id := c.say(protocol.TypeJoin, j)
	s := awaited(t, g.joins, "join")
	s.letIn()
	if m := c.reply(id); m.Type != protocol.TypeJoined {
		t.Fatalf("answered with %s %s", m.Type, m.Data)
	}
	return c, s
}

func (g *stage) out(t *testing.T, j protocol.Join, code int) {
	t.Helper()
	if got := dial(t, g.Server).refused(protocol.TypeJoin, j); got != code {
		t.Errorf("%s %q is refused with %d, want %d", j.CryptMode, j.CryptCheck, got, code)
	}
}

func (c *rawClient) goAway(s *scripted) {
	c.reply(c.say(protocol.TypeLeave, nil))
	awaitClosed(c.t, s)
	close(s.events)
}

func TestTheFirstMemberFixesTheEncryption(t *testing.T) {
	for _, c := range []struct {
		name, mode, check string
		others            [][2]string
	}{
		{"encrypted", gcm, checkOf(1), [][2]string{{gcm, checkOf(2)}, {ecb, checkOf(1)}, {"", ""}}},
		{"ecb", ecb, checkOf(1), [][2]string{{ecb, checkOf(2)}, {gcm, checkOf(1)}, {"", ""}}},
		{"clear", "", "", [][2]string{{gcm, checkOf(1)}, {ecb, checkOf(1)}, {gcm, checkOf(0)}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := newStage(t, Options{})
			first, s1 := g.in(t, joinWith("1", c.mode, c.check))
			if s1.options.Encrypted != (c.mode != "") {
				t.Error("the engine is told otherwise")
			}
			for _, o := range c.others {
				g.out(t, joinWith("2", o[0], o[1]), 4036)
			}
			if len(g.joins) != 0 {
				t.Error("the engine was asked for one who was refused")
			}
			second, s2 := g.in(t, joinWith("2", c.mode, c.check)) // who takes the right secret gets in
			first.goAway(s1)
			g.out(t, joinWith("3", c.others[0][0], c.others[0][1]), 4036) // the rule outlives the first
			second.goAway(s2)
			g.vacated(t)
			g.in(t, joinWith("3", c.others[0][0], c.others[0][1])) // and ends with the last
		})
	}
}

// vacated waits until no room is left: whoever is refused is told so before the room forgets them.
func (g *stage) vacated(t *testing.T) {
	t.Helper()
	eventually(t, func() bool { rooms, members := g.h.rooms.count(); return rooms == 0 && members == 0 })
}

func eventually(t *testing.T, f func() bool) {
	t.Helper()
	for end := time.Now().Add(testTime); !f(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("it does not come about")
		}
	}
}

func TestEncryptionOfTheWrongForm(t *testing.T) {
	g := newStage(t, Options{})
	g.out(t, joinWith("1", "aes", checkOf(1)), 10472)
	g.out(t, joinWith("1", "", checkOf(1)), 10472)
	g.out(t, joinWith("1", "none", checkOf(1)), 10472)
	for _, check := range []string{"", "x", checkOf(1) + "AA", checkOf(1)[:42], checkOf(1) + "=", strings.Repeat("A", 42) + "B"} {
		g.out(t, joinWith("1", gcm, check), 10000)
	}
}

func TestChangeOfTheSecret(t *testing.T) {
	g := newStage(t, Options{})
	a, _ := g.in(t, joinWith("1", gcm, checkOf(1)))
	b, _ := g.in(t, joinWith("2", gcm, checkOf(1)))
	rekey := func(c *rawClient, check string) int {
		m := c.reply(c.say(protocol.TypeRekey, protocol.Rekey{CryptCheck: check}))
		if m.Type == protocol.TypeOK {
			return 0
		}
		return as[protocol.Error](t, m).Code
	}
	for _, bad := range []string{"", "x", checkOf(1)[:20]} {
		if code := rekey(a, bad); code != 10000 {
			t.Errorf("%q: %d", bad, code)
		}
	}
	if code := rekey(a, checkOf(2)); code != 0 {
		t.Fatalf("refused with %d", code)
	}
	if code := rekey(b, checkOf(2)); code != 0 {
		t.Errorf("the second, with the same secret: %d", code)
	}
	if code := rekey(b, checkOf(3)); code != 10008 {
		t.Errorf("another one at the same time: %d", code)
	}
	g.in(t, joinWith("3", gcm, checkOf(2)))
	g.in(t, joinWith("4", gcm, checkOf(1))) // comes back while both are good
	g.out(t, joinWith("5", gcm, checkOf(3)), 4036)

	room := ""
	g.h.rooms.mu.Lock()
	for name := range g.h.rooms.rooms {
		room = name
	}
	e := g.h.rooms.encryptions[room]
	g.h.rooms.mu.Unlock()
	late := time.Now().Add(bothKeys)
	if e.admits(encryption{mode: framecrypt.GCM, check: e.former}, late) || !e.admits(encryption{mode: framecrypt.GCM, check: e.check}, late) {
		t.Error("the former secret is good for too long, or the new one not")
	}
	if refused := g.h.rooms.rekey(room, checkValue{3}, late); refused != nil {
		t.Errorf("the next change: %v", refused)
	}
}

func TestNoSecretToChange(t *testing.T) {
	for _, mode := range []string{"", ecb} {
		g := newStage(t, Options{})
		check := checkOf(1)
		if mode == "" {
			check = ""
		}
		c, _ := g.in(t, joinWith("1", mode, check))
		if code := c.refused(protocol.TypeRekey, protocol.Rekey{CryptCheck: checkOf(2)}); code != 10008 {
			t.Errorf("%q: %d", mode, code)
		}
	}
	if code := dial(t, newStage(t, Options{}).Server).refused(protocol.TypeRekey, protocol.Rekey{CryptCheck: checkOf(2)}); code != 10009 {
		t.Errorf("before a join: %d", code)
	}
}

// TestCheckValuesAreInNoLog also has the lines of debug level.
func TestCheckValuesAreInNoLog(t *testing.T) {
	var log enginetest.Text
	g := newStage(t, Options{Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	c, _ := g.in(t, joinWith("1", gcm, checkOf(0xa5)))
	g.out(t, joinWith("2", gcm, checkOf(0xa6)), 4036)
	c.reply(c.say(protocol.TypeRekey, protocol.Rekey{CryptCheck: checkOf(0xa7)}))
	c.refused(protocol.TypeRekey, protocol.Rekey{CryptCheck: checkOf(0xa8)})
	text := log.String()
	if !strings.Contains(text, errCrypt.Error()) {
		t.Errorf("the refusal is not in the log:\n%s", text)
	}
	for _, b := range []byte{0xa5, 0xa6, 0xa7, 0xa8} {
		for _, form := range []string{checkOf(b), strings.Repeat(string("0123456789abcdef"[b>>4])+string("0123456789abcdef"[b&15]), 4)} {
			if strings.Contains(text, form) {
				t.Errorf("a check value is in the log:\n%s", text)
			}
		}
	}
}
