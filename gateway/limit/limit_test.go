package limit

import (
	"net/http"
	"net/netip"
	"sync"
	"testing"
	"time"

	"nertc/internal/protocol"
)

func TestRate(t *testing.T) {
	now := time.Unix(1000, 0)
	r := NewRate[string](2, 3)
	r.now = func() time.Time { return now }
	for i, step := range []struct {
		after time.Duration
		key   string
		wait  time.Duration
	}{
		{0, "a", 0}, {0, "a", 0}, {0, "a", 0},
		{0, "a", 500 * time.Millisecond},
		{0, "a", 500 * time.Millisecond}, // who is refused pays nothing
		{0, "b", 0},
		{250 * time.Millisecond, "a", 250 * time.Millisecond},
		{250 * time.Millisecond, "a", 0},
		{0, "a", 500 * time.Millisecond},
		{time.Hour, "a", 0}, {0, "a", 0}, {0, "a", 0},
		{0, "a", 500 * time.Millisecond},
	} {
		now = now.Add(step.after)
		if wait := r.Take(step.key); wait.Round(time.Millisecond) != step.wait {
			t.Errorf("step %d: %s waits %v, want %v", i, step.key, wait, step.wait)
		}
	}
}

func TestRateForgetsAndIsBounded(t *testing.T) {
	now := time.Unix(1000, 0)
	r := NewRate[int](1, 2)
	r.now, r.most = func() time.Time { return now }, 100
	for i := range 1000 {
		if r.Take(i) != 0 {
			t.Fatalf("new key %d has to wait", i)
		}
		if n := len(r.keys); n > 100 || n != r.used.Len() {
			t.Fatalf("%d keys and %d buckets", n, r.used.Len())
		}
	}
	now = now.Add(2 * time.Second) // full again
	for range 100 {
		r.Take(-1)
	}
	if len(r.keys) != 1 || r.used.Len() != 1 {
		t.Errorf("%d keys and %d buckets are left", len(r.keys), r.used.Len())
	}
}

func TestCount(t *testing.T) {
	c := NewCount[string](2)
	for i, want := range []bool{true, true, false} {
		if c.Enter("a") != want {
			t.Errorf("enter %d is not %v", i, want)
		}
	}
	if !c.Enter("b") {
		t.Error("one key counts for another")
	}
	c.Leave("a")
	if !c.Enter("a") || c.Enter("a") {
		t.Error("who has left does not make room for one")
	}
	c.Leave("a")
	c.Leave("a")
	c.Leave("b")
	if len(c.all) != 0 {
		t.Errorf("left behind: %v", c.all)
	}
}

func TestWithoutLimit(t *testing.T) {
	r, c := NewRate[int](0, 0), NewCount[int](0)
	for range 1000 {
		if r.Take(1) != 0 || !c.Enter(1) {
			t.Fatal("refused")
		}
	}
	c.Leave(1)
	if len(r.keys)+len(c.all) != 0 {
		t.Error("something is remembered")
	}
}

func TestTogether(t *testing.T) {
	r, c := NewRate[int](1, 50), NewCount[int](50)
	var wg sync.WaitGroup
	for i := range 200 {
		wg.Go(func() {
			r.Take(i % 7)
			if c.Enter(i % 3) {
				c.Leave(i % 3)
			}
		})
	}
	wg.Wait()
	if len(c.all) != 0 || len(r.keys) != 7 {
		t.Errorf("%v, %d keys", c.all, len(r.keys))
	}
}

func TestClient(t *testing.T) {
	var trusted Proxies
	for _, s := range []string{"10.0.0.0/8", "::1", "192.0.2.7"} {
		p, err := ParseProxy(s)
		if err != nil {
			t.Fatal(err)
		}
		trusted = append(trusted, p)
	}
	for _, tc := range []struct {
		peer      string
		forwarded []string
		want      string
	}{
		{"203.0.113.1:5", nil, "203.0.113.1"},
		{"203.0.113.1:5", []string{"198.51.100.1"}, "203.0.113.1"}, // not trusted: anybody may say so
		{"10.1.2.3:5", []string{"198.51.100.1"}, "198.51.100.1"},
		{"[::ffff:10.1.2.3]:5", []string{"198.51.100.1"}, "198.51.100.1"},
		{"10.1.2.3:5", []string{"1.1.1.1, 2.2.2.2,198.51.100.1 "}, "198.51.100.1"},
		{"10.1.2.3:5", []string{"1.1.1.1", "198.51.100.1"}, "198.51.100.1"},
		{"10.1.2.3:5", []string{"198.51.100.1:4711"}, "198.51.100.1"},
		{"10.1.2.3:5", nil, "10.1.2.3"},
		{"10.1.2.3:5", []string{"unknown"}, "10.1.2.3"},
		{"10.1.2.3:5", []string{"198.51.100.1, "}, "10.1.2.3"},
		{"192.0.2.7:5", []string{"2001:db8:1:2:3:4:5:6"}, "2001:db8:1:2::"},
		{"[::1]:5", []string{"[2001:db8::1]"}, "2001:db8::"},
		{"192.0.2.8:5", []string{"198.51.100.1"}, "192.0.2.8"},
		{"[fe80::1%eth0]:5", nil, "fe80::"},
	} {
		r := &http.Request{RemoteAddr: tc.peer, Header: http.Header{"X-Forwarded-For": tc.forwarded}}
		if got := trusted.Client(r); got != netip.MustParseAddr(tc.want) {
			t.Errorf("%s, %q: %v, want %s", tc.peer, tc.forwarded, got, tc.want)
		}
	}
	if got := trusted.Client(&http.Request{RemoteAddr: "@"}); got.IsValid() {
		t.Errorf("a peer without an address is %v", got)
	}
}

func TestParseProxyErrors(t *testing.T) {
	for _, s := range []string{"", "10.0.0.0/33", "proxy.example.com", "10.0.0.0/8,", "*"} {
		if p, err := ParseProxy(s); err == nil {
			t.Errorf("%q is %v", s, p)
		}
	}
}

func TestComplete(t *testing.T) {
	d := Default()
	if v := (Values{}).Complete(); v.MessageRate != d.MessageRate || v.MessageBurst != d.MessageBurst ||
		v.MessageSize != protocol.ReadLimit || v.Queue != d.Queue || v.Connections != 0 || v.JoinRate != 0 || v.Members != 0 {
		t.Errorf("%+v", v)
	}
	if v := d.Complete(); v != d {
		t.Errorf("%+v", v)
	}
	if v := (Values{MessageSize: protocol.ReadLimit + 1}).Complete(); v.MessageSize != protocol.ReadLimit {
		t.Errorf("%+v", v)
	}
}
