package protocol

import (
	"strings"

	"nertc/internal/protocol/wire"
)

// What comes from the gateway.

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
	// ICEServers are for when nothing else gets through, or Join.Relay wants nothing else.
	ICEServers []ICEServer `json:"iceServers,omitempty"`
	// PingInterval in milliseconds: how often the client sends ping. A side that
	// hears nothing for three intervals takes the connection for lost.
	PingInterval int `json:"pingInterval"`
	// Resume is the secret with which another connection takes up this session after
	// the first was lost. Empty: the session ends with its connection.
	Resume string `json:"resume,omitempty"`
	// Pass lets the client back in, see Pass.
	Pass string `json:"pass,omitempty"`
	// LogTicket lets a page send the log of its call, once, up to LogSize bytes of it, compressed. It is as secret as a
	// token; empty where the gateway takes none.
	LogTicket string `json:"logTicket,omitempty"`
	LogSize   int    `json:"logSize,omitempty"`
}

// Fields names the members for package wire.
func (j *Joined) Fields(f *wire.Fields) {
	f.Int64("cid", &j.CID, wire.Always)
	f.String("uid", &j.UID, wire.Always)
	wire.List(f, "members", &j.Members, wire.NotEmpty)
	f.Object("answer", &j.Answer)
	f.Strings("candidates", &j.Candidates, wire.NotEmpty)
	wire.List(f, "iceServers", &j.ICEServers, wire.NotEmpty)
	f.Int("pingInterval", &j.PingInterval, wire.Always)
	f.String("resume", &j.Resume, wire.NotEmpty)
	f.String("pass", &j.Pass, wire.NotEmpty)
	f.String("logTicket", &j.LogTicket, wire.NotEmpty)
	f.Int("logSize", &j.LogSize, wire.NotEmpty)
}

// Permitted says what a client may publish by its new permission key: audio and audioSlave,
// video and screen. What it has published besides is no longer there.
type Permitted struct {
	Audio bool `json:"audio"`
	Video bool `json:"video"`
}

// Fields names the members for package wire.
func (p *Permitted) Fields(f *wire.Fields) {
	f.Bool("audio", &p.Audio, wire.Always)
	f.Bool("video", &p.Video, wire.Always)
}

// Pass renews what a client comes back with when its session is lost, also to a gateway
// that has never heard of it: the gateway's signed word of whom it has let in, and with
// which rights. It is as secret as a token. Empty where the application has no secret.
type Pass struct {
	Pass string `json:"pass"`
}

// Fields names the members for package wire.
func (p *Pass) Fields(f *wire.Fields) {
	f.String("pass", &p.Pass, wire.Always)
}

// Answer answers an offer.
type Answer struct {
	SDP string `json:"sdp"`
	// Mids says which remote track arrives on which media section: mid to track id.
	Mids map[string]string `json:"mids,omitempty"`
	// Published says under which id each new track is known in the room: cid to track id.
	Published map[string]string `json:"published,omitempty"`
}

// Fields names the members for package wire.
func (a *Answer) Fields(f *wire.Fields) {
	f.String("sdp", &a.SDP, wire.Always)
	f.Map("mids", &a.Mids, wire.NotEmpty)
	f.Map("published", &a.Published, wire.NotEmpty)
}

// ICEServers renews the servers of Joined, whose credentials are good for some minutes only.
type ICEServers struct {
	ICEServers []ICEServer `json:"iceServers"`
}

// Fields names the members for package wire.
func (i *ICEServers) Fields(f *wire.Fields) {
	wire.List(f, "iceServers", &i.ICEServers, wire.Always)
}

// HasRelay says whether there is a TURN server among them.
func HasRelay(servers []ICEServer) bool {
	for _, s := range servers {
		for _, u := range s.URLs {
			if strings.HasPrefix(u, "turn:") || strings.HasPrefix(u, "turns:") {
				return true
			}
		}
	}
	return false
}

// ICEServer is a STUN or TURN server.
type ICEServer struct {
	URLs       []string `json:"urls"`
	Username   string   `json:"username,omitempty"`
	Credential string   `json:"credential,omitempty"`
}

// Fields names the members for package wire.
func (i *ICEServer) Fields(f *wire.Fields) {
	f.Strings("urls", &i.URLs, wire.Always)
	f.String("username", &i.Username, wire.NotEmpty)
	f.String("credential", &i.Credential, wire.NotEmpty)
}

// Member is somebody else in the room.
type Member struct {
	UID    string  `json:"uid"`
	Tracks []Track `json:"tracks,omitempty"`
	// CustomData is that of the member's join.
	CustomData string `json:"customData,omitempty"`
}

// Fields names the members for package wire.
func (m *Member) Fields(f *wire.Fields) {
	f.String("uid", &m.UID, wire.Always)
	wire.List(f, "tracks", &m.Tracks, wire.NotEmpty)
	f.String("customData", &m.CustomData, wire.NotEmpty)
}

