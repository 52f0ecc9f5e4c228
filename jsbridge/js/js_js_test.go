package js

import (
	"context"
	"errors"
	"math"
	sysjs "syscall/js"
	"testing"
	"time"

	"nertc/internal/errcode"
)

// eval makes odd values, which only JavaScript can.
func eval(t *testing.T, source string) Value {
	t.Helper()
	f, err := New(Global("Function"), "return ("+source+")")
	if err != nil {
		t.Fatal(err)
	}
	v, err := Invoke(f)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// odd are values that break careless code.
var odd = []string{
	`undefined`, `null`, `NaN`, `-0`, `1e308`, `true`, `""`, `"\ud800"`, `10n`, `Symbol("s")`,
	`function () { throw new Error("called") }`,
	`({get length() { throw new Error("length") }, get code() { throw new Error("code") }, get a() { throw new Error("a") }})`,
	`new Proxy({}, {get() { throw new Error("get") }, getPrototypeOf() { throw new Error("proto") }, has() { throw 1 }})`,
	`Object.create(null)`, `[1, Symbol("x"), 2n]`, `({length: 1e9})`, `({length: -1})`, `Proxy.revocable({}, {}).proxy`,
	`(() => { const r = Proxy.revocable({}, {}); r.revoke(); return r.proxy })()`,
}

func TestOddValuesNeverPanic(t *testing.T) {
	for _, source := range odd {
		v := eval(t, source)
		_, _ = Get(v, "a")
		_ = Property(Property(v, "a"), "b")
		_ = Set(v, "a", 1)
		_, _ = Call(v, "a")
		_, _ = Invoke(v)
		_, _ = New(v)
		_, _ = Text(v)
		_, _ = Number(v)
		_, _ = Integer(v)
		_ = IsTrue(v) || IsFalse(v) || IsSet(v) || IsFunction(v) || IsObject(v) || IsNullish(v)
		_ = IsInstance(v, "Element") || IsInstance(v, "NoSuchClass")
		_ = Items(v)
		if err := ErrorFrom(v); err == nil || err.Error() == "" && source == "" {
			t.Errorf("%s: no error", source)
		}
	}
}

func TestNumbers(t *testing.T) {
	for _, c := range []struct {
		source string
		want   int64
		ok     bool
	}{
		{"0", 0, true}, {"-3", -3, true}, {"9007199254740991", MaxSafeInteger, true},
		{"9007199254740992", 0, false}, {"1.5", 0, false}, {"NaN", 0, false}, {"Infinity", 0, false}, {`"1"`, 0, false},
	} {
		got, ok := Integer(eval(t, c.source))
		if got != c.want || ok != c.ok {
			t.Errorf("%s: got %d, %v", c.source, got, ok)
		}
	}
	if n, ok := Number(eval(t, "NaN")); !ok || !math.IsNaN(n) {
		t.Error("NaN is a number to JavaScript")
	}
}

func TestErrorsCrossTheBorder(t *testing.T) {
	sent := &errcode.Error{Code: errcode.BadToken, ExtraCode: 414, Reason: "check checksum error"}
	var got *errcode.Error
	if err := ErrorFrom(ErrorValue(sent)); !errors.As(err, &got) || *got != *sent {
		t.Errorf("got %v", err)
	}
	thrown := ErrorFrom(eval(t, `new DOMException("no", "NotAllowedError")`))
	if !errors.Is(thrown, NotAllowedError) || errors.Is(thrown, NotFoundError) {
		t.Errorf("got %v", thrown)
	}
	if errors.As(thrown, &got) {
		t.Error("a DOMException was taken for an error of ours")
	}
}

func TestFunctionThatPanicsGivesAnError(t *testing.T) {
	s := NewScope()
	defer s.Close()
	f, _ := s.Func(func(Value, []Value) any { panic("odd") })
	v, err := Invoke(f)
	if err != nil {
		t.Fatal(err)
	}
	if code, _ := Integer(Property(v, "code")); errcode.Code(code) != errcode.InvalidOperation {
		t.Errorf("got code %d", code)
	}
}

func TestAwait(t *testing.T) {
	s := NewScope()
	ctx := context.Background()
	if v, err := s.Await(ctx, eval(t, `new Promise(r => setTimeout(r, 1, "late"))`)); err != nil || TextOr(v, "") != "late" {
		t.Errorf("got %v, %v", v, err)
	}
	if v, err := s.Await(ctx, eval(t, `"no promise"`)); err != nil || TextOr(v, "") != "no promise" {
		t.Errorf("got %v, %v", v, err)
	}
	if _, err := s.Await(ctx, eval(t, `Promise.reject(new DOMException("", "AbortError"))`)); !errors.Is(err, AbortError) {
		t.Errorf("got %v", err)
	}
	short, cancel := context.WithTimeout(ctx, time.Millisecond)
	defer cancel()
	if _, err := s.Await(short, eval(t, `new Promise(() => {})`)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	ended := make(chan error, 1)
	go func() {
		_, err := s.Await(ctx, eval(t, `new Promise(() => {})`))
		ended <- err
	}()
	s.Turn(ctx)
	s.Close()
	if err := <-ended; !errors.Is(err, ErrClosed) {
		t.Errorf("got %v", err)
	}
	if n := s.Live(); n != 0 {
		t.Errorf("%d functions are still alive", n)
	}
	if _, err := s.Await(ctx, eval(t, `Promise.resolve()`)); !errors.Is(err, ErrClosed) {
		t.Errorf("got %v", err)
	}

	// A rejection that comes too late is not the page's business.
	page := NewScope()
	defer page.Close()
	unhandled := 0
	page.Listen(Global("self"), "unhandledrejection", func(event Value) {
		_, _ = Call(event, "preventDefault")
		unhandled++
	})
	if _, err := s.Await(ctx, eval(t, `Promise.reject(new Error("late"))`)); !errors.Is(err, ErrClosed) {
		t.Errorf("got %v", err)
	}
	page.Turn(ctx)
	if _, err := page.Await(ctx, eval(t, `new Promise(r => setTimeout(r, 20))`)); err != nil {
		t.Fatal(err)
	}
	if unhandled != 0 {
		t.Errorf("the page was told of %d rejections", unhandled)
	}
}

// TestLateSettlingIsSilent has promises settle, and never settle, after who waited for them has gone: the
// page must not be told of functions that are released, and nothing may stay alive.
func TestLateSettlingIsSilent(t *testing.T) {
	page := NewScope()
	defer page.Close()
	ctx := context.Background()
	console := Global("console")
	said, former := 0, Property(console, "error")
	spy, _ := page.Func(func(_ Value, args []Value) any {
		said++
		return nil
	})
	_ = Set(console, "error", spy)
	defer func() { _ = Set(console, "error", former) }()

	held := eval(t, `(() => { const h = {}; h.p = new Promise((...f) => h.settle = f); return h })()`)
	s := page.Child()
	before := page.Live()
	ended := make(chan error, 3)
	root := NewScope()
	short, cancel := context.WithCancel(ctx)
	for _, wait := range []func() (Value, error){
		func() (Value, error) { return s.Await(ctx, Property(held, "p")) },
		func() (Value, error) { return root.Await(ctx, Property(held, "p")) },
		func() (Value, error) { return page.Await(short, Property(held, "p")) },
	} {
		go func() {
			_, err := wait()
			ended <- err
		}()
	}
	page.Turn(ctx)
	if n := page.Live() + root.Live() - before; n != 3 {
		t.Errorf("%d wait", n)
	}
	s.Close()
	root.Close()
	cancel()
	for range 3 {
		if err := <-ended; err == nil {
			t.Error("a wait has ended without an error")
		}
	}
	if n := page.Live() + root.Live() - before; n != 0 {
		t.Errorf("%d still wait", n)
	}
	if rejects, err := Get(Property(held, "settle"), "1"); err == nil {
		_, _ = Invoke(rejects, "too late")
	}
	page.Turn(ctx)
	if said != 0 {
		t.Errorf("the console was told %d times", said)
	}
	if v, err := page.Await(ctx, eval(t, `Promise.resolve("on time")`)); err != nil || TextOr(v, "") != "on time" {
		t.Errorf("got %v, %v", v, err)
	}
	if root.waits.made || len(root.waits.pending) != 0 {
		t.Error("the function of a closed scope is kept")
	}
}

func TestListenersAreRemovedAndReleased(t *testing.T) {
	s := NewScope()
	child := s.Child()
	target := eval(t, `new EventTarget()`)
	fire := func() { _, _ = Call(target, "dispatchEvent", Global("Event").New("ping")) }
	n := 0
	remove := s.Listen(target, "ping", func(Value) { n++ })
	child.Listen(target, "ping", func(Value) { n += 10 })
	fire()
	remove()
	remove()
	fire()
	child.Close()
	fire()
	if n != 21 {
		t.Errorf("heard %d", n)
	}
	if s.Live() != 0 {
		t.Errorf("%d functions are still alive", s.Live())
	}
	grandchild := child.Child()
	if f, _ := grandchild.Func(func(Value, []Value) any { return nil }); !f.IsUndefined() {
		t.Error("a closed scope made a function")
	}
}

func TestPromiseSettles(t *testing.T) {
	s := NewScope()
	defer s.Close()
	p := NewPromise()
	go p.Reject(errcode.New(errcode.NoSuchUser, "user 7 is not in the room"))
	_, err := s.Await(context.Background(), p.Value)
	if e := errcode.Of(err); e.Code != errcode.NoSuchUser || e.Reason != "user 7 is not in the room" {
		t.Errorf("got %v", err)
	}
}

func TestTurnLetsTheirHandlersRun(t *testing.T) {
	s := NewScope()
	defer s.Close()
	ran := false
	f, _ := s.Func(func(Value, []Value) any { ran = true; return nil })
	p := NewPromise()
	v := p.Value
	for range 10 {
		v = v.Call("then", sysjs.Undefined())
	}
	v.Call("then", f)
	p.Resolve(nil)
	s.Turn(context.Background())
	if !ran {
		t.Error("what waited for the promise has not run")
	}
}
