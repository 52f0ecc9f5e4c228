//go:build js && wasm

package peer

import (
	"fmt"
	"slices"
	"strings"

	"nertc/internal/media"
	"nertc/jsbridge/js"
)

// Transformer has frames encrypted and decrypted.
type Transformer interface {
	// NeedsInsertable says that peer connections must be made for createEncodedStreams.
	NeedsInsertable() bool
	// Attach puts itself between an RTCRtpSender or RTCRtpReceiver and the network, before anything
	// can flow. After an error the sender or receiver must not be used. purpose is that of media.SendOptions;
	// what a receiver gets changes. detach is called once nothing is to pass any more: browsers do not end the streams of
	// what was stopped or closed.
	Attach(end js.Value, kind media.Kind, sending bool, purpose string) (detach func(), err error)
	// Broken has a function called when nothing passes any more, whatever is attached: another connection is
	// needed. It must not wait. The function that it returns takes that back.
	Broken(tell func()) (forget func())
}

// NewEncryptedFactory is NewFactory with all frames going through a transformer: whatever makes a
// transceiver calls transform.
func NewEncryptedFactory(owner *js.Scope, t Transformer) media.Factory {
	return newFactory(owner, t)
}

// transform has a new transceiver encrypt or decrypt. Where that fails the transceiver is stopped:
// nothing ever goes through it clear. detach is for when it is stopped; a connection that closes does it by itself.
func (c *connection) transform(transceiver js.Value, kind media.Kind, sending bool, purpose string) (detach func(), err error) {
	if c.transformer == nil {
		return func() {}, nil
	}
	end := "receiver"
	if sending {
		end = "sender"
	}
	attached, err := c.transformer.Attach(js.Property(transceiver, end), kind, sending, purpose)
	if err != nil {
		_, _ = js.Call(transceiver, "stop")
		return nil, fmt.Errorf("encrypt a track: %w", err)
	}
	leaveOut(transceiver, kind, sending)
	forget := c.scope.OnClose(attached)
	return func() {
		forget()
		attached()
	}, nil
}

// unfit says which codecs have packets that do not hold one whole frame as the encoder made it: redundant
// sound packs several frames into one, and AV1's packetizer takes a frame apart by what stands in it.
func unfit(codec js.Value) bool {
	name := nameOf(codec)
	return name == "AV1" || name == "RED" && strings.HasPrefix(js.TextOr(js.Property(codec, "mimeType"), ""), "audio/")
}

// leaveOut takes the unfit codecs out of a transceiver, and has a picture sent in what all browsers decode.
func leaveOut(transceiver js.Value, kind media.Kind, sending bool) {
	codecs := slices.DeleteFunc(capabilities(string(kind)), unfit)
	if kind == media.Video && sending {
		codecs, _ = sorted(codecs)
	}
	if len(codecs) > 0 {
		setCodecs(transceiver, codecs)
	}
}

// insertable calls a function in which every RTCPeerConnection is made for createEncodedStreams. pion has no
// way to say so, and its constructor runs to its end before anything else does in the page.
func insertable(construct func() error) error {
	window := js.Global("window")
	real := js.Property(window, "RTCPeerConnection")
	s := js.NewScope()
	defer s.Close()
	stand, _ := s.Func(func(_ js.Value, args []js.Value) any {
		configuration := js.Object(nil)
		if len(args) > 0 && js.IsObject(args[0]) {
			configuration = args[0]
		}
		_ = js.Set(configuration, "encodedInsertableStreams", true)
		made, err := js.New(real, configuration)
		if err != nil {
			return js.Undefined()
		}
		return made
	})
	if err := js.Set(window, "RTCPeerConnection", stand); err != nil {
		return err
	}
	defer func() { _ = js.Set(window, "RTCPeerConnection", real) }()
	return construct()
}
