package protocol

import (
	"errors"
	"fmt"
	"testing"
)

func frames(l *Ledger) (out string) {
	for _, b := range l.Unacknowledged() {
		out += string(b)
	}
	return out
}

func TestLedger(t *testing.T) {
	var l Ledger
	for _, f := range []string{"a", "b", "c", "d"} {
		if err := l.Send([]byte(f)); err != nil {
			t.Fatal(err)
		}
	}
	for _, step := range []struct {
		received uint64
		left     string
		err      error
	}{
		{0, "abcd", nil}, {2, "cd", nil}, {2, "cd", nil}, {1, "cd", ErrLedger}, {5, "cd", ErrLedger}, {4, "", nil},
	} {
		if err := l.Acknowledge(step.received); !errors.Is(err, step.err) || frames(&l) != step.left {
			t.Fatalf("after %d: %q, %v", step.received, frames(&l), err)
		}
	}
	l.Receive()
	if l.Received() != 1 {
		t.Fatal(l.Received())
	}
}

func TestLedgerIsBounded(t *testing.T) {
	var l Ledger
	for i := range MaxUnacknowledged {
		if err := l.Send([]byte(fmt.Sprint(i))); err != nil {
			t.Fatal(err)
		}
	}
	if l.Send(nil) == nil {
		t.Fatal("it grew without bound")
	}
	if err := l.Acknowledge(MaxUnacknowledged); err != nil || l.Send(nil) != nil {
		t.Fatal("an acknowledgement made no room")
	}
}

func TestLedgerForgets(t *testing.T) {
	var l Ledger
	l.Forget()
	for _, f := range []string{"aa", "bb", "cc"} {
		if err := l.Send([]byte(f)); err != nil {
			t.Fatal(err)
		}
	}
	l.Forget()
	if n, size := l.Kept(); n != 2 || size != 4 || frames(&l) != "bbcc" {
		t.Fatal(n, size, frames(&l))
	}
	if err := l.Acknowledge(0); !errors.Is(err, ErrLedger) {
		t.Fatal("agrees with a side that lacks what was forgotten")
	}
	if err := l.Acknowledge(3); err != nil {
		t.Fatal(err)
	}
	if n, size := l.Kept(); n != 0 || size != 0 {
		t.Fatal(n, size)
	}
}
