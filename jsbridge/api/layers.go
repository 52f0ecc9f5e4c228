//go:build js && wasm

package api

import (
	"nertc/internal/errcode"
	"nertc/internal/protocol"
	"nertc/jsbridge/js"
	"nertc/jsbridge/playback"
)

// The documented numbers of the two layers.
const (
	streamLow  = 0
	streamHigh = 1
)

// defineLayers gives clients what chooses between large and small pictures.
func (a *API) defineLayers(async func(name string, f func(c *Client, args []js.Value) work)) {
	async("setRemoteStreamType", func(c *Client, args []js.Value) work {
		uid := uidText(arg(args, 0))
		q, ok := layer(arg(args, 1))
		if !ok && !js.IsNullish(arg(args, 1)) { // none: the SDK chooses again
			return fail(errcode.New(errcode.InvalidArgument, "highOrLow must be 0, 1 or null"))
		}
		types, err := mediaTypes(arg(args, 2))
		if err != nil {
			return fail(err)
		}
		return func() (any, error) { return nil, c.core.Choose(c.ctx, uid, q, pictures(types)...) }
	})
	for name, on := range map[string]bool{"enableDualStream": true, "disableDualStream": false} {
		async(name, func(c *Client, args []js.Value) work {
			types := pictures(choice(arg(args, 0)))
			return func() (any, error) { return nil, c.core.SetDual(c.ctx, on, types...) }
		})
	}
}

// layer reads the documented number of a layer.
func layer(v js.Value) (protocol.Quality, bool) {
	switch n, ok := js.Integer(v); {
	case ok && n == streamLow:
		return protocol.QualityLow, true
	case ok && n == streamHigh:
		return protocol.QualityHigh, true
	}
	return "", false
}

// pictures leaves the sounds out.
func pictures(types []protocol.MediaType) []protocol.MediaType {
	var out []protocol.MediaType
	for _, t := range types {
		if t == protocol.MediaVideo || t == protocol.MediaScreen {
			out = append(out, t)
		}
	}
	return out
}

// watchSights has no more of a remote user's pictures received than can be seen of them here.
func (c *Client) watchSights(s *Stream, uid string) {
	s.player.Watch(func(t protocol.MediaType, sight playback.Sight) {
		q := protocol.QualityHigh
		switch sight {
		case playback.Small:
			q = protocol.QualityLow
		case playback.Unseen:
			q = protocol.QualityOff
		}
		c.core.Seen(uid, t, q)
	})
}
