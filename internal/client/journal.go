package client

import (
	"strconv"

	"nertc/internal/journal"
	"nertc/internal/protocol"
)

// logJoin writes down what a join asks for.
func (c *Client) logJoin(o JoinOptions) {
	c.o.Log.Hide(o.Token, o.Permkey)
	c.mu.Lock()
	defer c.mu.Unlock()
	given := func(text string) string { return strconv.FormatBool(text != "") }
	c.o.Log.Info("join", "room", o.Channel, "uid", o.UID, "server", o.Server,
		"token", given(o.Token), "permkey", given(o.Permkey),
		"mode", string(c.standing.profile), "role", string(c.standing.role),
		"encryption", string(c.encryption.cryptType()))
	if c.encryption.mode.Valid() && c.encryption.root == nil {
		c.o.Log.Warning("nothing is encrypted: there is a mode, and no secret")
	}
}

// lost gives the pairs of a session that has ended.
func (c *Client) lost(reason protocol.CloseReason, err error) []string {
	pairs := []string{"end", string(reason)}
	if err != nil {
		pairs = append(pairs, journal.Failure(err)...)
	}
	return pairs
}
