//go:build js && wasm

package transform

import (
	"context"

	"nertc/internal/errcode"
	"nertc/internal/framecrypt"
	"nertc/jsbridge/js"
)

// pbkdf2 is framecrypt.Root in the browser's WebCrypto, which has native code and a thread for it.
// https://www.w3.org/TR/WebCryptoAPI/#pbkdf2
func pbkdf2(ctx context.Context, scope *js.Scope, secret, appkey string) ([]byte, error) {
	subtle := js.Property(js.Global("crypto"), "subtle")
	if !js.IsObject(subtle) {
		// https://w3c.github.io/webappsec-secure-contexts/
		return nil, errcode.New(errcode.NotSupported, "encryption needs a page of https or of localhost")
	}
	text := []byte(secret)
	defer clear(text)
	material := js.Bytes(text)
	defer func() { _, _ = js.Call(material, "fill", 0) }()
	key, err := scope.AwaitCall(ctx, subtle, "importKey", "raw", material, "PBKDF2", false, js.Array("deriveBits"))
	if err != nil {
		return nil, errcode.Wrap(errcode.NotSupported, err, "take the secret")
	}
	bits, err := scope.AwaitCall(ctx, subtle, "deriveBits", map[string]any{
		"name": "PBKDF2", "hash": "SHA-256", "iterations": framecrypt.Iterations, "salt": js.Bytes(framecrypt.Salt(appkey)),
	}, key, 8*framecrypt.KeyLength)
	if err != nil {
		return nil, errcode.Wrap(errcode.NotSupported, err, "stretch the secret")
	}
	view, err := js.New(js.Global("Uint8Array"), bits)
	if err != nil {
		return nil, errcode.Wrap(errcode.NotSupported, err, "read the stretched secret")
	}
	defer func() { _, _ = js.Call(view, "fill", 0) }()
	root := make([]byte, framecrypt.KeyLength)
	if n, _ := js.Integer(js.Property(view, "length")); n != framecrypt.KeyLength || js.CopyBytes(root, view) != framecrypt.KeyLength {
		return nil, errcode.New(errcode.NotSupported, "the browser has stretched the secret to something else")
	}
	return root, nil
}
