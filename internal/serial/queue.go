// Package serial runs functions one after another, in the order in which they were posted.
package serial

import "sync"

// Queue runs posted functions in order on a goroutine of its own, which lives only
// while there is something to run. The zero value is ready.
type Queue struct {
	mu      sync.Mutex
	waiting []func()
	running bool
	closed  bool
}

// Post adds a function and never blocks. It answers false, and runs nothing, once the queue is closed.
func (q *Queue) Post(f func()) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return false
	}
	q.waiting = append(q.waiting, f)
	if !q.running {
		q.running = true
		go q.run()
	}
	return true
}

// Close lets what was posted so far run to its end and refuses the rest.
func (q *Queue) Close() {
	q.mu.Lock()
	q.closed = true
	q.mu.Unlock()
}

func (q *Queue) run() {
	for {
		q.mu.Lock()
		if len(q.waiting) == 0 {
			q.waiting = nil
			q.running = false
			q.mu.Unlock()
			return
		}
		f := q.waiting[0]
		q.waiting[0] = nil
		q.waiting = q.waiting[1:]
		q.mu.Unlock()
		f()
	}
}
