//go:build js && wasm

package store

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"slices"
	"sync"
	"time"

	"nertc/internal/place"
	"nertc/jsbridge/js"
)

const (
	databaseName    = "nertc"
	databaseVersion = 1
	placesStore     = "places"

	// claimTime is how long a page waits for the one before it in its tab to let go of the tab's name. A busy machine takes
	// its time for that; only a tab that was duplicated, where nobody lets go, waits in vain.
	claimTime = time.Second
	// writeTimeout bounds one step of the writer; nobody waits for it.
	writeTimeout = 10 * time.Second
	// lifetime is how long a key is good for when its page is gone, see docs/protocol.md.
	lifetime = 30 * time.Second

	maxPlaces = 64 // of a tab
)

// Places is a place.Store: what a tab keeps is one record in IndexedDB, under the tab's name.
type Places struct {
	scope   *js.Scope
	db      database
	loaded  chan struct{} // closed when what the page before has left is known
	changed chan struct{} // holds a token while something is to be written
	now     func() time.Time

	mu      sync.Mutex
	tab     string // this page's alone; empty before it has one
	release func() // of the lock on it
	since   time.Time
	left    []place.Place // by the page before, and not taken
	taken   []place.Place
	held    []place.Place
}

var _ place.Store = (*Places)(nil)

// NewPlaces begins to look for what the page before in this tab has left.
func NewPlaces() *Places {
	p := &Places{
		scope: js.NewScope(), loaded: make(chan struct{}), changed: make(chan struct{}, 1), now: time.Now,
		db: database{name: databaseName, version: databaseVersion, stores: []string{placesStore}},
	}
	go func() {
		js.Guard(p.load)
		close(p.loaded)
		for {
			select {
			case <-p.changed:
				js.Guard(p.write)
			case <-p.scope.Done():
				return
			}
		}
	}()
	return p
}

// load takes over the tab's name, if there is one and no living page has it.
func (p *Places) load() {
	tab := tabName()
	if tab == "" {
		return
	}
	release, ok := hold(p.scope, lockOf(tab), claimTime)
	if !ok {
		return // the tab is a copy of another: it gets a name when it needs one
	}
	ctx, cancel := context.WithTimeout(context.Background(), writeTimeout)
	defer cancel()
	record, err := p.db.get(ctx, placesStore, tab)
	if err != nil {
		release()
		return
	}
	if record.IsUndefined() { // it was left behind by a page that has kept nothing in the end
		forgetTabName(tab)
		release()
		return
	}
	p.mu.Lock()
	p.tab, p.release, p.since, p.left = tab, release, p.now(), decode(record)
	p.mu.Unlock()
	timer := time.AfterFunc(lifetime, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.expire()
	})
	p.scope.OnClose(func() { timer.Stop() })
}

func lockOf(tab string) string { return "nertc tab " + tab }

// Take is place.Store's.
func (p *Places) Take(ctx context.Context, r place.Room, uid string) (place.Place, bool) {
	select {
	case <-p.loaded:
	case <-ctx.Done():
		return place.Place{}, false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.expire()
	i := slices.IndexFunc(p.left, func(l place.Place) bool { return l.Room == r && (uid == "" || uid == l.UID) })
	if i < 0 || ctx.Err() != nil {
		return place.Place{}, false
	}
	found := p.left[i]
	p.left = slices.Delete(p.left, i, i+1)
	p.taken = append(p.taken, found)
	return found, true
}

// expire drops what is of no use any more. The lock is held.
func (p *Places) expire() {
	if p.left != nil && p.now().Sub(p.since) >= lifetime {
		p.left = nil
		p.change()
	}
}

// Return is place.Store's.
func (p *Places) Return(back place.Place) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if i := slices.Index(p.taken, back); i >= 0 {
		p.taken = slices.Delete(p.taken, i, i+1)
		p.left = slices.Insert(p.left, 0, back)
	}
}

// Keep is place.Store's.
func (p *Places) Keep(kept place.Place) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.held = append(p.held, kept)
	p.change()
}

