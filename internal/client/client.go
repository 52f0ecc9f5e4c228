// Package client is the state machine of a documented Client: its connection
// states, the rules of its calls, and the events that it tells in order.
package client

import (
	"context"

	"nertc/internal/media"
	"nertc/internal/protocol"
	"nertc/internal/signal"
)

// Options are what a client is made of.
type Options struct {
	// AppKey is the application, not empty.
	AppKey string
	// SDK names this client and its version for the gateway's log.
	SDK string
	// Dial opens the signalling socket.
	Dial signal.Dialer
	// NewPeer makes peer connections.
	NewPeer media.Factory
	// Handle gets every event, one at a time and in order. It may call the client, but must not wait for it.
	Handle func(Event)
}

// Client is one documented Client. Its methods may be called from any goroutine;
// those with a context wait until the work is done.
type Client struct{}

// New makes a client that is not in a room. It must be destroyed.
func New(o Options) *Client { return &Client{} }

// JoinOptions are the arguments of a join, already of the right types.
type JoinOptions struct {
	// Server is the signalling address, ws: or wss:.
	Server string
	// Channel is the room's name, 1 to 64 bytes: otherwise InvalidChannelName.
	Channel string
	// UID is the user in text form, at most 64 characters; empty lets the gateway assign a number.
	UID string
	// Token is the basic token or empty.
	Token string
}

// ChannelInfo is what getChannelInfo answers. The zero value stands for "not in a room".
type ChannelInfo struct {
	CID                 int64
	Channel, UID, Token string
}

// LocalTrack is a track to publish.
type LocalTrack struct {
	MediaType protocol.MediaType
	Track     media.Track
	Muted     bool
	// Width and Height of the picture in pixels, 0 if unknown.
	Width, Height int
	Send          media.SendOptions
}

// Join enters a room: Disconnected → Connecting → Connected, or back to
// Disconnected with an error: RepeatedJoin, InvalidChannelName, InvalidUID, Unauthorized, BadToken, RefusedByServer, Network.
func (c *Client) Join(ctx context.Context, o JoinOptions) error { return nil }

// Leave leaves the room, if there is one: → Disconnecting → Disconnected.
func (c *Client) Leave(ctx context.Context) error { return nil }

// Destroy leaves and ends the client; later calls fail with InvalidOperation.
func (c *Client) Destroy(ctx context.Context) error { return nil }

// Publish publishes the tracks whose media types are not published yet. NotJoined if not in a room.
func (c *Client) Publish(ctx context.Context, tracks []LocalTrack) error { return nil }

// Unpublish ends the publications of these media types; those not published are skipped.
func (c *Client) Unpublish(ctx context.Context, types ...protocol.MediaType) error { return nil }

// SetMuted tells the room that an own published track is muted or no longer. What is not published is skipped.
func (c *Client) SetMuted(ctx context.Context, t protocol.MediaType, muted bool) error { return nil }

// Subscribe makes exactly these media types of a member wanted: what is published
// of them is received, now and when it is published later; the others are no longer received.
// NotJoined, NoSuchUser.
func (c *Client) Subscribe(ctx context.Context, uid string, types ...protocol.MediaType) error {
	return nil
}

// State is the connection state.
func (c *Client) State() State { return Disconnected }

// UID is the own uid in text form, empty before it is known.
func (c *Client) UID() string { return "" }

// ChannelInfo is the present room.
func (c *Client) ChannelInfo() ChannelInfo { return ChannelInfo{} }
