package client

// SetRelay has the media of the next rooms go through a relay of the server's and no other way, or
// no longer: InvalidOperation in a room or on the way to one. A join to a server without a relay
// then fails with RefusedByServer.
func (c *Client) SetRelay(on bool) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.outside("the proxy server"); err != nil {
		return err
	}
	c.standing.relay = on
	return nil
}
