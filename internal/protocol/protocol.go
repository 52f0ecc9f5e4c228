// Package protocol has the messages between client and gateway, shared by both.
//
// A message is a JSON object in a WebSocket text frame: a type, the number of the
// request where an answer is wanted or given, and the data of the type. Unknown
// fields are ignored by both ends. docs/protocol.md describes each with an example.
package protocol

import "encoding/json"

const (
	// Version of the protocol; the first message of a client names it.
	Version = 1
	// Path of the signalling WebSocket on a gateway.
	Path = "/nertc/v1"
	// ReadLimit is the size in bytes of the largest message that either end takes.
	ReadLimit = 1 << 20
	// ClosingToResume is the code with which a client closes a connection that it takes
	// for broken: with 1000 the gateway would take the client for gone before long.
	ClosingToResume = 4000
)

// Type names a message.
type Type string

// Messages from the client. All but candidate are requests: they carry an ID and
// are answered by the message named here, or by error, with the same ID.
const (
	TypeJoin      Type = "join"      // Join, answered by joined; the first message
	TypeLeave     Type = "leave"     // no data, answered by ok; the gateway then closes
	TypeOffer     Type = "offer"     // Offer, answered by answer
	TypeSubscribe Type = "subscribe" // Subscribe, answered by ok
	TypeMute      Type = "mute"      // Mute, answered by ok
	TypeRole      Type = "role"      // RoleChange, answered by ok
	TypePing      Type = "ping"      // Ping, answered by pong
	TypeCandidate Type = "candidate" // Candidate, in both directions, not answered
	TypeResume    Type = "resume"    // Resume, answered by resumed; the first message of a connection that takes up another
)

// Messages from the gateway. Those without a request behind them have no ID.
const (
	TypeJoined       Type = "joined"        // Joined
	TypeResumed      Type = "resumed"       // Resumed
	TypeAnswer       Type = "answer"        // Answer
	TypeOK           Type = "ok"            // no data
	TypePong         Type = "pong"          // Ping
	TypeError        Type = "error"         // Error
	TypeSections     Type = "sections"      // Sections: the client adds them and offers again
	TypeMemberJoined Type = "member-joined" // Member
	TypeMemberLeft   Type = "member-left"   // MemberLeft
	TypeTrackAdded   Type = "track-added"   // TrackEvent
	TypeTrackUpdated Type = "track-updated" // TrackEvent: muted has changed
	TypeTrackRemoved Type = "track-removed" // TrackEvent
	TypeBanned       Type = "banned"        // Banned: the operator has muted this client, or lifts it
	TypeClosed       Type = "closed"        // Closed: the last message of a session

	TypePermkeyWillExpire Type = "permkey-will-expire" // PermkeyWillExpire
)

// Message is the frame of every message.
type Message struct {
	Type Type            `json:"type"`
	ID   uint64          `json:"id,omitempty"`
	Data json.RawMessage `json:"data,omitempty"`
}

// MediaType is one of the four tracks that a user may have.
type MediaType string

// The media types, as the documented API names them.
const (
	MediaAudio      MediaType = "audio"
	MediaAudioSlave MediaType = "audioSlave"
	MediaVideo      MediaType = "video"
	MediaScreen     MediaType = "screen"
)

// MediaTypes has all of them, in the order in which a user's tracks are announced.
var MediaTypes = [...]MediaType{MediaAudio, MediaAudioSlave, MediaVideo, MediaScreen}

// Role is what a user may do in a room.
type Role string

// The roles, as the documented API names them.
const (
	RoleHost     Role = "host"
	RoleAudience Role = "audience" // receives only, and the others are not told of it
)

// Profile is what a room is used for.
type Profile string

// The profiles, as the documented API names them.
const (
	ProfileRTC  Profile = "rtc"
	ProfileLive Profile = "live"
)

