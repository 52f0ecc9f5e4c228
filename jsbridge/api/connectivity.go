//go:build js && wasm

package api

import (
	"nertc/internal/client"
	"nertc/internal/connectivity"
	"nertc/internal/errcode"
	"nertc/jsbridge/js"
)

// checkConnectivity tries the ways of media. Its argument is that of a join, of which all may be missing.
func (c *Client) checkConnectivity(args []js.Value) work {
	v := arg(args, 0)
	var o client.JoinOptions
	var err error
	switch {
	case !js.IsObject(v):
		err = errcode.New(errcode.InvalidArgument, "checkConnectivity needs an object")
	case js.IsNullish(js.Property(v, "channelName")):
		o.Server, err = joinServer(v, c.server)
	default:
		o, _, err = joinOptions(v, c.server)
	}
	if err != nil {
		return fail(err)
	}
	return func() (any, error) {
		r := c.core.CheckConnectivity(c.ctx, o)
		return map[string]any{
			"signalling": wayResult(r.Signalling), "udp": wayResult(r.UDP), "tcp": wayResult(r.TCP), "turn": wayResult(r.Relay),
		}, nil
	}
}

func wayResult(r connectivity.Result) map[string]any {
	return map[string]any{"ok": r.OK, "reason": r.Reason, "ms": int(r.Took.Milliseconds())}
}
