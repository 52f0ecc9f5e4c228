package client

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"sync"

	"nertc/internal/errcode"
	"nertc/internal/framecrypt"
	"nertc/internal/media"
	"nertc/internal/protocol"
	"nertc/internal/session"
)

// codeCrypt is the server's number for a join whose encryption differs from the room's.
const codeCrypt = 4036

// encryption is what the next rooms are encrypted with: mode and secret, both or nothing. Of
// the secret only the root is kept.
type encryption struct {
	mode framecrypt.Mode
	root *root
}

// root is that of a secret, which takes a while to compute.
type root struct {
	done chan struct{}

	mu        sync.Mutex
	key       []byte
	err       error
	forgotten bool
}

// active says whether anything is encrypted.
func (e encryption) active() bool { return e.mode.Valid() && e.root != nil }

// cryptType is the documented name of it.
func (e encryption) cryptType() framecrypt.Mode {
	if !e.active() {
		return framecrypt.None
	}
	return e.mode
}

// stretch begins to compute a root.
func (c *Client) stretch(secret string) *root {
	r := &root{done: make(chan struct{})}
	go func() {
		defer close(r.done)
		if c.o.Encryption == nil {
			r.take(nil, errUnencryptable())
			return
		}
		r.take(c.o.Encryption.Root(context.Background(), secret, c.o.AppKey))
	}()
	return r
}

func (r *root) take(key []byte, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.forgotten {
		clear(key)
		return
	}
	r.key, r.err = key, err
}

// forget overwrites it; nil has nothing to forget.
func (r *root) forget() {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	clear(r.key)
	r.key, r.err, r.forgotten = nil, errcode.New(errcode.InvalidOperation, "the secret was forgotten"), true
}

func errUnencryptable() error {
	return errcode.New(errcode.TransformUnsupported, "frames cannot be encrypted here")
}

// wait gives a copy of the root, to be overwritten.
func (r *root) wait(ctx context.Context) ([]byte, error) {
	select {
	case <-r.done:
		r.mu.Lock()
		defer r.mu.Unlock()
		return bytes.Clone(r.key), r.err
	case <-ctx.Done():
		return nil, errcode.Wrap(errcode.Network, ctx.Err(), "the key was not computed in time")
	}
}

