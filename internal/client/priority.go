package client

import "nertc/internal/errcode"

// The documented priorities.
const (
	PriorityHigh   = 50
	PriorityNormal = 100
)

// claim is what a join asks for.
type claim struct{ high, preempt bool }

// SetPriority says whether the own media are to go before those of the others in the next rooms, where
// receivers have too little for all. Of a room one user has that; preempt takes it from another.
// InvalidPriority for what is none, InvalidOperation in a room or on the way to one.
func (c *Client) SetPriority(priority int, preempt bool) error {
	if priority != PriorityHigh && priority != PriorityNormal {
		return errcode.New(errcode.InvalidPriority, "the media priority must be %d or %d", PriorityHigh, PriorityNormal)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.outside("the media priority"); err != nil {
		return err
	}
	high := priority == PriorityHigh
	c.standing.claim = claim{high: high, preempt: high && preempt}
	return nil
}

// prioritize notes who has the priority. Who loses it to another does not ask for it again after a
// rejoin, and who has it does not take it from another by one. The lock is held.
func (c *Client) prioritize(uid string) {
	had := c.priority == c.info.UID
	c.priority = uid
	switch {
	case uid == c.info.UID:
		c.standing.claim.preempt = false
	case had && uid != "":
		c.standing.claim = claim{}
	}
}
