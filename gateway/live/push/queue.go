package push

import (
	"sync"
	"time"

	"nertc/gateway/live/flv"
)

const (
	// mostTime and mostBytes of the stream wait for a slow server before some of it is left out.
	mostTime  = 3 * time.Second
	mostBytes = 8 << 20
)

// item is a packet, or a new description of the stream.
type item struct {
	flv.Packet
	meta *flv.Meta
}

// queue holds what the mixer has made and the server has not taken. It is filled without waiting: when it is full, it is
// emptied up to its newest key frame, or altogether, and then nothing is taken until the next.
type queue struct {
	mu      sync.Mutex
	open    bool // there is a server to send to
	needKey bool
	items   []item
	bytes   int
	video   flv.Packet // the newest configs, to begin with
	audio   flv.Packet
	meta    flv.Meta
	dropped uint64 // pictures and sounds
	wake    chan struct{}
}

func newQueue(meta flv.Meta) *queue {
	return &queue{meta: meta, wake: make(chan struct{}, 1)}
}

// begin empties the queue and takes packets from the next key frame on.
func (q *queue) begin() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.clear()
	q.open, q.needKey = true, true
}

// end drops what is left and takes no more.
func (q *queue) end() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.clear()
	q.open = false
}

func (q *queue) clear() { q.items, q.bytes = nil, 0 }

func (q *queue) describe(m flv.Meta) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.meta = m
	if q.open && !q.needKey {
		q.append(item{meta: &m})
	}
}

func (q *queue) put(p flv.Packet) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if p.Config {
		if p.Kind == flv.Audio {
			q.audio = p
		} else {
			q.video = p
		}
		if q.open && !q.needKey {
			q.append(item{Packet: p})
		}
		return
	}
	if !q.open {
		return
	}
	if q.needKey {
		if !p.Key || q.video.Data == nil {
			return
		}
		q.needKey = false
		q.preface()
	}
	q.append(item{Packet: p})
	if q.full() {
		q.shed()
	}
}

// preface puts what a player needs before the first frame.
func (q *queue) preface() {
	meta := q.meta
	q.append(item{meta: &meta})
	q.append(item{Packet: q.video})
	if q.audio.Data != nil {
		q.append(item{Packet: q.audio})
	}
}

func (q *queue) append(i item) {
	q.items = append(q.items, i)
	q.bytes += len(i.Data)
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

func (q *queue) full() bool {
	if q.bytes > mostBytes {
		return true
	}
	var first, last time.Duration
	seen := false
	for _, i := range q.items {
		if i.meta == nil && !i.Config {
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
func (q *queue) shed() {
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

func (q *queue) count(left []item) {
	for _, i := range left {
		if i.meta == nil && !i.Config {
			q.dropped++
		}
	}
}

// take returns the next item, if there is one.
func (q *queue) take() (item, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.items) == 0 {
		return item{}, false
	}
	i := q.items[0]
	q.items[0] = item{}
	q.items = q.items[1:]
	q.bytes -= len(i.Data)
	return i, true
}

func (q *queue) droppedSoFar() uint64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.dropped
}
