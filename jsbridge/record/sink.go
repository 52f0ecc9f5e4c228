//go:build js && wasm

package record

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"strconv"
	"strings"

	"nertc/jsbridge/js"
)

// partBytes is how much is written to one file before the next is begun. A file that is open can
// be lost as a whole, when the disk is full for example: until it is closed, what is in it is kept as Blobs too.
const partBytes = 32 << 20

// folderPrefix begins the names of the folders of recordings, and of the locks of those in use.
const folderPrefix = "nertc-recording-"

// sink keeps what is recorded: in files of the origin's private file system where there is one,
// so that hours do not fill the memory, otherwise in Blobs. Its methods are called from one goroutine.
// https://fs.spec.whatwg.org/#sandboxed-filesystem
type sink struct {
	scope *js.Scope
	// folder is undefined where there is no such file system, or no longer room in it.
	folder js.Value
	name   string
	unlock func()

	written []js.Value // closed files, and Blobs once there is no folder
	open    js.Value   // the writer of the present file, undefined if there is none
	handle  js.Value
	pending []js.Value // what the present file holds
	size    float64    // of it, in bytes
	parts   int
}

// newSink makes a sink, and removes what pages have left behind that were closed in a recording.
func newSink(ctx context.Context, scope *js.Scope) *sink {
	s := &sink{scope: scope, folder: js.Undefined(), open: js.Undefined(), unlock: func() {}}
	storage := js.Property(js.Global("navigator"), "storage")
	locks := js.Property(js.Global("navigator"), "locks")
	if !js.IsFunction(js.Property(storage, "getDirectory")) || !js.IsFunction(js.Property(locks, "request")) ||
		!js.IsFunction(js.Property(js.Property(js.Global("FileSystemFileHandle"), "prototype"), "createWritable")) {
		return s
	}
	root, err := scope.AwaitCall(ctx, storage, "getDirectory")
	if err != nil {
		return s
	}
	removeStale(ctx, scope, root, locks)
	var id [8]byte
	_, _ = rand.Read(id[:])
	name := folderPrefix + hex.EncodeToString(id[:])
	unlock, ok := hold(ctx, scope, locks, name)
	if !ok {
		return s
	}
	folder, err := scope.AwaitCall(ctx, root, "getDirectoryHandle", name, js.Object(map[string]any{"create": true}))
	if err != nil {
		unlock()
		return s
	}
	s.folder, s.name, s.unlock = folder, name, unlock
	return s
}

// hold takes a lock until the function that it returns is called, or the page ends. It says to
// other pages of the origin that the folder of this name is in use.
// https://www.w3.org/TR/web-locks/
func hold(ctx context.Context, scope *js.Scope, locks js.Value, name string) (unlock func(), ok bool) {
	held := js.NewPromise()
	granted := make(chan struct{})
	callback, release := scope.Func(func(js.Value, []js.Value) any {
		close(granted)
		return held.Value
	})
	request, err := js.Call(locks, "request", name, callback)
	if err != nil {
		release()
		return nil, false
	}
	js.Disown(request)
	select {
	case <-granted:
		release()
		return func() { held.Resolve(js.Undefined()) }, true
	case <-ctx.Done():
		held.Resolve(js.Undefined())
		return nil, false
	}
}

// removeStale removes the folders whose pages are gone.
func removeStale(ctx context.Context, scope *js.Scope, root, locks js.Value) {
	// The folders first: one that is made now has had its lock before.
	names, err := js.Call(root, "keys")
	if err != nil {
		return
	}
	var found []string
	for {
		next, err := scope.AwaitCall(ctx, names, "next")
		if err != nil || js.IsTrue(js.Property(next, "done")) {
			break
		}
		if name := js.TextOr(js.Property(next, "value"), ""); strings.HasPrefix(name, folderPrefix) {
			found = append(found, name)
		}
	}
	state, err := scope.AwaitCall(ctx, locks, "query")
	if err != nil {
		return
	}
	used := map[string]bool{}
	for _, lock := range js.Items(js.Property(state, "held")) {
		used[js.TextOr(js.Property(lock, "name"), "")] = true
	}
	for _, name := range found {
		if used[name] {
			continue
		}
		_, _ = scope.AwaitCall(ctx, root, "removeEntry", name, js.Object(map[string]any{"recursive": true}))
	}
}

// add takes the next Blob.
func (s *sink) add(ctx context.Context, blob js.Value) {
	s.pending = append(s.pending, blob)
	if s.folder.IsUndefined() {
		return
	}
	if err := s.write(ctx, blob); err != nil {
		// The memory is what is left. Nothing is lost: the Blobs of the file that failed are pending.
		js.Complain("a recording cannot be written to disk, it goes on in memory", err)
		s.abandon()
		return
	}
	size, _ := js.Number(js.Property(blob, "size"))
	if s.size += size; s.size >= partBytes {
		s.closePart(ctx)
	}
}

func (s *sink) write(ctx context.Context, blob js.Value) error {
	if s.open.IsUndefined() {
		s.parts++
		handle, err := s.scope.AwaitCall(ctx, s.folder, "getFileHandle", strconv.Itoa(s.parts), js.Object(map[string]any{"create": true}))
		if err != nil {
			return err
		}
		if s.open, err = s.scope.AwaitCall(ctx, handle, "createWritable"); err != nil {
			s.open = js.Undefined()
			return err
		}
		s.handle = handle
	}
	_, err := s.scope.AwaitCall(ctx, s.open, "write", blob)
	return err
}

// closePart closes the present file; from then on it stands for its Blobs.
func (s *sink) closePart(ctx context.Context) {
	if s.open.IsUndefined() {
		return
	}
	_, err := s.scope.AwaitCall(ctx, s.open, "close")
	var file js.Value
	if err == nil {
		file, err = s.scope.AwaitCall(ctx, s.handle, "getFile")
	}
	if err != nil {
		js.Complain("a recording cannot be written to disk, it goes on in memory", err)
		s.abandon()
		return
	}
	s.written = append(s.written, file)
	s.pending, s.size, s.open = nil, 0, js.Undefined()
}

// abandon gives up writing to disk.
func (s *sink) abandon() {
	if !s.open.IsUndefined() {
		if p, err := js.Call(s.open, "abort"); err == nil {
			js.Disown(p)
		}
	}
	s.open, s.folder = js.Undefined(), js.Undefined()
}

// blobs are all of what was recorded, in order.
func (s *sink) blobs() []any {
	all := make([]any, 0, len(s.written)+len(s.pending))
	for _, b := range s.written {
		all = append(all, b)
	}
	for _, b := range s.pending {
		all = append(all, b)
	}
	return all
}

// discard removes everything.
func (s *sink) discard(ctx context.Context) {
	s.written, s.pending = nil, nil
	s.abandon()
	if s.name != "" {
		storage := js.Property(js.Global("navigator"), "storage")
		if root, err := s.scope.AwaitCall(ctx, storage, "getDirectory"); err == nil {
			_, _ = s.scope.AwaitCall(ctx, root, "removeEntry", s.name, js.Object(map[string]any{"recursive": true}))
		}
		s.name = ""
	}
	s.unlock()
	s.unlock = func() {}
}
