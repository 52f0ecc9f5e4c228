//go:build js && wasm

package peer

import (
	"context"
	"fmt"

	"nertc/internal/media"
	"nertc/internal/protocol"
	"nertc/jsbridge/js"
)

// encodings are the RTCRtpEncodingParameters of a section, the low layer first.
// https://www.w3.org/TR/webrtc/#dom-rtcrtpencodingparameters
func encodings(o media.SendOptions) []any {
	high := map[string]any{"active": !o.Off}
	limit(high, o.MaxBitrate, o.MaxFramerate)
	if o.LowScale == 0 {
		return []any{high}
	}
	high["rid"], high["scaleResolutionDownBy"] = protocol.RIDHigh, 1
	low := map[string]any{
		"rid": protocol.RIDLow, "active": !o.LowOff, "scaleResolutionDownBy": max(1, o.LowScale),
	}
	limit(low, o.LowBitrate, o.MaxFramerate)
	return []any{low, high}
}

func limit(encoding map[string]any, bitrate int, framerate float64) {
	if bitrate > 0 {
		encoding["maxBitrate"] = bitrate
	}
	if framerate > 0 {
		encoding["maxFramerate"] = framerate
	}
}

// Limit changes how the track is sent.
// https://www.w3.org/TR/webrtc/#dom-rtcrtpsender-setparameters
func (s *section) Limit(ctx context.Context, o media.SendOptions) error {
	sender := js.Property(s.transceiver, "sender")
	parameters, err := js.Call(sender, "getParameters")
	if err != nil {
		return fmt.Errorf("read the encodings: %w", err)
	}
	present := js.Items(js.Property(parameters, "encodings"))
	all := encodings(o)
	if len(present) == 1 && len(all) == 2 { // the other end takes one layer only
		all = all[1:]
		all[0].(map[string]any)["active"] = !o.Off || !o.LowOff
	}
	for i, wanted := range all {
		if i >= len(present) { // a section that began with one layer keeps it
			break
		}
		if err := adjust(present[i], wanted.(map[string]any)); err != nil {
			return fmt.Errorf("change the encodings: %w", err)
		}
	}
	if _, err := s.c.scope.AwaitCall(ctx, sender, "setParameters", parameters); err != nil {
		return fmt.Errorf("change the encodings: %w", err)
	}
	s.options = o
	return nil
}

// settle looks after an answer at sections that were offered in two layers. Where the other end
// takes one only, the browser keeps the first, which is the low one: it becomes the whole picture.
// https://www.w3.org/TR/webrtc/#ref-for-dfn-sendencodings
func (c *connection) settle(ctx context.Context) {
	for _, s := range c.sections {
		if s.mid == "" && s.track != nil && !js.IsNullish(js.Property(s.transceiver, "currentDirection")) {
			s.mid = s.MID()
		}
		if s.settled || s.track == nil || s.options.LowScale == 0 {
			continue
		}
		parameters, err := js.Call(js.Property(s.transceiver, "sender"), "getParameters")
		if _, answered := js.Text(js.Property(s.transceiver, "currentDirection")); err != nil || !answered {
			continue
		}
		s.settled = true
		if len(js.Items(js.Property(parameters, "encodings"))) == 1 {
			_ = s.Limit(ctx, s.options) // what the browser does not take leaves the picture small
		}
	}
}

// off gives the layers that are not sent now, by their media section.
func (c *connection) off() map[string][]string {
	off := map[string][]string{}
	for _, s := range c.sections {
		mid, ok := js.Text(js.Property(s.transceiver, "mid"))
		if !ok || s.options.LowScale == 0 {
			continue
		}
		if s.options.LowOff {
			off[mid] = append(off[mid], protocol.RIDLow)
		}
		if s.options.Off {
			off[mid] = append(off[mid], protocol.RIDHigh)
		}
	}
	return off
}

// adjust changes an encoding to what is wanted. A limit that is not wanted any more is taken away.
func adjust(encoding js.Value, wanted map[string]any) error {
	for _, key := range []string{"maxBitrate", "maxFramerate"} {
		if _, ok := wanted[key]; !ok {
			// undefined is missing to a dictionary. https://webidl.spec.whatwg.org/#js-dictionary
			if err := js.Set(encoding, key, js.Undefined()); err != nil {
				return err
			}
		}
	}
	for key, value := range wanted {
		if key == "rid" { // it cannot change
			continue
		}
		if err := js.Set(encoding, key, value); err != nil {
			return err
		}
	}
	return nil
}
