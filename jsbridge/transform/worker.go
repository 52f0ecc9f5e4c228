//go:build js && wasm

package transform

import (
	"crypto/rand"
	"time"

	"nertc/internal/framecrypt"
	"nertc/jsbridge/js"
)

// unknown is the codec of a picture whose browser does not say it.
const unknown = -1

// dropped is what frame answers for one that must not go on.
const dropped = -1

// worker is the core's end of a frame worker. All runs on its one thread, and nothing waits.
type worker struct {
	scope  *js.Scope
	space  space
	tracks map[int]*track
	rooms  map[int]*room
}

// room is one key and what happened under it.
type room struct {
	cipher *framecrypt.Cipher
	counts counts
}

// counts are how many frames went through, and how many were dropped and why.
type counts struct {
	encrypted, decrypted   int
	unsent                 int // could not be encrypted
	clear, strange, replay int // arrived unencrypted, for another key or damaged, a second time
}

// track is one transform of the browser's.
type track struct {
	room    int
	sending bool
	of      *room // that sender is of
	sender  *framecrypt.Sender
}

// Serve makes the object that jsbridge/shim/src/frames.ts describes, and works for it and for the exported functions
// until the worker ends.
func Serve() js.Value {
	w := &worker{scope: js.NewScope(), tracks: map[int]*track{}, rooms: map[int]*room{}}
	serving = w
	object := js.Object(nil)
	for name, f := range map[string]func(args []js.Value) any{
		"open":    w.open,
		"close":   w.close,
		"message": w.message,
	} {
		function, _ := w.scope.Func(func(_ js.Value, args []js.Value) any { return f(args) })
		_ = js.Set(object, name, function)
	}
	return object
}

func integer(args []js.Value, i int) int {
	if i >= len(args) {
		return 0
	}
	n, _ := js.Integer(args[i])
	return int(n)
}

func (w *worker) open(args []js.Value) any {
	w.tracks[integer(args, 0)] = &track{room: integer(args, 1), sending: js.IsTrue(args[2])}
	return nil
}

func (w *worker) close(args []js.Value) any {
	w.closeTrack(integer(args, 0))
	return nil
}

func (w *worker) closeTrack(n int) {
	if t := w.tracks[n]; t != nil && t.sender != nil {
		t.sender.Close()
	}
	delete(w.tracks, n)
}

// frame is exportFrame. Whatever goes wrong, the frame is dropped.
func (w *worker) frame(track, codec, n int) int {
	t := w.tracks[track]
	if t == nil || n < 0 || n > w.space.half {
		return dropped
	}
	r := w.rooms[t.room]
	if r == nil { // the room was left
		return dropped
	}
	half := w.space.half
	in, room := w.space.memory[:n:half], w.space.memory[half:half]
	var out []byte
	var err error
	if t.sending {
		out, err = t.encrypt(r, room, in, codec)
	} else {
		out, err = r.decrypt(room, in)
	}
	if err != nil || len(out) > half { // what did not fit has gone elsewhere
		return dropped
	}
	return len(out)
}

func (t *track) encrypt(r *room, dst, frame []byte, codec int) ([]byte, error) {
	if t.of != r {
		t.of, t.sender = r, r.cipher.NewSender()
	}
	c := framecrypt.Codec(codec)
	if codec == unknown {
		c = framecrypt.VideoCodec(frame)
	}
	out, err := t.sender.Encrypt(dst, frame, c)
	if err != nil {
		r.counts.unsent++
		return nil, err
	}
	r.counts.encrypted++
	return out, nil
}

func (r *room) decrypt(dst, frame []byte) ([]byte, error) {
	out, err := r.cipher.Decrypt(dst, frame)
	switch err {
	case nil:
		r.counts.decrypted++
	case framecrypt.ErrKey:
		r.counts.strange++
	case framecrypt.ErrReplay:
		r.counts.replay++
	default:
		r.counts.clear++
	}
	return out, err
}

// end forgets a room and its keys.
func (w *worker) end(n int) {
	r := w.rooms[n]
	if r == nil {
		return
	}
	r.cipher.Close()
	delete(w.rooms, n)
	for _, t := range w.tracks {
		if t.of == r {
			t.of, t.sender = nil, nil
		}
	}
}

// The messages of the page, by the member that each has: {begin: room, mode, key}, {rotate: room, key},
// {end: room}, {close: track}, {count: number, room}, which is answered with {counted: number, …}.
func (w *worker) message(args []js.Value) any {
	m := args[0]
	var key []byte
	if v := js.Property(m, "key"); js.IsInstance(v, "Uint8Array") {
		n, _ := js.Integer(js.Property(v, "length"))
		key = make([]byte, n)
		js.CopyBytes(key, v)
		_, _ = js.Call(v, "fill", 0)
		defer clear(key)
	}
	if n, ok := js.Integer(js.Property(m, "begin")); ok {
		c, err := framecrypt.New(framecrypt.Options{
			Mode: framecrypt.Mode(js.TextOr(js.Property(m, "mode"), "")), Key: key, Random: rand.Reader,
		})
		if err != nil {
			js.Complain("no encryption", err)
			return nil
		}
		w.rooms[int(n)] = &room{cipher: c}
	}
	if n, ok := js.Integer(js.Property(m, "rotate")); ok {
		if r := w.rooms[int(n)]; r != nil {
			if err := r.cipher.Rotate(key); err != nil {
				js.Complain("the key does not change", err)
			}
			time.AfterFunc(framecrypt.ForgetAfter, r.cipher.Expire)
		}
	}
	if n, ok := js.Integer(js.Property(m, "end")); ok {
		w.end(int(n))
	}
	if n, ok := js.Integer(js.Property(m, "close")); ok {
		w.closeTrack(int(n))
	}
	if n, ok := js.Integer(js.Property(m, "count")); ok {
		answer := map[string]any{"counted": int(n)}
		if r := w.rooms[integer([]js.Value{js.Property(m, "room")}, 0)]; r != nil {
			for name, count := range map[string]int{
				"encrypted": r.counts.encrypted, "decrypted": r.counts.decrypted, "notEncrypted": r.counts.unsent,
				"droppedClear": r.counts.clear, "droppedForeign": r.counts.strange, "droppedReplayed": r.counts.replay,
			} {
				answer[name] = count
			}
		}
		_, _ = js.Invoke(js.Global("postMessage"), js.Object(answer))
	}
	return nil
}
