package client_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"nertc/internal/client"
	"nertc/internal/errcode"
	"nertc/internal/framecrypt"
	"nertc/internal/media"
	"nertc/internal/protocol"
)

// crypt is a media.Encryption that notes what is asked of it.
type crypt struct {
	w         *world
	available error
	rootError error
	root      chan struct{} // closed: roots are computed at once

	mu    sync.Mutex
	log   []string
	roots [][]byte // and keys: what was given and taken, in the same memory
	asked chan struct{}
}

func quickRoot(secret, appkey string) []byte {
	sum := sha256.Sum256([]byte(appkey + secret))
	return sum[:]
}

func (c *crypt) note(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.log = append(c.log, fmt.Sprintf(format, args...))
}

// noted takes what was noted.
func (c *crypt) noted() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	l := c.log
	c.log = nil
	return l
}

func (c *crypt) Available() error { return c.available }

func (c *crypt) Root(ctx context.Context, secret, appkey string) ([]byte, error) {
	c.mu.Lock()
	wait, key := c.root, quickRoot(secret, appkey)
	c.roots = append(c.roots, key)
	c.mu.Unlock()
	if c.asked != nil {
		c.asked <- struct{}{}
	}
	select {
	case <-wait:
	case <-ctx.Done():
	}
	return key, c.rootError
}

// left is how many of the roots and keys are not overwritten.
func (c *crypt) left() (n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, b := range c.roots {
		if !bytes.Equal(b, make([]byte, len(b))) {
			n++
		}
	}
	return n
}

func (c *crypt) Begin(_ context.Context, mode string, key []byte) (media.Factory, error) {
	c.note("begin %s %x", mode, key)
	c.mu.Lock()
	c.roots = append(c.roots, key)
	c.mu.Unlock()
	return c.w.newPeer, nil
}

func (c *crypt) Rotate(key []byte) error {
	c.note("rotate %x", key)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.roots = append(c.roots, key)
	return nil
}

func (c *crypt) End() { c.note("end") }

func newCryptWorld(t *testing.T) (*world, *crypt) {
	e := &crypt{root: make(chan struct{})}
	close(e.root)
	w := newWorld(t, func(o *client.Options) { o.Encryption = e })
	e.w = w
	return w, e
}

func keysOf(t *testing.T, secret string, mode framecrypt.Mode) (key, check string) {
	t.Helper()
	root := quickRoot(secret, "app")
	k, err := framecrypt.FrameKey(root, mode, "room")
	if err != nil {
		t.Fatal(err)
	}
	c, err := framecrypt.Check(root, mode, "room")
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%x", k), base64.RawURLEncoding.EncodeToString(c)
}

func (w *world) encrypt(mode framecrypt.Mode, secret string) {
	w.t.Helper()
	if err := w.c.SetEncryptionMode(mode); err != nil {
		w.t.Fatal(err)
	}
	if err := w.c.SetEncryptionSecret(secret); err != nil {
		w.t.Fatal(err)
	}
}

// enterRoom lets a join in and gives what it said.
func (w *world) enterRoom() (j protocol.Join) {
	w.t.Helper()
	result := w.startJoin()
	m := w.request(protocol.TypeJoin, &j)
	w.pipe.Say(protocol.TypeJoined, m.ID, protocol.Joined{CID: 7, UID: "1", Answer: protocol.Answer{SDP: "answer-1"}, PingInterval: 60_000})
	if err := <-result; err != nil {
		w.t.Fatal(err)
	}
	w.expect("DISCONNECTED→CONNECTING", "CONNECTING→CONNECTED", "Joined{}")
	return j
}

