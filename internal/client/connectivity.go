package client

import (
	"context"
	"strconv"

	"nertc/internal/connectivity"
	"nertc/internal/protocol"
)

// someChannel is whose name a check bears that is for none.
const someChannel = "connectivity"

// CheckConnectivity tries by which ways media would get through, as a join with these options would be authorized, of
// which all may be missing: in a room those of the room stand in for them. What goes on in the room is not touched.
func (c *Client) CheckConnectivity(ctx context.Context, o JoinOptions) connectivity.Report {
	c.o.Log.Hide(o.Token, o.Permkey)
	c.mu.Lock()
	pass := ""
	if in := c.options; o.Channel == "" && c.info.UID != "" {
		in.UID = c.info.UID
		o, pass = in, c.pass
	}
	c.mu.Unlock()
	if o.Channel == "" {
		o.Channel = someChannel
	}
	r := connectivity.Check(ctx, connectivity.Options{
		Server: o.Server, Dial: c.o.Dial, NewPeer: c.o.NewPeer,
		Join: protocol.Join{SDK: c.o.SDK, AppKey: c.o.AppKey, Channel: o.Channel, UID: o.UID, Token: o.Token, Permkey: o.Permkey, Pass: pass},
	})
	var pairs []string
	for _, one := range []struct {
		name string
		connectivity.Result
	}{{"signalling", r.Signalling}, {"udp", r.UDP}, {"tcp", r.TCP}, {"turn", r.Relay}} {
		result := strconv.FormatInt(one.Took.Milliseconds(), 10) + "ms"
		if !one.OK {
			result = one.Reason
		}
		pairs = append(pairs, one.name, result)
	}
	c.o.Log.Info("connectivity", pairs...)
	return r
}
