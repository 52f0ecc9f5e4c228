// Package protocol has the messages between client and gateway, shared by both.
//
// A message is a JSON object in a WebSocket text frame: a type, the number of the
// request where an answer is wanted or given, and the data of the type. Unknown
// fields are ignored by both ends. docs/protocol.md describes each with an example.
//
// The tags of the structs say how encoding/json sees them, and may be used so where its
// weight does not count. The methods Fields say the same without it.
package protocol

import (
	"errors"

	"nertc/internal/protocol/wire"
)

const (
	// Version of the protocol; the first message of a client names it.
	Version = 1
	// Path of the signalling WebSocket on a gateway.
	Path = "/nertc/v1"
	// LogPath, behind that, is where logs of calls are sent to.
	LogPath = "/log"
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
	TypeProbe     Type = "probe"     // Join, answered by joined; the first message of a connection that only tries whether media gets through
	TypeLeave     Type = "leave"     // no data, answered by ok; the gateway then closes
	TypeOffer     Type = "offer"     // Offer, answered by answer
	TypeSubscribe Type = "subscribe" // Subscribe, answered by ok
	TypeMute      Type = "mute"      // Mute, answered by ok
	TypeResize    Type = "resize"    // Resize, answered by ok
	TypeRole      Type = "role"      // RoleChange, answered by ok
	TypeQuality   Type = "quality"   // Wish, answered by ok
	TypePing      Type = "ping"      // Ping, answered by pong
	TypePermkey   Type = "permkey"   // PermkeyChange, answered by permitted
	TypeRekey     Type = "rekey"     // Rekey, answered by ok
	TypeCandidate Type = "candidate" // Candidate, in both directions, not answered
	TypeResume    Type = "resume"    // Resume, answered by resumed; the first message of a connection that takes up another

	TypeTaskAdd    Type = "task-add"    // Tasks, answered by ok
	TypeTaskUpdate Type = "task-update" // Tasks that take the place of those with their IDs, answered by ok
	TypeTaskDelete Type = "task-delete" // TaskIDs, answered by ok
)

// Messages from the gateway. Those without a request behind them have no ID.
const (
	TypeJoined        Type = "joined"         // Joined
	TypeResumed       Type = "resumed"        // Resumed
	TypeAnswer        Type = "answer"         // Answer
	TypeOK            Type = "ok"             // no data
	TypePong          Type = "pong"           // Ping
	TypeError         Type = "error"          // Error
	TypeSections      Type = "sections"       // Sections: the client adds them and offers again
	TypeMemberJoined  Type = "member-joined"  // Member
	TypeMemberLeft    Type = "member-left"    // MemberLeft
	TypeTrackAdded    Type = "track-added"    // TrackEvent
	TypeTrackUpdated  Type = "track-updated"  // TrackEvent: muted or codec has changed
	TypeTrackRemoved  Type = "track-removed"  // TrackEvent
	TypeBanned        Type = "banned"         // Banned: the operator has muted this client, or lifts it
	TypeWatched       Type = "watched"        // Watched
	TypePaused        Type = "paused"         // Paused
	TypeMemberQuality Type = "member-quality" // MemberQuality
	TypePass          Type = "pass"           // Pass
	TypeICEServers    Type = "ice-servers"    // ICEServers
	TypePermitted     Type = "permitted"      // Permitted
	TypeClosed        Type = "closed"         // Closed: the last message of a session
	TypePriority      Type = "priority"       // Priority
	TypeTaskState     Type = "task-state"     // TaskState
	TypeTasks         Type = "tasks"          // TaskStates

	TypePermkeyWillExpire Type = "permkey-will-expire" // PermkeyWillExpire
)

// Message is the frame of every message.
type Message struct {
	Type Type   `json:"type"`
	ID   uint64 `json:"id,omitempty"`
	// Data is the JSON text of what belongs to the type, or empty.
	Data []byte `json:"data,omitempty"`
}

// Fields names the members for package wire.
func (m *Message) Fields(f *wire.Fields) {
	f.String("type", (*string)(&m.Type), wire.Always)
	f.Uint64("id", &m.ID, wire.NotEmpty)
	f.Raw("data", &m.Data, wire.NotEmpty)
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

// Object is the data of a message: a pointer to one of the structs here.
type Object = wire.Object

// Encode makes the frame of a message; data is one of the structs of this package or a
// pointer to one, and nil leaves it out.
func Encode(t Type, id uint64, data any) ([]byte, error) {
	m := Message{Type: t, ID: id}
	if data != nil {
		o := object(data)
		if o == nil {
			return nil, errors.New("data of no message")
		}
		m.Data = wire.Append(nil, o)
	}
	return wire.Append(nil, &m), nil
}

// Decode reads the frame of a message; the data stays raw until its type is known.
func Decode(b []byte) (Message, error) {
	var m Message
	err := wire.Read(b, &m)
	return m, err
}

// Read reads the data of the message. A message without data is an error.
func (m Message) Read(into Object) error { return wire.Read(m.Data, into) }

// object gives what writes the data, nil if nothing does.
func object(data any) Object {
	switch d := data.(type) {
	case Object:
		return d
	case Join:
		return &d
	case Offer:
		return &d
	case Subscribe:
		return &d
	case Mute:
		return &d
	case Resize:
		return &d
	case Wish:
		return &d
	case Watched:
		return &d
	case Paused:
		return &d
	case Priority:
		return &d
	case RoleChange:
		return &d
	case PermkeyChange:
		return &d
	case Rekey:
		return &d
	case Pass:
		return &d
	case ICEServers:
		return &d
	case Permitted:
		return &d
	case Resume:
		return &d
	case Candidate:
		return &d
	case Ping:
		return &d
	case Joined:
		return &d
	case Answer:
		return &d
	case Member:
		return &d
	case MemberLeft:
		return &d
	case MemberQuality:
		return &d
	case TrackEvent:
		return &d
	case Sections:
		return &d
	case PermkeyWillExpire:
		return &d
	case Resumed:
		return &d
	case Banned:
		return &d
	case Tasks:
		return &d
	case TaskIDs:
		return &d
	case TaskState:
		return &d
	case TaskStates:
		return &d
	case Error:
		return &d
	case Closed:
		return &d
	}
	return nil
}
