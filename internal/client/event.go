package client

import (
	"nertc/internal/media"
	"nertc/internal/protocol"
	"nertc/internal/quality"
	"nertc/internal/speaker"
)

// State is the connection state of a client, as the documented API names it.
type State string

// The four documented states.
const (
	Disconnected  State = "DISCONNECTED"
	Connecting    State = "CONNECTING"
	Connected     State = "CONNECTED"
	Disconnecting State = "DISCONNECTING"
)

// Event is something that a client tells its owner: one of the types below.
type Event any

// The events of a client. Each stands for the documented event that its comment names.
type (
	// StateChanged is connection-state-change.
	StateChanged struct {
		Cur, Prev State
		Reconnect bool
	}
	// Joined says that a join has succeeded. It comes after the change to Connected and
	// before the members who are there already are announced, so that whoever waits for the
	// join can be told in between.
	Joined struct{}
	// LogTicket says that the log of this stay may be sent to the gateway at Server once it is over, with Ticket, up to Size
	// bytes of it. It stands for no documented event, and comes for each session anew: the last one counts.
	LogTicket struct {
		Server, Ticket string
		Size           int
	}
	// PeerOnline is peer-online.
	PeerOnline struct{ UID string }
	// PeerLeave is peer-leave; the StreamRemoved of all its tracks came before.
	PeerLeave struct{ UID string }
	// CustomData is custom-data: what a member gave at its join for the others. It follows PeerOnline.
	CustomData struct{ UID, Data string }
	// StreamAdded is stream-added, once for each media type of a member.
	StreamAdded struct {
		UID       string
		MediaType protocol.MediaType
	}
	// StreamRemoved is stream-removed, once for each media type.
	StreamRemoved struct {
		UID       string
		MediaType protocol.MediaType
	}
	// StreamSubscribed is stream-subscribed: the track is there and media can flow.
	StreamSubscribed struct {
		UID       string
		MediaType protocol.MediaType
		Track     media.RemoteTrack
	}
	// TrackReplaced says that what StreamSubscribed has told arrives on another track since a
	// rejoin. It stands for no documented event: the page's Stream goes on.
	TrackReplaced struct {
		UID       string
		MediaType protocol.MediaType
		Track     media.RemoteTrack
	}
	// MuteChanged is mute-audio, unmute-audio and their siblings.
	MuteChanged struct {
		UID       string
		MediaType protocol.MediaType
		Muted     bool
	}
	// Volumes is volume-indicator and active-speaker: how loud those are whose sound is received
	// and who are not muted, in no order. It comes every second of a stay, also when nobody is
	// heard.
	Volumes struct{ Levels []speaker.Level }
	// NetworkQuality is network-quality: the own quality first, then that of the others who are
	// visible, in no order. It comes every two seconds of a stay.
	NetworkQuality struct{ Users []UserQuality }
	// Exception is exception: what is wrong with the media of a user, once until it has recovered.
	Exception struct {
		UID  string
		Kind quality.Exception
	}
	// TrackLow is track-low-init-success or track-low-init-fail: an own picture begins to be sent in a
	// second, smaller size, or cannot.
	TrackLow struct {
		MediaType protocol.MediaType
		Failed    bool
	}
	// RoleChanged is client-role-changed, also for a change outside of a room.
	RoleChanged struct{ Role protocol.Role }
	// UIDDuplicate is uid-duplicate: the same uid joined elsewhere, the session is over.
	UIDDuplicate struct{}
	// Banned is client-banned: the client was removed, the session is over.
	Banned struct{ UID string }
	// AudioVideoBanned is audioVideoBanned: the operator has muted this client's sound or picture
	// (true), or has lifted that (false); nil for what has not changed. Duration in seconds, 0 for one without an end.
	AudioVideoBanned struct {
		UID          string
		Audio, Video *bool
		Duration     int
	}
	// ChannelClosed is channel-closed: the room is gone, the session is over.
	ChannelClosed struct{}
	// PermkeyWillExpire is permkey-will-expire: the permission key is good for up to 30 seconds more.
	PermkeyWillExpire struct{}
	// PermkeyTimeout is permkey-timeout: the permission key's time is over, and so is the session.
	PermkeyTimeout struct{}
	// CryptError is crypt-error: mode or secret differ from the room's. CryptType is the mode that was tried.
	CryptError struct{ CryptType string }
	// TaskChanged is rtmp-state: how a live task of the room is; Code is one of protocol's Task….
	TaskChanged struct {
		ID, StreamURL, HostUID string
		Code                   int
		Msg                    string
	}
	// Warning is warning: in this stay somebody publishes what cannot be decoded here. It comes once for each codec.
	Warning struct {
		Code   int
		Reason string
	}
	// Failed is error: Name is SOCKET_ERROR, RELOGIN_ERROR or MEDIA_TRANSPORT_DISCONNECT, and the session is over;
	// or one of the reasons for which a permission key has a publication or a subscription refused
	// (protocol.ReasonNoPublishAudio and its siblings), and the session goes on.
	Failed struct{ Name string }
)
