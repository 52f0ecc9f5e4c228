package limit

import (
	"container/list"
	"math"
	"strconv"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// maxKeys bounds the keys of a Rate that are remembered: some megabytes.
const maxKeys = 1 << 14

// Rate limits how often something happens for each key. Each call is constant work, and
// a key that has not been used for so long that it counts as a new one is forgotten.
// It may be used from several goroutines.
type Rate[K comparable] struct {
	every rate.Limit
	burst int
	full  time.Duration // in which an empty bucket fills up
	most  int
	now   func() time.Time

	mu   sync.Mutex
	keys map[K]*list.Element
	used list.List // of *bucket[K], the one used last at the back
}

type bucket[K comparable] struct {
	key     K
	last    time.Time
	limiter *rate.Limiter
}

// NewRate permits so many a second after a burst; no limit where second is 0 or less.
func NewRate[K comparable](second, burst int) *Rate[K] { return newRate[K](float64(second), burst) }

// NewMinuteRate permits so many a minute, all of which may come at once; no limit where that is 0 or less.
func NewMinuteRate[K comparable](minute int) *Rate[K] { return newRate[K](float64(minute)/60, minute) }

func newRate[K comparable](second float64, burst int) *Rate[K] {
	r := &Rate[K]{every: rate.Limit(second), burst: max(burst, 1), most: maxKeys, now: time.Now, keys: map[K]*list.Element{}}
	if second > 0 {
		r.full = time.Duration(float64(r.burst) / second * float64(time.Second))
	}
	return r
}

// RetryAfter is a wait as HTTP's header of that name has it: whole seconds, no shorter than it is.
func RetryAfter(wait time.Duration) string { return strconv.Itoa(int(math.Ceil(wait.Seconds()))) }

// Take gives 0 where the key may go on now, otherwise how long it has to wait; then
// nothing is taken.
func (r *Rate[K]) Take(key K) (wait time.Duration) {
	if r.every <= 0 {
		return 0
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.now()
	r.forget(now)
	e := r.keys[key]
	if e == nil {
		if r.used.Len() >= r.most {
			r.drop(r.used.Front())
		}
		e = r.used.PushBack(&bucket[K]{key: key, limiter: rate.NewLimiter(r.every, r.burst)})
		r.keys[key] = e
	}
	r.used.MoveToBack(e)
	b := e.Value.(*bucket[K])
	b.last = now
	if b.limiter.AllowN(now, 1) {
		return 0
	}
	missing := 1 - b.limiter.TokensAt(now)
	return max(time.Duration(missing/float64(r.every)*float64(time.Second)), time.Millisecond)
}

// forget drops at most two that are full again: more than one comes with a call. The lock is held.
func (r *Rate[K]) forget(now time.Time) {
	for range 2 {
		e := r.used.Front()
		if e == nil || now.Sub(e.Value.(*bucket[K]).last) < r.full {
			return
		}
		r.drop(e)
	}
}

func (r *Rate[K]) drop(e *list.Element) {
	delete(r.keys, e.Value.(*bucket[K]).key)
	r.used.Remove(e)
}

// Count limits how many there are of each key at once. It may be used from several goroutines.
type Count[K comparable] struct {
	most int

	mu  sync.Mutex
	all map[K]int // only keys with one at least
}

// NewCount permits so many of a key; no limit where most is 0 or less.
func NewCount[K comparable](most int) *Count[K] {
	return &Count[K]{most: most, all: map[K]int{}}
}

// Enter notes one more, which Leave takes back, or is false where there are too many.
func (c *Count[K]) Enter(key K) bool {
	if c.most <= 0 {
		return true
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.all[key] >= c.most {
		return false
	}
	c.all[key]++
	return true
}

// Leave takes back an Enter that was true.
func (c *Count[K]) Leave(key K) {
	if c.most <= 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.all[key]--; c.all[key] <= 0 {
		delete(c.all, key)
	}
}
