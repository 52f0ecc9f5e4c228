//go:build js && wasm

package store

import (
	"context"
	"slices"
	"testing"
	"time"

	"nertc/internal/place"
	"nertc/jsbridge/js"
)

var room = place.Room{Server: "ws://x", AppKey: "app", Channel: "room"}

func eval(t *testing.T, source string) js.Value {
	t.Helper()
	f, err := js.New(js.Global("Function"), source)
	if err != nil {
		t.Fatal(err)
	}
	v, err := js.Invoke(f)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// fresh is the first page of a tab, in an origin that has stored nothing.
func fresh(t *testing.T) *Places {
	t.Helper()
	eval(t, `sessionStorage.clear()`)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	s := js.NewScope()
	defer s.Close()
	deleted := eval(t, `return new Promise((resolve, reject) => {
		const r = indexedDB.deleteDatabase('nertc')
		r.onsuccess = resolve; r.onerror = reject
	})`)
	if _, err := s.Await(ctx, deleted); err != nil {
		t.Fatal(err)
	}
	return page(t)
}

// page is another page of the tab.
func page(t *testing.T) *Places {
	t.Helper()
	p := NewPlaces()
	t.Cleanup(p.Close)
	return p
}

func at(channel, uid, key string) place.Place {
	r := room
	r.Channel = channel
	return place.Place{Room: r, UID: uid, Key: key}
}

func (p *Places) take(t *testing.T, channel, uid string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	r := room
	r.Channel = channel
	found, ok := p.Take(ctx, r, uid)
	if ok != (found.Key != "") {
		t.Errorf("found %+v, %v", found, ok)
	}
	return found.Key
}

// stored waits until the keys in a tab's record are these; of a tab without a record there are none.
func stored(t *testing.T, tab func() string, want ...string) {
	t.Helper()
	db := database{name: databaseName, version: databaseVersion, stores: []string{placesStore}}
	defer db.close()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	var keys []string
	for ctx.Err() == nil {
		record, err := db.get(ctx, placesStore, tab())
		if err != nil {
			t.Fatal(err)
		}
		keys = nil
		for _, l := range decode(record) {
			keys = append(keys, l.Key)
		}
		if slices.Equal(keys, want) && record.IsUndefined() == (len(want) == 0) {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatalf("stored are %q, want %q", keys, want)
}

func TestTheNextPageTakesThePlaces(t *testing.T) {
	first := fresh(t)
	first.Keep(at("a", "1", "k1"))
	first.Keep(at("a", "2", "k2"))
	first.Keep(at("b", "3", "k3"))
	first.Keep(at("a", "4", "k4"))
	first.Forget("k4")
	stored(t, tabName, "k1", "k2", "k3")
	first.Close()

	second := page(t)
	for _, c := range []struct{ channel, uid, want string }{
		{"c", "", ""}, {"a", "3", ""}, {"a", "2", "k2"}, {"a", "2", ""}, {"a", "", "k1"}, {"a", "", ""},
	} {
		if got := second.take(t, c.channel, c.uid); got != c.want {
			t.Errorf("%q in %s takes %q, want %q", c.uid, c.channel, got, c.want)
		}
	}
	second.Return(at("a", "2", "k2"))
	if got := second.take(t, "a", ""); got != "k2" {
		t.Errorf("takes %q after it was returned", got)
	}
	// What is taken stays stored until the join has succeeded; what was not is there for a page after this.
	second.Keep(at("a", "2", "k5"))
	stored(t, tabName, "k3", "k1", "k2", "k5")
	second.Forget("k2")
	second.Forget("k1")
	stored(t, tabName, "k3", "k5")
	second.Close()
	third := page(t)
	if got := third.take(t, "a", "2"); got != "k5" {
		t.Errorf("takes %q", got)
	}
	third.Forget("k5")
	stored(t, tabName, "k3")
	third.mu.Lock()
	third.since = time.Now().Add(-lifetime)
	third.mu.Unlock()
	if got := third.take(t, "b", ""); got != "" {
		t.Errorf("takes %q long after the page has gone", got)
	}
	stored(t, tabName)
}

// When nothing is kept any more, nothing is left in the browser: no record, no name and no lock.
func TestNothingIsLeft(t *testing.T) {
	p := fresh(t)
	for range 2 { // and another room after that is kept as the first was
		p.Keep(at("a", "1", "k1"))
		stored(t, tabName, "k1")
		name := tabName()
		p.Forget("k1")
		stored(t, func() string { return name })
		for deadline := time.Now().Add(30 * time.Second); p.ownTab() != "" || tabName() != ""; {
			if time.Now().After(deadline) {
				t.Fatalf("the tab is %q still, for itself %q", tabName(), p.ownTab())
			}
			time.Sleep(time.Millisecond)
		}
		release, ok := hold(p.scope, lockOf(name), 30*time.Second)
		if !ok {
			t.Fatal("the lock is held still")
		}
		release()
	}
}

// A tab that was duplicated has a copy of the name, and of it all that the first has kept.
func TestALivingPageKeepsItsPlaces(t *testing.T) {
	first := fresh(t)
	first.Keep(at("a", "1", "k1"))
	stored(t, tabName, "k1")
	name := tabName()
	copied := page(t)
	if got := copied.take(t, "a", ""); got != "" {
		t.Errorf("the copy takes %q", got)
	}
	copied.Keep(at("a", "2", "k2"))
	stored(t, func() string { return copied.ownTab() }, "k2")
	if own := tabName(); own == name || own != copied.ownTab() {
		t.Errorf("the copy goes by %q, the first by %q", own, name)
	}
	stored(t, func() string { return name }, "k1")
	// Each finds its own when both are loaded again.
	first.Close()
	copied.Close()
	if got := page(t).take(t, "a", ""); got != "k2" {
		t.Errorf("the copy takes %q", got)
	}
	if err := setTabName(name); err != nil {
		t.Fatal(err)
	}
	if got := page(t).take(t, "a", ""); got != "k1" {
		t.Errorf("the first takes %q", got)
	}
}

// The page before may be slow to go, on a machine with other work.
func TestAPageThatGoesSlowlyLeavesItsPlaces(t *testing.T) {
	first := fresh(t)
	first.Keep(at("a", "1", "k1"))
	stored(t, tabName, "k1")
	time.AfterFunc(500*time.Millisecond, first.Close)
	if got := page(t).take(t, "a", ""); got != "k1" {
		t.Errorf("takes %q", got)
	}
}

func (p *Places) ownTab() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.tab
}

// What closed tabs have left goes with the next ones.
func TestClosedTabsAreSwept(t *testing.T) {
	first := fresh(t)
	first.Keep(at("a", "1", "k1"))
	stored(t, tabName, "k1")
	name := tabName()
	first.Close()
	visit := func(later time.Duration) *Places {
		eval(t, `sessionStorage.clear()`)
		p := page(t)
		<-p.loaded
		p.now = func() time.Time { return time.Now().Add(later) }
		p.Keep(at("a", "2", "k2"))
		stored(t, p.ownTab, "k2")
		return p
	}
	marked := func() bool {
		db := database{name: databaseName, version: databaseVersion, stores: []string{placesStore}}
		defer db.close()
		record, err := db.get(t.Context(), placesStore, name)
		if err != nil {
			t.Fatal(err)
		}
		_, ok := js.Number(js.Property(record, "alone"))
		return ok
	}
	second := visit(0)
	for deadline := time.Now().Add(30 * time.Second); !marked(); {
		if time.Now().After(deadline) {
			t.Fatal("it is not marked")
		}
		time.Sleep(5 * time.Millisecond)
	}
	visit(lifetime / 2)
	stored(t, func() string { return name }, "k1")
	visit(lifetime + time.Second)
	stored(t, func() string { return name })
	stored(t, second.ownTab, "k2") // it lives
}

// Where storage is refused nothing is kept, and nobody waits for it.
func TestStorageRefused(t *testing.T) {
	throws := `Object.defineProperty(globalThis, %, {configurable: true, get() { throw new DOMException('refused', 'SecurityError') }})`
	for name, spoil := range map[string]string{
		"IndexedDB throws":       replace(throws, "'indexedDB'"),
		"IndexedDB is missing":   `Object.defineProperty(globalThis, 'indexedDB', {configurable: true, value: undefined})`,
		"IndexedDB refuses":      `Object.defineProperty(globalThis, 'indexedDB', {configurable: true, value: {open() { throw new DOMException('refused', 'SecurityError') }}})`,
		"IndexedDB is odd":       `Object.defineProperty(globalThis, 'indexedDB', {configurable: true, value: {open() { return {} }}})`,
		"sessionStorage throws":  replace(throws, "'sessionStorage'"),
		"sessionStorage is full": `Object.defineProperty(globalThis, 'sessionStorage', {configurable: true, value: {getItem() { return null }, setItem() { throw new DOMException('full', 'QuotaExceededError') }}})`,
		"no locks":               `Object.defineProperty(navigator, 'locks', {configurable: true, value: undefined})`,
		"locks refuse":           `Object.defineProperty(navigator, 'locks', {configurable: true, value: {request() { return Promise.reject(new DOMException('refused', 'SecurityError')) }}})`,
		"locks throw":            `Object.defineProperty(navigator, 'locks', {configurable: true, value: {request() { throw new TypeError('no') }}})`,
	} {
		t.Run(name, func(t *testing.T) {
			first := fresh(t)
			first.Keep(at("a", "1", "k1"))
			stored(t, tabName, "k1")
			tab := tabName()
			first.Close()
			restore := spoiling(t, spoil)
			began := time.Now()
			p := page(t)
			if got := p.take(t, "a", ""); got != "" && name != "sessionStorage is full" {
				t.Errorf("takes %q", got)
			}
			if took := time.Since(began); took > 5*time.Second {
				t.Errorf("took %v", took)
			}
			p.Keep(at("b", "1", "k2"))
			p.Forget("k2")
			p.Keep(at("b", "1", "k3"))
			for deadline := time.Now().Add(30 * time.Second); len(p.changed) > 0 && time.Now().Before(deadline); {
				time.Sleep(time.Millisecond)
			}
			p.Close()
			restore()
			stored(t, func() string { return tab }, "k1")
		})
	}
}

// spoiling changes what the browser has, until it is restored or the test is over.
func spoiling(t *testing.T, spoil string) (restore func()) {
	t.Helper()
	v := eval(t, `
		const before = ['indexedDB', 'sessionStorage'].map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)])
		return () => {
			for (const [name, was] of before) Object.defineProperty(globalThis, name, was)
			delete navigator.locks
		}`)
	restore = func() { _, _ = js.Invoke(v) }
	t.Cleanup(restore)
	eval(t, spoil)
	return restore
}

func replace(s, with string) string {
	i := slices.Index([]byte(s), '%')
	return s[:i] + with + s[i+1:]
}

// A database that does not open holds up nobody for longer than asked.
func TestADatabaseThatHangs(t *testing.T) {
	first := fresh(t)
	first.Keep(at("a", "1", "k1"))
	stored(t, tabName, "k1")
	first.Close()
	spoiling(t, `Object.defineProperty(globalThis, 'indexedDB', {configurable: true, value: {open() {
		return Object.create(IDBOpenDBRequest.prototype, {addEventListener: {value() {}}, removeEventListener: {value() {}}})
	}}})`)
	p := NewPlaces() // not closed: it waits still
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	began := time.Now()
	if _, ok := p.Take(ctx, room, ""); ok {
		t.Error("takes something")
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("took %v", took)
	}
}

// Records are the page's to spoil.
func TestOddRecords(t *testing.T) {
	for _, source := range []string{
		`undefined`, `null`, `1`, `"x"`, `{}`, `{places: 1}`, `{places: [null, 1, {}, {key: 1}, {key: ""}]}`, `{places: {length: 1e9}}`,
	} {
		if all := decode(eval(t, "return ("+source+")")); len(all) != 0 {
			t.Errorf("%s: %+v", source, all)
		}
	}
	many := eval(t, `return {places: Array.from({length: 1000}, (_, i) => ({key: String(i)}))}`)
	if n := len(decode(many)); n != maxPlaces {
		t.Errorf("%d places", n)
	}
}