// Track is a track that a member has published.
type Track struct {
	ID        string    `json:"id"`
	MediaType MediaType `json:"mediaType"`
	Muted     bool      `json:"muted,omitempty"`
	// Width and Height in pixels of a picture.
	Width  int `json:"width,omitempty"`
	Height int `json:"height,omitempty"`
	// Codec is what it is sent in, as a subtype of RTP: VP8, H264, VP9, AV1, opus. Empty while that is not known.
	Codec string `json:"codec,omitempty"`
	// Spare is the codec in which those get it who cannot decode the other. Empty: there is none.
	Spare string `json:"spare,omitempty"`
}

// Fields names the members for package wire.
func (t *Track) Fields(f *wire.Fields) {
	f.String("id", &t.ID, wire.Always)
	f.String("mediaType", (*string)(&t.MediaType), wire.Always)
	f.Bool("muted", &t.Muted, wire.NotEmpty)
	f.Int("width", &t.Width, wire.NotEmpty)
	f.Int("height", &t.Height, wire.NotEmpty)
	f.String("codec", &t.Codec, wire.NotEmpty)
	f.String("spare", &t.Spare, wire.NotEmpty)
}

// MemberLeft names who left.
type MemberLeft struct {
	UID string `json:"uid"`
}

// Fields names the members for package wire.
func (m *MemberLeft) Fields(f *wire.Fields) {
	f.String("uid", &m.UID, wire.Always)
}

// MemberQuality says how good the connection of another member is.
type MemberQuality struct {
	UID string `json:"uid"`
	// Level from 1, excellent, to 6, down; 0 is unknown.
	Level int `json:"level"`
}

// Fields names the members for package wire.
func (m *MemberQuality) Fields(f *wire.Fields) {
	f.String("uid", &m.UID, wire.Always)
	f.Int("level", &m.Level, wire.Always)
}

// TrackEvent tells of one track of a member.
type TrackEvent struct {
	UID   string `json:"uid"`
	Track Track  `json:"track"`
}

// Fields names the members for package wire.
func (t *TrackEvent) Fields(f *wire.Fields) {
	f.String("uid", &t.UID, wire.Always)
	f.Object("track", &t.Track)
}

// Sections are receive-only media sections that the media server needs.
type Sections struct {
	Audio int `json:"audio"`
	Video int `json:"video"`
}

// Fields names the members for package wire.
func (s *Sections) Fields(f *wire.Fields) {
	f.Int("audio", &s.Audio, wire.Always)
	f.Int("video", &s.Video, wire.Always)
}

// PermkeyWillExpire says that the time of the client's permission key is nearly over. At
// its end the session is closed with ClosePermkeyTimeout.
type PermkeyWillExpire struct {
	// Seconds that are left, rounded up.
	Seconds int `json:"seconds"`
}

// Fields names the members for package wire.
func (p *PermkeyWillExpire) Fields(f *wire.Fields) {
	f.Int("seconds", &p.Seconds, wire.Always)
}

// Resumed says that the session goes on; each side then repeats what the other has not received.
type Resumed struct {
	Received uint64 `json:"received"`
}

// Fields names the members for package wire.
func (r *Resumed) Fields(f *wire.Fields) {
	f.Uint64("received", &r.Received, wire.Always)
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

// Fields names the members for package wire.
func (b *Banned) Fields(f *wire.Fields) {
	f.Option("audio", &b.Audio, wire.NotEmpty)
	f.Option("video", &b.Video, wire.NotEmpty)
	f.Int("duration", &b.Duration, wire.Always)
}

// Reasons in an Error where a permission key does not permit it, with the codes
// PublishRefused and SubscribeRefused; pages get them as the argument of an error event.
const (
	ReasonNoPublishAudio   = "no-publish-audio-permission"
	ReasonNoPublishVideo   = "no-publish-video-permission"
	ReasonNoSubscribeAudio = "no-subscribe-audio-permission"
	ReasonNoSubscribeVideo = "no-subscribe-video-permission"
)

// CodeNoRelay is the Code of an Error that refuses a join with Relay, where media cannot go through a relay.
const CodeNoRelay = 4035

// Error refuses a request.
type Error struct {
	// Code is a documented code (internal/errcode) or an HTTP status.
	Code   int    `json:"code"`
	Reason string `json:"reason"`
}

// Fields names the members for package wire.
func (e *Error) Fields(f *wire.Fields) {
	f.Int("code", &e.Code, wire.Always)
	f.String("reason", &e.Reason, wire.Always)
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

// Fields names the members for package wire.
func (c *Closed) Fields(f *wire.Fields) {
	f.String("reason", (*string)(&c.Reason), wire.Always)
	f.String("text", &c.Text, wire.NotEmpty)
}