// Forget is place.Store's.
func (p *Places) Forget(key string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	is := func(l place.Place) bool { return l.Key == key }
	p.taken = slices.DeleteFunc(p.taken, is)
	p.held = slices.DeleteFunc(p.held, is)
	p.change()
}

// change has the writer write what is there by then.
func (p *Places) change() {
	select {
	case p.changed <- struct{}{}:
	default:
	}
}

// write stores what is there. What fails is not tried again before the next change.
func (p *Places) write() {
	p.mu.Lock()
	p.expire()
	all := slices.Concat(p.left, p.taken, p.held)
	tab := p.tab
	p.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), writeTimeout)
	defer cancel()
	switch {
	case len(all) == 0 && tab != "":
		p.unname(ctx, tab)
	case len(all) > 0 && (tab != "" || p.name(ctx)):
		_ = p.db.put(ctx, placesStore, p.tab, encode(all))
	}
}

// name gives the tab a name of its own. Only the writer calls it.
func (p *Places) name(ctx context.Context) bool {
	if _, err := p.db.open(ctx); err != nil {
		return false // a name would be of no use
	}
	var b [16]byte
	_, _ = rand.Read(b[:]) // it never fails, https://pkg.go.dev/crypto/rand#Read
	tab := hex.EncodeToString(b[:])
	release, ok := hold(p.scope, lockOf(tab), 0)
	if !ok {
		return false
	}
	if setTabName(tab) != nil {
		release()
		return false
	}
	p.mu.Lock()
	p.tab, p.release = tab, release
	p.mu.Unlock()
	go js.Guard(p.sweep)
	return true
}

// unname deletes all that is stored: a page with a lock and a name is one that browsers do not keep for the way
// back to it. Only the writer calls it.
func (p *Places) unname(ctx context.Context, tab string) {
	if p.db.remove(ctx, placesStore, tab) != nil {
		return
	}
	forgetTabName(tab)
	p.mu.Lock()
	release := p.release
	p.tab, p.release = "", nil
	p.mu.Unlock()
	release()
}

// sweep deletes what closed tabs have left. When a tab was closed is not known, so what is seen
// without its page for the first time is only marked: the page may be on its way back.
func (p *Places) sweep() {
	ctx, cancel := context.WithTimeout(context.Background(), writeTimeout)
	defer cancel()
	tabs, _ := p.db.keys(ctx, placesStore)
	for _, tab := range tabs {
		release, ok := hold(p.scope, lockOf(tab), 0)
		if !ok {
			continue // it lives
		}
		record, err := p.db.get(ctx, placesStore, tab)
		marked, ok := js.Number(js.Property(record, "alone"))
		now := float64(p.now().UnixMilli())
		switch {
		case err != nil || !js.IsObject(record):
		case ok && now-marked > float64(lifetime.Milliseconds()):
			_ = p.db.remove(ctx, placesStore, tab)
		case !ok && js.Set(record, "alone", now) == nil:
			_ = p.db.put(ctx, placesStore, tab, record)
		}
		release()
	}
}

// Close lets go of the tab's name, as the end of a page does, and of all that is open.
func (p *Places) Close() {
	<-p.loaded
	p.mu.Lock()
	if p.release != nil {
		p.release()
	}
	p.mu.Unlock()
	p.scope.Close()
	p.db.close()
}

func encode(all []place.Place) js.Value {
	if len(all) > maxPlaces {
		all = all[len(all)-maxPlaces:]
	}
	list := make([]any, len(all))
	for i, l := range all {
		list[i] = map[string]any{
			"server": l.Server, "appkey": l.AppKey, "channel": l.Channel, "uid": l.UID, "key": l.Key,
		}
	}
	return js.Object(map[string]any{"places": list})
}

// decode reads a record. It is the page's to spoil: what does not fit is left out.
func decode(record js.Value) (all []place.Place) {
	for _, v := range js.Items(js.Property(record, "places")) {
		text := func(name string) string { return js.TextOr(js.Property(v, name), "") }
		l := place.Place{
			Room: place.Room{Server: text("server"), AppKey: text("appkey"), Channel: text("channel")},
			UID:  text("uid"), Key: text("key"),
		}
		if l.Key != "" && len(all) < maxPlaces {
			all = append(all, l)
		}
	}
	return all
}