// Join asks for a place in a room.
type Join struct {
	// Version is Version.
	Version int `json:"version"`
	// SDK names the client and its version, for the gateway's log.
	SDK string `json:"sdk,omitempty"`
	// AppKey is the application.
	AppKey string `json:"appkey"`
	// Channel is the room's name, 1 to 64 bytes.
	Channel string `json:"channel"`
	// UID is the user, a number in decimal or a string of up to 64 characters. Empty: the gateway assigns a number.
	UID string `json:"uid,omitempty"`
	// Token is the basic token, where the application wants one.
	Token string `json:"token,omitempty"`
	// Permkey is the permission key, where the application limits what the user may do.
	Permkey string `json:"permkey,omitempty"`
	// Profile is what the client uses the room for; empty stands for ProfileRTC.
	Profile Profile `json:"profile,omitempty"`
	// Role is what the client joins as; empty stands for RoleHost.
	Role Role `json:"role,omitempty"`
	// Offer is the client's first offer: a data channel and spare receive sections.
	Offer Offer `json:"offer"`
}

// Offer is an SDP offer of the client, which is always the offerer.
type Offer struct {
	SDP string `json:"sdp"`
	// Tracks are those that the offer sends for the first time.
	Tracks []NewTrack `json:"tracks,omitempty"`
}

// NewTrack announces a track that an offer begins to send.
type NewTrack struct {
	// CID is the client's id of the track, as in the offer's msid line.
	CID string `json:"cid"`
	// MediaType is what the track carries.
	MediaType MediaType `json:"mediaType"`
	Muted     bool      `json:"muted,omitempty"`
	// Width and Height in pixels, and Bitrate in bit/s, of a picture.
	Width   int `json:"width,omitempty"`
	Height  int `json:"height,omitempty"`
	Bitrate int `json:"bitrate,omitempty"`
}

// Answer answers an offer.
type Answer struct {
	SDP string `json:"sdp"`
	// Mids says which remote track arrives on which media section: mid to track id.
	Mids map[string]string `json:"mids,omitempty"`
	// Published says under which id each new track is known in the room: cid to track id.
	Published map[string]string `json:"published,omitempty"`
}

// Track is a track that a member has published.
type Track struct {
	ID        string    `json:"id"`
	MediaType MediaType `json:"mediaType"`
	Muted     bool      `json:"muted,omitempty"`
	// Width and Height in pixels of a picture.
	Width  int `json:"width,omitempty"`
	Height int `json:"height,omitempty"`
}

// Member is somebody else in the room.
type Member struct {
	UID    string  `json:"uid"`
	Tracks []Track `json:"tracks,omitempty"`
}

// Joined says that the client is in the room.
type Joined struct {
	// CID is the number of this life of the room, a positive safe integer.
	CID int64 `json:"cid"`
	// UID is the client's own, given or assigned.
	UID     string   `json:"uid"`
	Members []Member `json:"members,omitempty"`
	// Answer answers the offer of the join.
	Answer Answer `json:"answer"`
	// Candidates of the media server known so far, each the JSON of RTCIceCandidateInit.
	Candidates []string `json:"candidates,omitempty"`
	// ICEServers for later gatherings.
	ICEServers []ICEServer `json:"iceServers,omitempty"`
	// PingInterval in milliseconds: how often the client sends ping. A side that
	// hears nothing for three intervals takes the connection for lost.
	PingInterval int `json:"pingInterval"`
	// Resume is the secret with which another connection takes up this session after
	// the first was lost. Empty: the session ends with its connection.
	Resume string `json:"resume,omitempty"`
}

// Resume takes up a session whose connection was lost.
type Resume struct {
	Version int `json:"version"`
	// Token is Joined.Resume.
	Token string `json:"token"`
	// Received is how many counted messages of the session have arrived here, see Ledger.
	Received uint64 `json:"received"`
}

// Resumed says that the session goes on; each side then repeats what the other has not received.
type Resumed struct {
	Received uint64 `json:"received"`
}

// ICEServer is a STUN or TURN server.
type ICEServer struct {
	URLs       []string `json:"urls"`
	Username   string   `json:"username,omitempty"`
	Credential string   `json:"credential,omitempty"`
}

