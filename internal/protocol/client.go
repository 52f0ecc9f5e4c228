package protocol

import "nertc/internal/protocol/wire"

// What comes from the client, and from both.

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
	// Pass is the last one of an earlier stay under this uid in the room; a good one stands in
	// for token and permission key.
	Pass string `json:"pass,omitempty"`
	// Place is the Joined.Resume of a stay that a page before this one had in the room: a good
	// one gives its uid to a client that names no other. A bad one changes nothing.
	Place string `json:"place,omitempty"`
	// Rejoin says that the client was in the room until its session was lost, for the gateway's metrics.
	Rejoin bool `json:"rejoin,omitempty"`
	// CustomData is what the others are told with the member, up to 1024 bytes.
	CustomData string `json:"customData,omitempty"`
	// Profile is what the client uses the room for; empty stands for ProfileRTC.
	Profile Profile `json:"profile,omitempty"`
	// Role is what the client joins as; empty stands for RoleHost.
	Role Role `json:"role,omitempty"`
	// HighPriority asks that the client's media go before those of the others; of a room one
	// member has that. Preempt takes it from the one who has it, for good; otherwise who has it keeps
	// it, and those who have asked come after, in their order.
	HighPriority bool `json:"highPriority,omitempty"`
	Preempt      bool `json:"preempt,omitempty"`
	// NoLive says that the client is to have no live tasks, although its profile is ProfileLive.
	NoLive bool `json:"noLive,omitempty"`
	// Relay says that the client's media is to go through a relay and no other way: without one the join is refused.
	Relay bool `json:"relay,omitempty"`
	// CryptMode is how frames are encrypted end to end, sm4-128-ecb or sm4-128-gcm; empty for not at all.
	CryptMode string `json:"cryptMode,omitempty"`
	// CryptCheck is the check value of the secret (framecrypt.Check) in base64url without padding.
	CryptCheck string `json:"cryptCheck,omitempty"`
	// Offer is the client's first offer: a data channel and spare receive sections.
	Offer Offer `json:"offer"`
}

// Fields names the members for package wire.
func (j *Join) Fields(f *wire.Fields) {
	f.Int("version", &j.Version, wire.Always)
	f.String("sdk", &j.SDK, wire.NotEmpty)
	f.String("appkey", &j.AppKey, wire.Always)
	f.String("channel", &j.Channel, wire.Always)
	f.String("uid", &j.UID, wire.NotEmpty)
	f.String("token", &j.Token, wire.NotEmpty)
	f.String("permkey", &j.Permkey, wire.NotEmpty)
	f.String("pass", &j.Pass, wire.NotEmpty)
	f.String("place", &j.Place, wire.NotEmpty)
	f.Bool("rejoin", &j.Rejoin, wire.NotEmpty)
	f.String("customData", &j.CustomData, wire.NotEmpty)
	f.String("profile", (*string)(&j.Profile), wire.NotEmpty)
	f.String("role", (*string)(&j.Role), wire.NotEmpty)
	f.Bool("highPriority", &j.HighPriority, wire.NotEmpty)
	f.Bool("preempt", &j.Preempt, wire.NotEmpty)
	f.Bool("noLive", &j.NoLive, wire.NotEmpty)
	f.Bool("relay", &j.Relay, wire.NotEmpty)
	f.String("cryptMode", &j.CryptMode, wire.NotEmpty)
	f.String("cryptCheck", &j.CryptCheck, wire.NotEmpty)
	f.Object("offer", &j.Offer)
}

// Offer is an SDP offer of the client, which is always the offerer.
type Offer struct {
	SDP string `json:"sdp"`
	// Tracks are those that the offer sends for the first time.
	Tracks []NewTrack `json:"tracks,omitempty"`
}

// Fields names the members for package wire.
func (o *Offer) Fields(f *wire.Fields) {
	f.String("sdp", &o.SDP, wire.Always)
	wire.List(f, "tracks", &o.Tracks, wire.NotEmpty)
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
	// Codecs in which a picture can be sent, as Track.Codec has them: the one that it is sent in, and,
	// where there is one, a spare for those who cannot decode that.
	Codecs []string `json:"codecs,omitempty"`
	// Of is the id of the published track that this one has in its spare codec, the only one of Codecs.
	Of string `json:"of,omitempty"`
	// Stereo is a sound of two channels. Steady is one that is no speech: it is sent without a break also
	// where it is quiet, and not twice against losses.
	Stereo bool `json:"stereo,omitempty"`
	Steady bool `json:"steady,omitempty"`
	// Layers are none for a picture that is sent once, or two for one that is sent in two
	// sizes: the low one, whose rid is RIDLow, and the high one, whose rid is RIDHigh.
	Layers []Layer `json:"layers,omitempty"`
}

