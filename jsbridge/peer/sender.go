//go:build js && wasm

package peer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	sysjs "syscall/js"

	"nertc/internal/media"
	"nertc/jsbridge/js"
)

// section is a sending media section and the media.Sender for it. It is used once:
// the engine never announces a second picture that comes with the first one's SSRC,
// and a browser keeps the SSRC of a section.
type section struct {
	c           *connection
	transceiver js.Value
	track       media.Track // nil once stopped
	id          string      // in the offer
	options     media.SendOptions
	settled     bool   // the first answer has come
	mid         string // once an answer has fixed it
	detach      func() // from what encrypts it
}

// Send adds a sending section for a track.
func (c *connection) Send(ctx context.Context, t media.Track, o media.SendOptions) (media.Sender, error) {
	value, err := valueOf(t)
	if err != nil {
		return nil, err
	}
	stream, err := js.New(js.Global("MediaStream"), js.Array(value))
	if err != nil {
		return nil, fmt.Errorf("send a track: %w", err)
	}
	transceiver, err := js.Call(c.pc.JSValue(), "addTransceiver", value, map[string]any{
		"direction":     "sendonly",
		"streams":       []any{stream},
		"sendEncodings": encodings(o),
	})
	if err != nil {
		return nil, fmt.Errorf("send a track: %w", err)
	}
	if t.Kind() == media.Video {
		preferCodecs(transceiver, "")
	}
	detach, err := c.transform(transceiver, t.Kind(), true, o.Purpose)
	if err != nil {
		return nil, err
	}
	if o.Codec != "" {
		preferCodecs(transceiver, o.Codec)
	}
	s := &section{c: c, transceiver: transceiver, track: t, id: cmp.Or(o.CID, t.ID()), options: o, detach: detach}
	c.sections = append(c.sections, s)
	return s, nil
}

// MID is the media section.
func (s *section) MID() string {
	if s.mid != "" {
		return s.mid
	}
	return js.TextOr(js.Property(s.transceiver, "mid"), "")
}

// Replace puts another track of the same kind in place.
func (s *section) Replace(ctx context.Context, t media.Track) error {
	value, err := valueOf(t)
	if err != nil {
		return err
	}
	if _, err := s.c.scope.AwaitCall(ctx, js.Property(s.transceiver, "sender"), "replaceTrack", value); err != nil {
		return fmt.Errorf("replace a track: %w", err)
	}
	return nil
}

// Stop ends the sending. The browser puts the next new section in the place of the
// stopped one, so the SDP does not grow.
// https://www.rfc-editor.org/rfc/rfc9429#section-5.2.2
func (s *section) Stop(context.Context) error {
	if s.track == nil {
		return nil
	}
	s.track = nil
	s.c.sections = slices.DeleteFunc(s.c.sections, func(other *section) bool { return other == s })
	s.mid = ""
	defer s.detach()
	if _, err := js.Call(s.transceiver, "stop"); err != nil {
		return fmt.Errorf("stop sending: %w", err)
	}
	return nil
}

// sending gives the ids of the tracks that are being sent, by their media section.
func (c *connection) sending() map[string]string {
	ids := map[string]string{}
	for _, s := range c.sections {
		if mid, ok := js.Text(js.Property(s.transceiver, "mid")); ok && s.track != nil {
			ids[mid] = s.id
		}
	}
	return ids
}

// exception gives what pion hands on from JavaScript its name, for errors.Is.
func exception(err error) error {
	var thrown sysjs.Error
	if errors.As(err, &thrown) {
		return js.ErrorFrom(thrown.Value)
	}
	return err
}
