//go:build js && wasm

package api

import (
	"context"

	"nertc/internal/client"
	"nertc/internal/protocol"
	"nertc/internal/quality"
	"nertc/jsbridge/js"
	"nertc/jsbridge/peer"
)

// muteNames are the documented events of a media type after `mute-` and `unmute-`.
var muteNames = map[protocol.MediaType]string{
	protocol.MediaAudio:      "audio",
	protocol.MediaAudioSlave: "audio-slave",
	protocol.MediaVideo:      "video",
	protocol.MediaScreen:     "screen",
}

// handle turns an event of the client into the documented one. It runs on the goroutine
// of the client's queue.
func (c *Client) handle(e client.Event) {
	switch e := e.(type) {
	case client.StateChanged:
		c.tell("connection-state-change", map[string]any{
			"curState": string(e.Cur), "prevState": string(e.Prev), "reconnect": e.Reconnect,
		})
		if e.Cur == client.Disconnected {
			c.forgetRoom()
		}
	case client.Joined:
		c.joined()
	case client.LogTicket: // past the log, which it is for
		emit(c.emit, "log-ticket", map[string]any{"server": e.Server, "ticket": e.Ticket, "size": e.Size})
	case client.PeerOnline:
		c.emitUID("peer-online", e.UID)
	case client.PeerLeave:
		c.emitUID("peer-leave", e.UID)
		c.forget(e.UID)
	case client.StreamAdded:
		s := c.remote(e.UID)
		s.setPublished(e.MediaType, true)
		c.emitStream("stream-added", s, e.UID, e.MediaType)
	case client.StreamRemoved:
		s := c.remote(e.UID)
		s.setPublished(e.MediaType, false)
		c.arrives(js.Undefined(), e.UID, e.MediaType)
		s.lose(e.MediaType)
		c.emitStream("stream-removed", s, e.UID, e.MediaType)
	case client.StreamSubscribed:
		s := c.remote(e.UID)
		if t, ok := e.Track.(*peer.RemoteTrack); ok {
			c.arrives(t.JSValue(), e.UID, e.MediaType)
			s.player.SetTrack(e.MediaType, t.JSValue())
		}
		c.emitStream("stream-subscribed", s, e.UID, e.MediaType)
	case client.TrackReplaced: // the page's Stream goes on, on another track
		if t, ok := e.Track.(*peer.RemoteTrack); ok {
			c.arrives(t.JSValue(), e.UID, e.MediaType)
			c.remote(e.UID).player.SetTrack(e.MediaType, t.JSValue())
		}
	case client.MuteChanged:
		name := "unmute-"
		if e.Muted {
			name = "mute-"
		}
		c.emitUID(name+muteNames[e.MediaType], e.UID)
	case client.Volumes:
		c.volumes(e.Levels)
	case client.NetworkQuality:
		if !c.heard("network-quality") {
			return
		}
		users := make([]any, 0, len(e.Users))
		for _, u := range e.Users {
			users = append(users, map[string]any{
				"uid": c.uid(u.UID), "uplinkNetworkQuality": int(u.Uplink), "downlinkNetworkQuality": int(u.Downlink),
			})
		}
		emit(c.emit, "network-quality", js.Array(users...))
	case client.Exception:
		c.exception(e)
	case client.TrackLow:
		name := "track-low-init-success"
		if e.Failed {
			name = "track-low-init-fail"
		}
		c.tell(name, map[string]any{"mediaType": string(e.MediaType)})
	case client.RoleChanged:
		c.tell("client-role-changed", map[string]any{"role": string(e.Role)})
	case client.TaskChanged:
		c.taskChanged(e)
	case client.UIDDuplicate:
		c.tell("uid-duplicate")
	case client.Banned:
		c.emitUID("client-banned", e.UID)
	case client.AudioVideoBanned:
		argument := map[string]any{"uid": c.uid(e.UID), "duration": e.Duration}
		for kind, banned := range map[string]*bool{"audio": e.Audio, "video": e.Video} {
			if banned != nil {
				argument[kind] = *banned
			}
		}
		c.tell("audioVideoBanned", argument)
	case client.CustomData:
		c.tell("custom-data", map[string]any{"uid": c.uid(e.UID), "customData": e.Data})
	case client.PermkeyWillExpire:
		c.tell("permkey-will-expire")
	case client.PermkeyTimeout:
		c.tell("permkey-timeout")
	case client.ChannelClosed:
		c.tell("channel-closed")
	case client.CryptError:
		c.tell("crypt-error", map[string]any{"cryptType": e.CryptType})
	case client.Warning:
		c.tell("warning", map[string]any{"code": e.Code, "reason": e.Reason, "msg": e.Reason})
	case client.Failed:
		c.tell("error", e.Name)
	}
}

// exception is told as the documented event, unless it is of a sound that the page itself has turned off.
func (c *Client) exception(e client.Exception) {
	if e.Kind == quality.AudioOutputSilent {
		c.mu.Lock()
		s := c.remotes[e.UID]
		c.mu.Unlock()
		if s == nil || s.isMuted(protocol.MediaAudio) || s.player.Silenced(protocol.MediaAudio) {
			return
		}
	}
	c.tell("exception", map[string]any{"code": e.Kind.Code(), "msg": e.Kind.String(), "uid": c.uid(e.UID)})
}

// joined settles the join and lets the page go on before more is told.
func (c *Client) joined() {
	c.mu.Lock()
	p := c.joining
	c.joining = nil
	c.mu.Unlock()
	if p != nil {
		p.Resolve(js.Undefined())
		c.scope.Turn(context.Background())
	}
}

func (c *Client) emitUID(event, uid string) {
	c.tell(event, map[string]any{"uid": c.uid(uid)})
}

func (c *Client) emitStream(event string, s *Stream, uid string, t protocol.MediaType) {
	c.tell(event, map[string]any{"stream": s.object, "uid": c.uid(uid), "mediaType": string(t)})
}

// remote gives the stream of a remote user; the first time it is made and the shim is
// told of it, whose answer is the function that gets the stream's own events.
func (c *Client) remote(uid string) *Stream {
	c.mu.Lock()
	s := c.remotes[uid]
	c.mu.Unlock()
	if s != nil {
		return s
	}
	s = c.api.newRemoteStream(c, uid)
	c.mu.Lock()
	c.remotes[uid] = s
	s.player.SetVolume(c.volume)
	c.mu.Unlock()
	c.watchSights(s, uid)
	s.setEmit(emit(c.emit, "stream-created", map[string]any{"uid": c.uid(uid), "stream": s.object}))
	return s
}

func (c *Client) forget(uid string) {
	c.mu.Lock()
	s := c.remotes[uid]
	delete(c.remotes, uid)
	c.mu.Unlock()
	if s != nil {
		s.close()
		c.updateRecording()
	}
}

// forgetRoom closes the streams of everybody else: the room is gone.
func (c *Client) forgetRoom() {
	c.endRecording()
	c.mu.Lock()
	remotes := c.remotes
	c.remotes = map[string]*Stream{}
	c.published = map[protocol.MediaType]*Stream{}
	c.held = map[*Stream]bool{}
	c.arriving = map[string]arrival{}
	c.mu.Unlock()
	for _, s := range remotes {
		s.close()
	}
}
