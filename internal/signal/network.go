package signal

import (
	"context"
	"sync"
	"time"
)

// offlineDelay is how often an attempt is made while there is said to be no network: what says so may be wrong.
const offlineDelay = 10 * time.Second

// Network is what is known of the network beneath the connections of one client. Series
// of attempts follow it. The zero value is online.
type Network struct {
	mu      sync.Mutex
	offline bool
	news    uint64        // how often attempts were to come at once
	changed chan struct{} // closed at the next change, nil while nobody waits
}

// SetOnline says whether there is a network at all. When there is one again, attempts come at once.
func (n *Network) SetOnline(online bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	back := online && n.offline
	n.offline = !online
	if back {
		n.news++
	}
	n.change()
}

// Nudge makes the attempts that are waited for come at once.
func (n *Network) Nudge() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.news++
	n.change()
}

// change wakes those who wait. The lock is held.
func (n *Network) change() {
	if n.changed != nil {
		close(n.changed)
		n.changed = nil
	}
}

// look gives what is known now, and what is closed when it changes.
func (n *Network) look() (offline bool, news uint64, changed <-chan struct{}) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.changed == nil {
		n.changed = make(chan struct{})
	}
	return n.offline, n.news, n.changed
}

// Series is a series of attempts. One goroutine uses it.
type Series struct {
	Policy  Policy
	Network *Network
	// Since is when the trouble began, which Policy.GiveUp counts from.
	Since time.Time
	// Attempt is the number of the next one, see Policy.Delay.
	Attempt int
	// Once has one attempt come even if the time is up: it may have gone by while the machine was asleep.
	Once bool

	begun bool
	news  uint64
}

// Next waits until the next attempt is due: after its delay, seldom while offline, and at once when there
// is news of the network; delays then begin anew, because the first attempt may come a little
// early. It is false when the context has ended or the time is up.
func (s *Series) Next(ctx context.Context) bool {
	began := time.Now()
	for {
		offline, news, changed := s.Network.look()
		if !s.begun {
			s.begun, s.news = true, news
		}
		delay := s.Policy.Delay(s.Attempt)
		switch {
		case news != s.news:
			s.news, s.Attempt, delay = news, 0, 0
		case offline && s.Attempt > 0:
			delay = max(delay, offlineDelay)
		}
		left := s.Policy.GiveUp - time.Since(s.Since)
		if left < 0 && !s.Once {
			return false
		}
		delay -= time.Since(began)
		capped := !s.Once && left < delay
		if capped {
			delay = left + time.Millisecond
		}
		again, ended := sleep(ctx, delay, changed)
		switch {
		case ended:
			return false
		case again, capped:
			continue
		}
		s.Attempt++
		s.Once = false
		return true
	}
}

// sleep waits for a time; again says that something has changed meanwhile.
func sleep(ctx context.Context, d time.Duration, changed <-chan struct{}) (again, ended bool) {
	if ctx.Err() != nil {
		return false, true
	}
	if d <= 0 {
		return false, false
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return false, false
	case <-changed:
		return true, false
	case <-ctx.Done():
		return false, true
	}
}
