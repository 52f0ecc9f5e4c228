package api

import (
	"context"
	"testing"
	"testing/synctest"

	"nertc/internal/protocol"
)

func TestTurnsKeepTheOrderOfTheCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var all turns
		var order []string
		begin := func(name string, types ...protocol.MediaType) (end func()) {
			wait, done := all.take(types...)
			go func() {
				if err := wait(t.Context()); err != nil {
					t.Errorf("%s: %v", name, err)
				}
				order = append(order, name)
			}()
			synctest.Wait()
			return func() { done(); synctest.Wait() }
		}
		expect := func(want ...string) {
			t.Helper()
			if len(order) != len(want) {
				t.Fatalf("%v, want %v", order, want)
			}
			for i := range want {
				if order[i] != want[i] {
					t.Fatalf("%v, want %v", order, want)
				}
			}
		}
		first := begin("sound", protocol.MediaAudio)
		second := begin("picture", protocol.MediaVideo)
		both := begin("both", protocol.MediaAudio, protocol.MediaVideo)
		last := begin("picture again", protocol.MediaVideo)
		nothing := begin("nothing")
		expect("sound", "picture", "nothing")
		nothing()
		second()
		expect("sound", "picture", "nothing")
		first()
		expect("sound", "picture", "nothing", "both")
		both()
		expect("sound", "picture", "nothing", "both", "picture again")
		last()
	})
}

func TestWhoGivesUpIsNotOvertaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var all turns
		_, first := all.take(protocol.MediaAudio)
		gone, cancel := context.WithCancel(t.Context())
		wait, second := all.take(protocol.MediaAudio)
		cancel()
		if wait(gone) == nil {
			t.Fatal("a turn came before its time")
		}
		second()
		third, end := all.take(protocol.MediaAudio)
		came := false
		go func() { came = third(t.Context()) == nil }()
		synctest.Wait()
		if came {
			t.Fatal("the third came before the first was done")
		}
		first()
		synctest.Wait()
		if !came {
			t.Fatal("the third never came")
		}
		end()
	})
}
