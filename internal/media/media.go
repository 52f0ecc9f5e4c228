// Package media has the small interfaces through which the core sees media: peer
// connections and tracks. The browser's implementation is in jsbridge/peer,
// pion's native one in internal/nativemedia.
package media

import "context"

// Kind is the kind of a track, as WebRTC has it.
type Kind string

// The two kinds of tracks.
const (
	Audio Kind = "audio"
	Video Kind = "video"
)

// Track is a local track. The implementation knows what it really is.
type Track interface {
	// ID is the track's id, unique on its peer connection; it stands in the offer's msid line.
	ID() string
	// Kind is audio or video.
	Kind() Kind
}

// RemoteTrack is what a peer connection receives on one media section.
type RemoteTrack interface {
	Track
	// MID is the media section that the track arrives on.
	MID() string
}

// SendOptions says how a track is to be sent. The zero value leaves all to the implementation.
type SendOptions struct {
	// MaxBitrate in bit/s; 0 sets no limit. With two layers it is the high one's.
	MaxBitrate int
	// MaxFramerate in frames/s; 0 sets no limit.
	MaxFramerate float64
	// LowBitrate in bit/s is the limit of a picture's low layer, where it is sent in two; 0 leaves it as it is.
	LowBitrate int
	// LowScale is how many times narrower and lower than the track the low layer is, at least 1; 0
	// sends a picture in one size. That there are two is decided when the sending begins.
	LowScale float64
	// Off sends nothing of a picture, or of its high layer; LowOff nothing of its low one.
	Off, LowOff bool
	// Stereo says that a sound has two channels, Steady that it is no speech: it is sent without a break
	// also where it is quiet.
	Stereo, Steady bool
	// Codec is the one that a picture is sent in, by its subtype of RTP; empty leaves the choice. CID stands
	// in the offer in the place of the track's id, for a track that is sent a second time; empty is the id itself.
	// Both are for good.
	Codec, CID string
	// Purpose is the documented media type, for who looks at what is sent.
	Purpose string
}

// Layered is what a Track of a picture can be besides: one that can be sent in two sizes.
type Layered interface {
	// Layered says whether it can.
	Layered() bool
}

// Sender is one sending media section of a peer connection.
type Sender interface {
	// MID is the media section that is sent on; empty before an offer has named it.
	MID() string
	// Replace puts another track of the same kind in place without negotiation.
	Replace(ctx context.Context, t Track) error
	// Limit sets other limits for what is being sent, without negotiation: bitrates and frame rate of the
	// options, and which of the layers are sent how small.
	Limit(ctx context.Context, o SendOptions) error
	// Stop ends the sending. The section stays for the next track of its kind; the
	// change takes effect with the next offer.
	Stop(ctx context.Context) error
}

// PictureCodecs is what a PeerConnection can be besides: it has a choice of codecs for what it sends.
type PictureCodecs interface {
	// PictureCodecs are those in which it can send a picture, by their subtypes of RTP: the one that it
	// takes unasked, and one more if there is one.
	PictureCodecs() []string
}

// Sound is the running account that a receiver keeps of what it decodes.
type Sound struct {
	// Energy is the sum over time of the squared audio level, where 1.0 is full scale.
	// https://www.w3.org/TR/webrtc-stats/#dom-rtcinboundrtpstreamstats-totalaudioenergy
	Energy float64
	// Duration in seconds of what was decoded.
	Duration float64
}

// ICEServer is one STUN or TURN server.
type ICEServer struct {
	URLs       []string `json:"urls"`
	Username   string   `json:"username,omitempty"`
	Credential string   `json:"credential,omitempty"`
}

// ConnectionState is the aggregate state of a peer connection.
// https://www.w3.org/TR/webrtc/#rtcpeerconnectionstate-enum
type ConnectionState string

// The states of a peer connection.
const (
	StateNew          ConnectionState = "new"
	StateConnecting   ConnectionState = "connecting"
	StateConnected    ConnectionState = "connected"
	StateDisconnected ConnectionState = "disconnected"
	StateFailed       ConnectionState = "failed"
	StateClosed       ConnectionState = "closed"
)

// Observer gets what a peer connection has to say. Its functions are called one
// at a time and in order, on a goroutine of the implementation; they must not block.
type Observer struct {
	// Candidate gets each local ICE candidate as the JSON of RTCIceCandidateInit.
	Candidate func(candidate string)
	// State gets each change of the connection state; StateClosed of a connection that carries nothing any more, for
	// another reason than Close.
	State func(s ConnectionState)
}

// PeerConnection is the part of an RTCPeerConnection that a session needs. The
// caller is the only offerer and never calls two methods at once, except Close.
type PeerConnection interface {
	// Offer makes an offer and sets it as the local description; it returns its SDP.
	Offer(ctx context.Context) (sdp string, err error)
	// Answer sets the remote answer.
	Answer(ctx context.Context, sdp string) error
	// AddCandidate adds a remote candidate, the JSON of RTCIceCandidateInit.
	AddCandidate(ctx context.Context, candidate string) error
	// AddReceivers adds receive-only media sections; they are in the next offer.
	AddReceivers(ctx context.Context, audio, video int) error
	// Send adds a sending section for a track, or takes one that was stopped; it is in the next offer.
	Send(ctx context.Context, t Track, o SendOptions) (Sender, error)
	// Receiver gives the track that arrives on a media section, once an answer has named it.
	Receiver(mid string) (RemoteTrack, bool)
	// RestartICE makes the next offer look for a new path, after a change of network.
	RestartICE() error
	// SetICEServers sets the servers for the next gathering of candidates, which is that of the
	// first offer or of one after RestartICE. relayOnly has media go through their relays and no
	// other way; it is set before the first offer, if at all, and stays.
	SetICEServers(servers []ICEServer, relayOnly bool) error
	// Close ends the connection and frees all that belongs to it. It may be called at any time, more than once.
	Close() error
}

// Factory makes a peer connection. It must not block.
type Factory func(o Observer) (PeerConnection, error)

// Encryption encrypts frames end to end: what it makes sends nothing clear, and takes nothing
// that is.
type Encryption interface {
	// Available says why it is not, with the error that a join fails with.
	Available() error
	// Root stretches a secret into framecrypt.Root. It may take a second.
	Root(ctx context.Context, secret, appkey string) ([]byte, error)
	// Begin has frames encrypted in a framecrypt.Mode with a framecrypt.FrameKey, and gives
	// what makes peer connections that do so. A key that is in use already goes on.
	Begin(ctx context.Context, mode string, key []byte) (Factory, error)
	// Rotate changes the key, see framecrypt.Cipher. It does not wait.
	Rotate(key []byte) error
	// End forgets the key. Connections that are left send and take nothing any more. It does not wait.
	End()
}