func TestSetEncryption(t *testing.T) {
	w, e := newCryptWorld(t)
	if err := w.c.SetEncryptionSecret("x"); code(err) != errcode.SecretBeforeMode {
		t.Error(err)
	}
	for _, m := range []framecrypt.Mode{"", "aes", "SM4-128-GCM"} {
		if err := w.c.SetEncryptionMode(m); code(err) != errcode.InvalidEncryptionMode {
			t.Errorf("%q: %v", m, err)
		}
	}
	w.encrypt(framecrypt.GCM, strings.Repeat("密", 42)+"xx") // 128 bytes
	for _, s := range []string{"", strings.Repeat("密", 43)} {
		if err := w.c.SetEncryptionSecret(s); code(err) != errcode.InvalidArgument {
			t.Errorf("%d bytes: %v", len(s), err)
		}
	}
	w.encrypt(framecrypt.GCM, "secret")
	key, check := keysOf(t, "secret", framecrypt.GCM)
	if j := w.enterRoom(); j.CryptMode != "sm4-128-gcm" || j.CryptCheck != check {
		t.Errorf("joined with %q %q", j.CryptMode, j.CryptCheck)
	}
	if l := e.noted(); !slices.Equal(l, []string{"begin sm4-128-gcm " + key}) {
		t.Error(l)
	}
	if err := w.c.SetEncryptionMode(framecrypt.None); code(err) != errcode.InvalidOperation {
		t.Error(err)
	}
	if err := w.c.SetEncryptionSecret("other"); code(err) != errcode.InvalidOperation {
		t.Error(err)
	}
}

func TestNoEncryptionWithoutBoth(t *testing.T) {
	for name, set := range map[string]func(*client.Client) error{
		"nothing":    func(*client.Client) error { return nil },
		"mode alone": func(c *client.Client) error { return c.SetEncryptionMode(framecrypt.GCM) },
		"none and secret": func(c *client.Client) error {
			return errors.Join(c.SetEncryptionMode(framecrypt.None), c.SetEncryptionSecret("x"))
		},
		"a cipher of the page's own, and a mode behind it": func(c *client.Client) error {
			return errors.Join(c.SetEncryptionMode(framecrypt.None), c.SetEncryptionSecret("x"), c.Unencrypted(), c.SetEncryptionMode(framecrypt.GCM))
		},
	} {
		w, e := newCryptWorld(t)
		if err := set(w.c); err != nil {
			t.Fatal(err)
		}
		if j := w.enterRoom(); j.CryptMode != "" || j.CryptCheck != "" || len(e.noted()) != 0 {
			t.Errorf("%s: joined with %q %q", name, j.CryptMode, j.CryptCheck)
		}
	}
}

func TestLeaveEndsTheEncryption(t *testing.T) {
	w, e := newCryptWorld(t)
	w.encrypt(framecrypt.ECB, "secret")
	w.enterRoom()
	go func() { w.pipe.Say(protocol.TypeOK, w.request(protocol.TypeLeave, nil).ID, nil) }()
	if err := w.c.Leave(w.ctx); err != nil {
		t.Fatal(err)
	}
	w.expect("CONNECTED→DISCONNECTING", "DISCONNECTING→DISCONNECTED")
	if l := e.noted(); len(l) != 2 || l[1] != "end" {
		t.Error(l)
	}
	if err := w.c.SetEncryptionSecret("x"); code(err) != errcode.SecretBeforeMode {
		t.Error(err)
	}
	w.connect()
	if j := w.enterRoom(); j.CryptMode != "" || len(e.noted()) != 0 {
		t.Errorf("joined with %q", j.CryptMode)
	}
}

func TestCryptError(t *testing.T) {
	w, e := newCryptWorld(t)
	refused := func(event string) {
		t.Helper()
		result := w.startJoin()
		m := w.request(protocol.TypeJoin, nil)
		w.pipe.Say(protocol.TypeError, m.ID, protocol.Error{Code: 4036, Reason: "encryption differs from the room's"})
		err := <-result
		if code(err) != errcode.RefusedByServer || errcode.Of(err).ExtraCode != 4036 {
			t.Error(err)
		}
		w.expect("DISCONNECTED→CONNECTING", "CONNECTING→DISCONNECTED", event)
		w.connect()
	}
	refused("CryptError{none}")
	w.encrypt(framecrypt.GCM, "wrong")
	e.noted()
	refused("CryptError{sm4-128-gcm}")
	if l := e.noted(); len(l) != 2 || l[1] != "end" {
		t.Errorf("the key of a refused join: %q", l)
	}
	// The mode stays: another secret is enough.
	if err := w.c.SetEncryptionSecret("right"); err != nil {
		t.Fatal(err)
	}
	key, check := keysOf(t, "right", framecrypt.GCM)
	if j := w.enterRoom(); j.CryptCheck != check {
		t.Errorf("joined with %q", j.CryptCheck)
	}
	if l := e.noted(); !slices.Equal(l, []string{"begin sm4-128-gcm " + key}) {
		t.Error(l)
	}
}

