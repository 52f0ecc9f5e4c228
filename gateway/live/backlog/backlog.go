// Package backlog holds what the mixer has made and a server or a disk has not taken yet. It is filled without waiting: when it
// is full, it is emptied up to its newest key frame, or altogether, and then nothing is taken until the next.
package backlog

import (
	"sync"
	"time"

	"nertc/gateway/live/flv"
)

const (
	// mostTime and mostBytes of the stream wait before some of it is left out.
	mostTime  = 3 * time.Second
	mostBytes = 8 << 20
)

// Item is a packet, or with Meta a new description of the stream.
type Item struct {
	flv.Packet
	Meta *flv.Meta
}

// Backlog is one. Its methods may be called from several goroutines.
type Backlog struct {
	mu      sync.Mutex
	open    bool
	needKey bool
	items   []Item
	bytes   int
	video   flv.Packet // the newest configs, to begin with
	audio   flv.Packet
	meta    flv.Meta
	dropped uint64
	wake    chan struct{}
}

// New returns one that takes nothing before Begin, but remembers what it takes to begin.
func New(meta flv.Meta) *Backlog {
	return &Backlog{meta: meta, wake: make(chan struct{}, 1)}
}

// Begin empties it and takes packets from the next key frame on, where there is no picture from the next sound on: first the description, then the configs, then that.
func (q *Backlog) Begin() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.clear()
	q.open, q.needKey = true, true
}

// End drops what is left and takes no more.
func (q *Backlog) End() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.clear()
	q.open = false
}

func (q *Backlog) clear() { q.items, q.bytes = nil, 0 }

// Describe changes the description, from the next packet on.
func (q *Backlog) Describe(m flv.Meta) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.meta = m
	if q.open && !q.needKey {
		q.append(Item{Meta: &m})
	}
}

// Put takes a packet, whose data must not be changed afterwards.
func (q *Backlog) Put(p flv.Packet) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if p.Config {
		if p.Kind == flv.Audio {
			q.audio = p
		} else {
			q.video = p
		}
		if q.open && !q.needKey {
			q.append(Item{Packet: p})
		}
		return
	}
	if !q.open {
		return
	}
	if q.needKey {
		if !q.begins(p) {
			return
		}
		q.needKey = false
		q.preface()
	}
	q.append(Item{Packet: p})
	if q.full() {
		q.shed()
	}
}

// begins tells whether a player can begin with the packet.
func (q *Backlog) begins(p flv.Packet) bool {
	if q.meta.NoPicture {
		return p.Kind == flv.Audio && q.audio.Data != nil
	}
	return p.Key && q.video.Data != nil
}

// preface puts what a player needs before the first frame.
func (q *Backlog) preface() {
	meta := q.meta
	q.append(Item{Meta: &meta})
	if !q.meta.NoPicture {
		q.append(Item{Packet: q.video})
	}
	if q.audio.Data != nil {
		q.append(Item{Packet: q.audio})
	}
}

func (q *Backlog) append(i Item) {
	q.items = append(q.items, i)
	q.bytes += len(i.Data)
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

func (q *Backlog) full() bool {
	if q.bytes > mostBytes {
		return true
	}
	var first, last time.Duration
	seen := false
	for _, i := range q.items {
		if i.Meta == nil && !i.Config {
			first, seen = i.DTS, true
			break
		}
	}
	if n := len(q.items); seen {
		last = q.items[n-1].DTS
	}
	return last-first > mostTime
}

// shed leaves out what stands before the newest key frame, and all where that is not enough.
func (q *Backlog) shed() {
	key := 0
	for i := len(q.items) - 1; i > 0; i-- {
		if q.items[i].Key && !q.items[i].Config {
			key = i
			break
		}
	}
	for _, i := range q.items[key:] {
		if i.Config && i.Kind == flv.Video {
			key = 0 // what comes next is another picture, and begins with a key frame of its own
		}
	}
	kept := q.items[key:]
	q.count(q.items[:key])
	q.clear()
	if key > 0 {
		q.preface()
		for _, i := range kept {
			q.append(i)
		}
		if !q.full() {
			return
		}
	}
	q.count(kept)
	q.clear()
	q.needKey = true
}

func (q *Backlog) count(left []Item) {
	for _, i := range left {
		if i.Meta == nil && !i.Config {
			q.dropped++
		}
	}
}

// Wake is sent to when there is something to take.
func (q *Backlog) Wake() <-chan struct{} { return q.wake }

// Take returns the next item, if there is one.
func (q *Backlog) Take() (Item, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.items) == 0 {
		return Item{}, false
	}
	i := q.items[0]
	q.items[0] = Item{}
	q.items = q.items[1:]
	q.bytes -= len(i.Data)
	return i, true
}

// Dropped is how many pictures and sounds were left out.
func (q *Backlog) Dropped() uint64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.dropped
}
