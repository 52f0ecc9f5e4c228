package client

// InOrder runs a function after every event that has been told so far, on the same
// goroutine as they: what answers a call is then seen after the events that came before
// it. After Destroy it runs at once.
func (c *Client) InOrder(f func()) {
	if !c.events.Post(f) {
		f()
	}
}
