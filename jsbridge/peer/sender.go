//go:build js && wasm

package peer

import (
	"context"
	"errors"
	"fmt"
	sysjs "syscall/js"

	"nertc/internal/media"
	"nertc/jsbridge/js"
)

// section is a sending media section and the media.Sender for it. Once stopped it
// stays as an idle section, because sections can never be taken out of an SDP.
type section struct {
	c           *connection
	transceiver js.Value
	kind        media.Kind
	track       media.Track // nil while idle
}

// Send adds a sending section for a track, or takes an idle one of its kind.
func (c *connection) Send(ctx context.Context, t media.Track, o media.SendOptions) (media.Sender, error) {
	value, err := valueOf(t)
	if err != nil {
		return nil, err
	}
	stream, err := js.New(js.Global("MediaStream"), js.Array(value))
	if err != nil {
		return nil, fmt.Errorf("send a track: %w", err)
	}
	for _, s := range c.sections {
		if s.track == nil && s.kind == t.Kind() {
			if err := s.begin(ctx, t, value, stream, o); err != nil {
				return nil, err
			}
			return s, nil
		}
	}
	transceiver, err := js.Call(c.pc.JSValue(), "addTransceiver", value, map[string]any{
		"direction":     "sendonly",
		"streams":       []any{stream},
		"sendEncodings": []any{encoding(o)},
	})
	if err != nil {
		return nil, fmt.Errorf("send a track: %w", err)
	}
	s := &section{c: c, transceiver: transceiver, kind: t.Kind(), track: t}
	c.sections = append(c.sections, s)
	return s, nil
}

// begin puts a track into an idle section.
func (s *section) begin(ctx context.Context, t media.Track, value, stream js.Value, o media.SendOptions) error {
	sender := js.Property(s.transceiver, "sender")
	if _, err := s.c.scope.AwaitCall(ctx, sender, "replaceTrack", value); err != nil {
		return fmt.Errorf("send a track: %w", err)
	}
	// Not every browser has setStreams; the stream's id means nothing to the engine.
	_, _ = js.Call(sender, "setStreams", stream)
	if err := js.Set(s.transceiver, "direction", "sendonly"); err != nil {
		return fmt.Errorf("send a track: %w", err)
	}
	s.track = t
	// The former track's limits must not hold for this one. A browser that refuses
	// sends without limits, which is no reason to send nothing.
	if parameters, err := js.Call(sender, "getParameters"); err == nil {
		for _, e := range js.Items(js.Property(parameters, "encodings")) {
			limit(e, "maxBitrate", float64(o.MaxBitrate))
			limit(e, "maxFramerate", o.MaxFramerate)
		}
		_, _ = s.c.scope.AwaitCall(ctx, sender, "setParameters", parameters)
	}
	return nil
}

func limit(encoding js.Value, name string, value float64) {
	if value > 0 {
		_ = js.Set(encoding, name, value)
		return
	}
	_, _ = js.Call(js.Global("Reflect"), "deleteProperty", encoding, name)
}

// encoding is an RTCRtpEncodingParameters.
// https://www.w3.org/TR/webrtc/#dom-rtcrtpencodingparameters
func encoding(o media.SendOptions) map[string]any {
	e := map[string]any{}
	if o.MaxBitrate > 0 {
		e["maxBitrate"] = o.MaxBitrate
	}
	if o.MaxFramerate > 0 {
		e["maxFramerate"] = o.MaxFramerate
	}
	return e
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

// Stop ends the sending; the section becomes idle.
func (s *section) Stop(ctx context.Context) error {
	if s.track == nil {
		return nil
	}
	s.track = nil
	if err := js.Set(s.transceiver, "direction", "inactive"); err != nil {
		return fmt.Errorf("stop sending: %w", err)
	}
	if _, err := s.c.scope.AwaitCall(ctx, js.Property(s.transceiver, "sender"), "replaceTrack", js.Null()); err != nil {
		return fmt.Errorf("stop sending: %w", err)
	}
	return nil
}

// sending gives the ids of the tracks that are being sent, by their media section.
func (c *connection) sending() map[string]string {
	ids := map[string]string{}
	for _, s := range c.sections {
		if mid, ok := js.Text(js.Property(s.transceiver, "mid")); ok && s.track != nil {
			ids[mid] = s.track.ID()
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
