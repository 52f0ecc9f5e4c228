package serial

import (
	"sync"
	"testing"
)

func TestOrder(t *testing.T) {
	var q Queue
	var got []int
	done := make(chan struct{})
	for i := range 1000 {
		q.Post(func() { got = append(got, i) })
	}
	q.Post(func() { close(done) })
	<-done
	for i, v := range got {
		if i != v {
			t.Fatalf("place %d has %d", i, v)
		}
	}
}

func TestPostFromInside(t *testing.T) {
	var q Queue
	done := make(chan struct{})
	order := []string{}
	q.Post(func() {
		q.Post(func() { order = append(order, "inner"); close(done) })
		order = append(order, "outer")
	})
	<-done
	if order[0] != "outer" || order[1] != "inner" {
		t.Fatal(order)
	}
}

func TestCloseRunsWhatWasPosted(t *testing.T) {
	var q Queue
	var wg sync.WaitGroup
	wg.Add(2)
	gate := make(chan struct{})
	q.Post(func() { <-gate; wg.Done() })
	q.Post(wg.Done)
	q.Close()
	if q.Post(func() { t.Error("ran after Close") }) {
		t.Error("Post after Close answered true")
	}
	close(gate)
	wg.Wait()
}