// Fields names the members for package wire.
func (n *NewTrack) Fields(f *wire.Fields) {
	f.String("cid", &n.CID, wire.Always)
	f.String("mediaType", (*string)(&n.MediaType), wire.Always)
	f.Bool("muted", &n.Muted, wire.NotEmpty)
	f.Int("width", &n.Width, wire.NotEmpty)
	f.Int("height", &n.Height, wire.NotEmpty)
	f.Int("bitrate", &n.Bitrate, wire.NotEmpty)
	f.Strings("codecs", &n.Codecs, wire.NotEmpty)
	f.String("of", &n.Of, wire.NotEmpty)
	f.Bool("stereo", &n.Stereo, wire.NotEmpty)
	f.Bool("steady", &n.Steady, wire.NotEmpty)
	wire.List(f, "layers", &n.Layers, wire.NotEmpty)
}

// Subscribe begins or ends receiving tracks.
type Subscribe struct {
	Tracks    []string `json:"tracks"`
	Subscribe bool     `json:"subscribe"`
}

// Fields names the members for package wire.
func (s *Subscribe) Fields(f *wire.Fields) {
	f.Strings("tracks", &s.Tracks, wire.Always)
	f.Bool("subscribe", &s.Subscribe, wire.Always)
}

// Mute says that an own track is silent or black, or is no longer.
type Mute struct {
	Track string `json:"track"`
	Muted bool   `json:"muted"`
}

// Fields names the members for package wire.
func (m *Mute) Fields(f *wire.Fields) {
	f.String("track", &m.Track, wire.Always)
	f.Bool("muted", &m.Muted, wire.Always)
}

// Resize says that an own picture has another size from now on, in pixels.
type Resize struct {
	Track  string `json:"track"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
}

// Fields names the members for package wire.
func (r *Resize) Fields(f *wire.Fields) {
	f.String("track", &r.Track, wire.Always)
	f.Int("width", &r.Width, wire.Always)
	f.Int("height", &r.Height, wire.Always)
}

// RoleChange asks for another role. It is answered when the role has taken effect.
type RoleChange struct {
	Role Role `json:"role"`
}

// Fields names the members for package wire.
func (r *RoleChange) Fields(f *wire.Fields) {
	f.String("role", (*string)(&r.Role), wire.Always)
}

// PermkeyChange puts another permission key in the place of the present one. It is answered
// with Permitted when what it permits has taken effect.
type PermkeyChange struct {
	Permkey string `json:"permkey"`
}

// Fields names the members for package wire.
func (p *PermkeyChange) Fields(f *wire.Fields) {
	f.String("permkey", &p.Permkey, wire.Always)
}

// Rekey changes the secret of an encrypted room, whose members do so together.
type Rekey struct {
	// CryptCheck is the check value of the new secret, as in Join.
	CryptCheck string `json:"cryptCheck"`
}

// Fields names the members for package wire.
func (r *Rekey) Fields(f *wire.Fields) {
	f.String("cryptCheck", &r.CryptCheck, wire.Always)
}

// Resume takes up a session whose connection was lost.
type Resume struct {
	Version int `json:"version"`
	// Token is Joined.Resume.
	Token string `json:"token"`
	// Received is how many counted messages of the session have arrived here, see Ledger.
	Received uint64 `json:"received"`
}

// Fields names the members for package wire.
func (r *Resume) Fields(f *wire.Fields) {
	f.Int("version", &r.Version, wire.Always)
	f.String("token", &r.Token, wire.Always)
	f.Uint64("received", &r.Received, wire.Always)
}

// Candidate is one ICE candidate, the JSON text of RTCIceCandidateInit.
type Candidate struct {
	Candidate string `json:"candidate"`
}

// Fields names the members for package wire.
func (c *Candidate) Fields(f *wire.Fields) {
	f.String("candidate", &c.Candidate, wire.Always)
}

// Ping carries the sender's clock in milliseconds; pong gives it back.
type Ping struct {
	Time int64 `json:"time"`
	// Received is how many counted messages have arrived at the side that sends this, see Ledger.
	Received uint64 `json:"received,omitempty"`
}

// Fields names the members for package wire.
func (p *Ping) Fields(f *wire.Fields) {
	f.Int64("time", &p.Time, wire.Always)
	f.Uint64("received", &p.Received, wire.NotEmpty)
}
