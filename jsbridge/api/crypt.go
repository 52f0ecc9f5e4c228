//go:build js && wasm

package api

import (
	"maps"
	"strconv"

	"nertc/internal/errcode"
	"nertc/internal/framecrypt"
	"nertc/internal/journal"
	"nertc/internal/protocol"
	"nertc/jsbridge/js"
	"nertc/jsbridge/transform"
)

// defineEncryption gives the class of clients the methods of the encryption. The setters answer
// the border's error object, or undefined where all went well.
func (a *API) defineEncryption(class js.Value, async func(name string, f func(c *Client, args []js.Value) work)) {
	setter := func(name string, f func(c *Client, text string) error) {
		a.method(class, name, func(this js.Value, args []js.Value) any {
			c := a.clientOf(this)
			if c == nil {
				return js.Undefined()
			}
			if err := f(c, js.TextOr(arg(args, 0), "")); err != nil {
				c.log.Warning(name+" failed", journal.Failure(err)...)
				return js.ErrorValue(err)
			}
			return js.Undefined()
		})
	}
	setter("setEncryptionMode", func(c *Client, mode string) error {
		return c.core.SetEncryptionMode(framecrypt.Mode(mode))
	})
	setter("setEncryptionSecret", func(c *Client, secret string) error {
		if c.custom.On() {
			return errcode.New(errcode.InvalidOperation, "setEncryptionSecret and enableCustomTransform exclude each other")
		}
		return c.core.SetEncryptionSecret(secret)
	})
	a.method(class, "enableCustomTransform", func(this js.Value, args []js.Value) any {
		c := a.clientOf(this)
		if c == nil {
			return js.Undefined()
		}
		on := js.IsTrue(arg(args, 0))
		err := c.core.Unencrypted()
		if err == nil {
			err = c.custom.Enable(on)
		}
		if err != nil {
			c.log.Warning("enableCustomTransform failed", journal.Failure(err)...)
			return js.ErrorValue(err)
		}
		c.log.Info("enableCustomTransform", "on", strconv.FormatBool(on))
		return js.Undefined()
	})
	async("rotateEncryptionSecret", func(c *Client, args []js.Value) work {
		secret := js.TextOr(arg(args, 0), "")
		return func() (any, error) { return nil, c.core.RotateEncryptionSecret(c.ctx, secret) }
	})
	async("getEncryptionStats", func(c *Client, _ []js.Value) work {
		return func() (any, error) {
			n, err := c.frames.Counts(c.ctx)
			return map[string]any{
				"encrypted": n.Encrypted, "decrypted": n.Decrypted, "notEncrypted": n.NotEncrypted,
				"droppedClear": n.DroppedClear, "droppedForeign": n.DroppedForeign, "droppedReplayed": n.DroppedReplayed,
			}, err
		}
	})
}

// pageFrame brings a frame to the page's own cipher. A frame that nobody hands on is dropped, and so is
// one that has come before it is told whose it is: it could not be told apart.
func (c *Client) pageFrame(f transform.PageFrame) {
	event, uid, purpose := "sender-transform", c.core.UID(), f.Purpose
	if !f.Sending {
		c.mu.Lock()
		a, known := c.arriving[f.Track]
		c.mu.Unlock()
		if !known {
			return
		}
		event, uid, purpose = "receiver-transform", a.uid, string(a.media)
	}
	layer := "high"
	if f.Low {
		layer = "low"
	}
	emit(c.emit, event, map[string]any{
		"mediaType": purpose, "streamType": layer, "uid": c.uid(uid), "encodedFrame": f.Frame, "controller": f.Controller,
	})
}

// arrival is whose track it is.
type arrival struct {
	uid   string
	media protocol.MediaType
}

// arrives notes what comes on a track from now on.
func (c *Client) arrives(track js.Value, uid string, m protocol.MediaType) {
	id := js.TextOr(js.Property(track, "id"), "")
	c.mu.Lock()
	defer c.mu.Unlock()
	maps.DeleteFunc(c.arriving, func(_ string, a arrival) bool { return a == arrival{uid, m} })
	if id != "" {
		c.arriving[id] = arrival{uid, m}
	}
}
