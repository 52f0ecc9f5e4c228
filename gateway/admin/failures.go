package admin

import (
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

const (
	failureBurst = 10              // wrong secrets from one address before it has to wait
	failureEvery = 6 * time.Second // and then one in this time
	// maxFailures bounds the addresses that are remembered.
	maxFailures = 1024
)

// failures are the wrong secrets of late by the address that they came from.
type failures struct {
	mu  sync.Mutex
	all map[netip.Addr]*rate.Limiter
}

// wait is how long an address has to wait before it may show a secret.
func (f *failures) wait(from netip.Addr) time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	l := f.all[network(from)]
	if l == nil {
		return 0
	}
	if missing := 1 - l.Tokens(); missing > 0 {
		return time.Duration(missing * float64(failureEvery))
	}
	return 0
}

// note counts a wrong secret.
func (f *failures) note(from netip.Addr) {
	f.mu.Lock()
	defer f.mu.Unlock()
	key := network(from)
	l := f.all[key]
	if l == nil {
		f.forget()
		l = rate.NewLimiter(rate.Every(failureEvery), failureBurst)
		f.all[key] = l
	}
	l.Allow()
}

// forget makes room for one more address: those go first that count as new ones anyway.
func (f *failures) forget() {
	if f.all == nil {
		f.all = map[netip.Addr]*rate.Limiter{}
	}
	if len(f.all) < maxFailures {
		return
	}
	for a, l := range f.all {
		if l.Tokens() >= failureBurst {
			delete(f.all, a)
		}
	}
	for a := range f.all { // in no order: nobody can choose who is forgotten
		if len(f.all) < maxFailures {
			return
		}
		delete(f.all, a)
	}
}

// network is the address, or of IPv6 the /64, which one host usually has to itself.
func network(a netip.Addr) netip.Addr {
	if p, err := a.Prefix(64); err == nil && a.Is6() {
		return p.Addr()
	}
	return a
}