// Candidate is one ICE candidate, the JSON text of RTCIceCandidateInit.
type Candidate struct {
	Candidate string `json:"candidate"`
}

// Subscribe begins or ends receiving tracks.
type Subscribe struct {
	Tracks    []string `json:"tracks"`
	Subscribe bool     `json:"subscribe"`
}

// Mute says that an own track is silent or black, or is no longer.
type Mute struct {
	Track string `json:"track"`
	Muted bool   `json:"muted"`
}

// RoleChange asks for another role. It is answered when the role has taken effect.
type RoleChange struct {
	Role Role `json:"role"`
}

// Ping carries the sender's clock in milliseconds; pong gives it back.
type Ping struct {
	Time int64 `json:"time"`
	// Received is how many counted messages have arrived at the side that sends this, see Ledger.
	Received uint64 `json:"received,omitempty"`
}

// Sections are receive-only media sections that the media server needs.
type Sections struct {
	Audio int `json:"audio"`
	Video int `json:"video"`
}

// MemberLeft names who left.
type MemberLeft struct {
	UID string `json:"uid"`
}

// TrackEvent tells of one track of a member.
type TrackEvent struct {
	UID   string `json:"uid"`
	Track Track  `json:"track"`
}

// Banned tells a client what the operator has changed: true for a kind that is muted from
// now on whatever the client asks, false for one that no longer is, nil for no change.
type Banned struct {
	// Audio stands for audio and audioSlave, Video for video and screen.
	Audio *bool `json:"audio,omitempty"`
	Video *bool `json:"video,omitempty"`
	// Duration in seconds of what is muted, 0 for one without an end.
	Duration int `json:"duration"`
}

// PermkeyWillExpire says that the time of the client's permission key is nearly over. At
// its end the session is closed with ClosePermkeyTimeout.
type PermkeyWillExpire struct {
	// Seconds that are left, rounded up.
	Seconds int `json:"seconds"`
}

// Reasons in an Error where a permission key does not permit it, with the codes
// PublishRefused and SubscribeRefused; pages get them as the argument of an error event.
const (
	ReasonNoPublishAudio   = "no-publish-audio-permission"
	ReasonNoPublishVideo   = "no-publish-video-permission"
	ReasonNoSubscribeAudio = "no-subscribe-audio-permission"
	ReasonNoSubscribeVideo = "no-subscribe-video-permission"
)

// Error refuses a request.
type Error struct {
	// Code is a documented code (internal/errcode) or an HTTP status.
	Code   int    `json:"code"`
	Reason string `json:"reason"`
}

// CloseReason says why the gateway ends a session.
type CloseReason string

// Why a session ends.
const (
	CloseLeft       CloseReason = "left"        // the client asked
	CloseDuplicate  CloseReason = "duplicate"   // the same uid joined elsewhere
	CloseRemoved    CloseReason = "removed"     // somebody removed the member
	CloseRoomClosed CloseReason = "room-closed" // the room was closed
	CloseEngineLost CloseReason = "engine-lost" // the media engine went away
	CloseShutdown   CloseReason = "shutdown"    // the gateway stops
	CloseError      CloseReason = "error"       // the session broke

	ClosePermkeyTimeout CloseReason = "permkey-timeout" // the time of the permission key is over
)

// Closed is the last message of a session.
type Closed struct {
	Reason CloseReason `json:"reason"`
	Text   string      `json:"text,omitempty"`
}

// Encode makes the frame of a message; data nil leaves it out.
func Encode(t Type, id uint64, data any) ([]byte, error) {
	m := Message{Type: t, ID: id}
	if data != nil {
		b, err := json.Marshal(data)
		if err != nil {
			return nil, err
		}
		m.Data = b
	}
	return json.Marshal(m)
}

// Decode reads the frame of a message; the data stays raw until its type is known.
func Decode(b []byte) (Message, error) {
	var m Message
	err := json.Unmarshal(b, &m)
	return m, err
}
