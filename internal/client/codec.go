package client

import "slices"

// What the documented warning says of a codec that the browser cannot decode.
const (
	codecWarning       = 406
	codecWarningReason = "ability not support"
)

// undecodable warns of a codec that cannot be decoded here, unless it has in this stay. The lock is held.
func (c *Client) undecodable(codec string) {
	if slices.Contains(c.warned, codec) {
		return
	}
	c.warned = append(c.warned, codec)
	c.emit(Warning{Code: codecWarning, Reason: codecWarningReason})
}
