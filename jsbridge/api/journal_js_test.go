package api

import (
	"slices"
	"testing"
	"time"

	"nertc/internal/journal"
	"nertc/jsbridge/js"
)

func TestLogTellsTheShimInOrder(t *testing.T) {
	scope := js.NewScope()
	defer scope.Close()
	lines := make(chan string, 16)
	write, _ := scope.Func(func(_ js.Value, args []js.Value) any {
		level, _ := js.Integer(args[0])
		lines <- string('0'+rune(level)) + " " + js.TextOr(args[1], "") + ": " + js.TextOr(args[2], "")
		panic("a page that has put something of its own behind the console")
	})
	l := NewLog(js.Property(js.Object(map[string]any{"level": 1}), "level"), write)
	l.Named("client 1").Debug("below")
	l.Named("client 1").Info("first", "uid", "7")
	l.Error("second")
	l.SetLevel(journal.Debug)
	l.Debug("third")
	var got []string
	for len(got) < 3 {
		select {
		case line := <-lines:
			got = append(got, line)
		case <-time.After(30 * time.Second):
			t.Fatalf("only %q", got)
		}
	}
	if want := []string{"1 client 1: first uid=7", "3 : second", "0 : third"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestLogOfAShimWithoutOne(t *testing.T) {
	l := NewLog(js.Undefined(), js.Undefined())
	l.Named("client 1").Error("nobody takes it")
	factory := New(Options{Version: "1", Log: l}).Factory()
	if _, err := js.Call(factory, "setLogLevel", 0); err != nil {
		t.Error(err)
	}
}
