//go:build js && wasm

// Package store keeps things in the browser beyond the life of a page, in the IndexedDB of
// the page's origin.
package store

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/hack-pad/go-indexeddb/idb"

	"nertc/jsbridge/js"
)

// openTimeout is for a browser that does not answer, and for a page of a later version that holds the database.
const openTimeout = 10 * time.Second

// database is opened when it is first needed, once for a page: each opening costs a
// function that go-indexeddb does not release.
type database struct {
	name    string
	version uint
	stores  []string // all of this version

	mu      sync.Mutex
	opening *opening
	closed  bool
}

type opening struct {
	done chan struct{}
	db   *idb.Database
	err  error
}

// guarded turns a panic into an error. go-indexeddb panics where the browser is not as it expects, and
// that would end the program.
func guarded(f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("IndexedDB: %v", r)
		}
	}()
	return f()
}

// open waits for the database. The context ends the wait, not the opening.
func (d *database) open(ctx context.Context) (*idb.Database, error) {
	d.mu.Lock()
	if d.closed {
		d.mu.Unlock()
		return nil, js.ErrClosed
	}
	o := d.opening
	if o == nil {
		o = &opening{done: make(chan struct{})}
		d.opening = o
		go func() {
			defer close(o.done)
			o.err = guarded(func() (err error) {
				o.db, err = d.request()
				return err
			})
			if o.err != nil {
				d.forget(o)
			}
		}()
	}
	d.mu.Unlock()
	select {
	case <-o.done:
		return o.db, o.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// forget has the next one open the database anew.
func (d *database) forget(o *opening) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.opening == o {
		d.opening = nil
	}
}

func (d *database) request() (*idb.Database, error) {
	// Read with care: where storage is refused, the getter throws.
	factory, err := js.Get(js.Global("globalThis"), "indexedDB")
	if err != nil {
		return nil, fmt.Errorf("IndexedDB: %w", err)
	}
	if !js.IsObject(factory) {
		return nil, fmt.Errorf("IndexedDB: there is none")
	}
	f, err := idb.WrapFactory(factory)
	if err != nil {
		return nil, fmt.Errorf("IndexedDB: %w", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), openTimeout)
	defer cancel()
	r, err := f.Open(ctx, d.name, d.version, func(db *idb.Database, _, _ uint) error {
		there, err := db.ObjectStoreNames()
		if err != nil {
			return err
		}
		for _, name := range there {
			if err := db.DeleteObjectStore(name); err != nil {
				return err
			}
		}
		for _, name := range d.stores {
			if _, err := db.CreateObjectStore(name, idb.ObjectStoreOptions{}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("open IndexedDB: %w", err)
	}
	db, err := r.Await(ctx)
	if err == nil {
		err = ctx.Err() // of which Await says nothing
	}
	if err != nil {
		return nil, fmt.Errorf("open IndexedDB: %w", err)
	}
	return db, nil
}

// with runs one step, which waits for its result, on an object store.
func (d *database) with(ctx context.Context, store string, mode idb.TransactionMode, step func(*idb.ObjectStore) error) error {
	db, err := d.open(ctx)
	if err != nil {
		return err
	}
	d.mu.Lock()
	o := d.opening
	d.mu.Unlock()
	err = guarded(func() error {
		tx, err := db.Transaction(mode, store)
		if err != nil {
			d.forget(o) // the connection is closed: a later version wants to open
			return err
		}
		s, err := tx.ObjectStore(store)
		if err != nil {
			return err
		}
		return step(s)
	})
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return fmt.Errorf("IndexedDB %s: %w", store, err)
	}
	return nil
}

// get gives what is stored under a key, undefined if nothing is.
func (d *database) get(ctx context.Context, store, key string) (v js.Value, err error) {
	err = d.with(ctx, store, idb.TransactionReadOnly, func(s *idb.ObjectStore) error {
		r, err := s.Get(js.OfText(key))
		if err != nil {
			return err
		}
		v, err = r.Await(ctx)
		return err
	})
	return v, err
}

func (d *database) put(ctx context.Context, store, key string, v js.Value) error {
	return d.with(ctx, store, idb.TransactionReadWrite, func(s *idb.ObjectStore) error {
		r, err := s.PutKey(js.OfText(key), v)
		if err != nil {
			return err
		}
		_, err = r.Await(ctx)
		return err
	})
}

func (d *database) remove(ctx context.Context, store, key string) error {
	return d.with(ctx, store, idb.TransactionReadWrite, func(s *idb.ObjectStore) error {
		r, err := s.Delete(js.OfText(key))
		if err != nil {
			return err
		}
		return r.Await(ctx)
	})
}

// keys gives those that are texts.
func (d *database) keys(ctx context.Context, store string) (keys []string, err error) {
	err = d.with(ctx, store, idb.TransactionReadOnly, func(s *idb.ObjectStore) error {
		r, err := s.GetAllKeys()
		if err != nil {
			return err
		}
		values, err := r.Await(ctx)
		for _, v := range values {
			if key, ok := js.Text(v); ok {
				keys = append(keys, key)
			}
		}
		return err
	})
	return keys, err
}

// close ends the connection for good.
func (d *database) close() {
	d.mu.Lock()
	o := d.opening
	d.opening, d.closed = nil, true
	d.mu.Unlock()
	if o == nil {
		return
	}
	<-o.done
	if o.err == nil {
		_ = guarded(o.db.Close)
	}
}
