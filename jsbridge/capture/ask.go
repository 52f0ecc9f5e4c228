//go:build js && wasm

package capture

import (
	"context"
	"errors"

	"nertc/jsbridge/js"
	"nertc/jsbridge/peer"
)

// ask calls a function of navigator.mediaDevices, or of what stands in for it, that gives a stream, and gives its tracks.
func ask(ctx context.Context, owner *js.Scope, devices js.Value, method string, constraints map[string]any) ([]*Source, error) {
	type outcome struct {
		sources []*Source
		err     error
	}
	answered := make(chan outcome, 1)
	// The waiting has a scope of its own, which the answer empties: a stream destroyed
	// meanwhile must not lose sight of a camera that the user then grants.
	waiting := js.NewScope()
	go func() {
		stream, err := waiting.AwaitCall(context.Background(), devices, method, constraints)
		waiting.Close()
		answered <- outcome{tracksOf(stream), err}
	}()
	select {
	case a := <-answered:
		return a.sources, a.err
	case <-ctx.Done():
	case <-owner.Done():
	}
	if js.IsFunction(js.Property(devices, "giveUp")) {
		_, _ = js.Call(devices, "giveUp")
	}
	go func() {
		for _, s := range (<-answered).sources {
			s.Stop()
		}
	}()
	return nil, js.ErrClosed
}

// gaveUp says whether an error means that nobody waits for a device any more.
func gaveUp(ctx context.Context, err error) bool {
	return ctx.Err() != nil || errors.Is(err, js.ErrClosed)
}

func tracksOf(stream js.Value) []*Source {
	tracks, err := js.Call(stream, "getTracks")
	if err != nil {
		return nil
	}
	var sources []*Source
	for _, v := range js.Items(tracks) {
		if t, err := peer.NewTrack(v); err == nil {
			sources = append(sources, &Source{Track: t, captured: true})
		}
	}
	return sources
}
