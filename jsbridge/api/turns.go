package api

import (
	"context"
	"sync"

	"nertc/internal/protocol"
)

// turns keep what is done to one media type of a stream in the order of the calls. A call
// for several types waits for all of them.
type turns struct {
	mu   sync.Mutex
	last map[protocol.MediaType]<-chan struct{}
}

// take lines up. The first function waits for the turn; the second, which must be called
// in the end whatever has come of it, lets the next one have its.
func (t *turns) take(types ...protocol.MediaType) (wait func(context.Context) error, done func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.last == nil {
		t.last = map[protocol.MediaType]<-chan struct{}{}
	}
	own := make(chan struct{})
	var before []<-chan struct{}
	for _, m := range types {
		if c := t.last[m]; c != nil {
			before = append(before, c)
		}
		t.last[m] = own
	}
	wait = func(ctx context.Context) error {
		for _, c := range before {
			select {
			case <-c:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	}
	return wait, func() {
		// Who gives up its turn does not let the next one overtake those before.
		go func() {
			_ = wait(context.Background())
			close(own)
		}()
	}
}