// SetEncryptionMode says how the next rooms are encrypted, once there is a secret too:
// InvalidEncryptionMode for what is none, InvalidOperation in a room or on the way to one.
func (c *Client) SetEncryptionMode(mode framecrypt.Mode) error {
	if mode != framecrypt.None && !mode.Valid() {
		return errcode.New(errcode.InvalidEncryptionMode, "the encryption mode must be none, sm4-128-ecb or sm4-128-gcm")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.outside("the encryption"); err != nil {
		return err
	}
	c.encryption.mode = mode
	return nil
}

// SetEncryptionSecret gives the secret for the mode, which must have been set before: otherwise
// SecretBeforeMode. InvalidArgument for a length other than 1 to 128 bytes, InvalidOperation in
// a room or on the way to one.
func (c *Client) SetEncryptionSecret(secret string) error {
	if n := len(secret); n == 0 || n > framecrypt.MaxSecret {
		return errSecret()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.outside("the encryption"); err != nil {
		return err
	}
	if c.encryption.mode == "" {
		return errcode.New(errcode.SecretBeforeMode, "setEncryptionMode must come before setEncryptionSecret")
	}
	c.encryption.root.forget()
	c.encryption.root = c.stretch(secret)
	return nil
}

func errSecret() error {
	return errcode.New(errcode.InvalidArgument, "the secret must have 1 to %d bytes", framecrypt.MaxSecret)
}

// Unencrypted says why a cipher of the page's own cannot take over: InvalidOperation in a room or on
// the way to one, and where mode and secret are set. Where it can, a secret for the mode none is forgotten: another mode would
// encrypt with it beside that cipher.
func (c *Client) Unencrypted() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.outside("the encryption"); err != nil {
		return err
	}
	if c.encryption.active() {
		return errcode.New(errcode.InvalidOperation, "a cipher of the page's own and setEncryptionSecret exclude each other")
	}
	c.encryption.root.forget()
	c.encryption.root = nil
	return nil
}

// endEncryption forgets mode and secret: each room wants its own. The lock is held.
func (c *Client) endEncryption() {
	c.encryption.root.forget()
	c.encryption = encryption{}
	if c.o.Encryption != nil {
		c.o.Encryption.End()
	}
}

// encrypt puts the encryption into a join and gives what makes its peer connections.
func (c *Client) encrypt(ctx context.Context, e encryption, j *protocol.Join) (media.Factory, error) {
	if !e.active() {
		return c.o.NewPeer, nil
	}
	if c.o.Encryption == nil {
		return nil, errUnencryptable()
	}
	if err := c.o.Encryption.Available(); err != nil {
		return nil, err
	}
	key, check, err := e.keys(ctx, j.Channel)
	if err != nil {
		return nil, err
	}
	defer clear(key)
	j.CryptMode, j.CryptCheck = string(e.mode), check
	return c.o.Encryption.Begin(ctx, string(e.mode), key)
}

// keys are the frame key of a channel and its check value as it is sent.
func (e encryption) keys(ctx context.Context, channel string) (key []byte, check string, err error) {
	root, err := e.root.wait(ctx)
	if err != nil {
		return nil, "", err
	}
	defer clear(root)
	if key, err = framecrypt.FrameKey(root, e.mode, channel); err != nil {
		return nil, "", errcode.Wrap(errcode.InvalidOperation, err, "derive the frame key")
	}
	value, err := framecrypt.Check(root, e.mode, channel)
	if err != nil {
		return nil, "", errcode.Wrap(errcode.InvalidOperation, err, "derive the check value")
	}
	return key, base64.RawURLEncoding.EncodeToString(value), nil
}

// cryptRefused tells of a join that was refused for its encryption. The lock is held.
func (c *Client) cryptRefused(err error) {
	var e *errcode.Error
	if errors.As(err, &e) && e.ExtraCode == codeCrypt {
		c.emit(CryptError{string(c.encryption.cryptType())})
	}
}

// RotateEncryptionSecret takes another secret in an encrypted room. Who does so within framecrypt.SwitchAfter
// of the others loses nothing. It returns when both secrets are good for decrypting; the
// new one is used for encrypting from framecrypt.SwitchAfter later on.
//
// NotJoined; InvalidOperation in a room that is not encrypted with sm4-128-gcm, and while the
// members are changing to yet another secret; InvalidArgument as SetEncryptionSecret. After an error
// the former secret is used.
func (c *Client) RotateEncryptionSecret(ctx context.Context, secret string) error {
	if n := len(secret); n == 0 || n > framecrypt.MaxSecret {
		return errSecret()
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	if _, err := c.current(ctx, "rotateEncryptionSecret"); err != nil {
		return err
	}
	c.mu.Lock()
	before, channel := c.encryption, c.options.Channel
	c.mu.Unlock()
	if !before.active() || before.mode != framecrypt.GCM {
		return errcode.New(errcode.InvalidOperation, "only a room with sm4-128-gcm can change its secret")
	}
	next := encryption{mode: before.mode, root: c.stretch(secret)}
	taken := false
	defer func() {
		if !taken {
			next.root.forget()
		}
	}()
	key, check, err := next.keys(ctx, channel)
	if err != nil {
		return err
	}
	defer clear(key)
	return c.within(ctx, "rotateEncryptionSecret", func(s *session.Session) error {
		// Meanwhile the page may have gone into another room, which this secret is not for.
		present := func() error {
			if c.session != s || c.encryption != before {
				return errcode.New(errcode.InvalidOperation, "the room was left, or its secret was changed, meanwhile")
			}
			return nil
		}
		c.mu.Lock()
		err := present()
		c.mu.Unlock()
		if err != nil {
			return err
		}
		if err := s.Rekey(ctx, check); err != nil {
			return err
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		if err := present(); err != nil {
			return err
		}
		c.encryption.root.forget()
		c.encryption, taken = next, true
		return c.o.Encryption.Rotate(key)
	})
}
