//go:build js && wasm

package api

import (
	"nertc/internal/framecrypt"
	"nertc/internal/journal"
	"nertc/jsbridge/js"
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
		return c.core.SetEncryptionSecret(secret)
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