func TestJoinThatCannotEncrypt(t *testing.T) {
	for name, spoil := range map[string]func(*crypt){
		"no transforms": func(e *crypt) { e.available = errcode.New(errcode.TransformUnsupported, "no") },
		"no root":       func(e *crypt) { e.rootError = errcode.New(errcode.TransformUnsupported, "no") },
	} {
		w, e := newCryptWorld(t)
		spoil(e)
		w.encrypt(framecrypt.GCM, "secret")
		if err := <-w.startJoin(); code(err) != errcode.TransformUnsupported {
			t.Errorf("%s: %v", name, err)
		}
		w.expect("DISCONNECTED→CONNECTING", "CONNECTING→DISCONNECTED")
		w.mu.Lock()
		if len(w.peers) != 0 {
			t.Errorf("%s: a peer connection was made", name)
		}
		w.mu.Unlock()
	}
	w := newWorld(t) // a client that knows of no encryption
	w.encrypt(framecrypt.GCM, "secret")
	if err := <-w.startJoin(); code(err) != errcode.TransformUnsupported {
		t.Error(err)
	}
	w.expect("DISCONNECTED→CONNECTING", "CONNECTING→DISCONNECTED")
}

func TestARejoinEncryptsAsBefore(t *testing.T) {
	w, e := newCryptWorld(t)
	w.encrypt(framecrypt.GCM, "secret")
	w.enterRoom()
	before := e.noted()
	_, check := keysOf(t, "secret", framecrypt.GCM)
	if j := w.comeBack(protocol.Joined{}); j.CryptMode != "sm4-128-gcm" || j.CryptCheck != check {
		t.Errorf("came back with %q %q", j.CryptMode, j.CryptCheck)
	}
	if after := e.noted(); !slices.Equal(before, after) {
		t.Errorf("%q, then %q", before, after)
	}
}

func TestRotateEncryptionSecret(t *testing.T) {
	w, e := newCryptWorld(t)
	if err := w.c.RotateEncryptionSecret(w.ctx, "x"); code(err) != errcode.NotJoined {
		t.Error(err)
	}
	w.encrypt(framecrypt.GCM, "secret")
	w.enterRoom()
	e.noted()
	if err := w.c.RotateEncryptionSecret(w.ctx, ""); code(err) != errcode.InvalidArgument {
		t.Error(err)
	}
	rotate := func(secret string, answer protocol.Type, data any) error {
		result := make(chan error, 1)
		go func() { result <- w.c.RotateEncryptionSecret(w.ctx, secret) }()
		var k protocol.Rekey
		m := w.request(protocol.TypeRekey, &k)
		if _, check := keysOf(t, secret, framecrypt.GCM); k.CryptCheck != check {
			t.Errorf("check value %q", k.CryptCheck)
		}
		w.pipe.Say(answer, m.ID, data)
		return <-result
	}
	if err := rotate("late", protocol.TypeError, protocol.Error{Code: 10008, Reason: "another change"}); code(err) != errcode.InvalidOperation {
		t.Error(err)
	}
	if l := e.noted(); len(l) != 0 {
		t.Errorf("a refused change did %q", l)
	}
	if err := rotate("new", protocol.TypeOK, nil); err != nil {
		t.Fatal(err)
	}
	key, check := keysOf(t, "new", framecrypt.GCM)
	if l := e.noted(); !slices.Equal(l, []string{"rotate " + key}) {
		t.Error(l)
	}
	if j := w.comeBack(protocol.Joined{}); j.CryptCheck != check {
		t.Errorf("came back with %q", j.CryptCheck)
	}
}

func TestNoSecretToRotate(t *testing.T) {
	for _, mode := range []framecrypt.Mode{framecrypt.None, framecrypt.ECB} {
		w, _ := newCryptWorld(t)
		w.encrypt(mode, "secret")
		w.enterRoom()
		if err := w.c.RotateEncryptionSecret(w.ctx, "x"); code(err) != errcode.InvalidOperation {
			t.Errorf("%s: %v", mode, err)
		}
	}
}
