//go:build js && wasm

package peer

import (
	"slices"
	"strings"

	"nertc/jsbridge/js"
)

// preferred are the codecs for pictures that every browser is to have, the first one first.
// https://www.rfc-editor.org/rfc/rfc7742#section-5
var preferred = [...]string{"VP8", "H264"}

// CanDecode says whether the browser decodes a codec now, by its subtype of RTP. One that cannot say decodes everything.
func CanDecode(codec string) bool {
	codec = strings.ToUpper(codec)
	for _, kind := range []string{"video", "audio"} {
		if known := capabilities(kind); len(known) == 0 || hasCodec(known, codec) {
			return true
		}
	}
	return false
}

// capabilities are the codecs that the browser receives, in its own order; none if it does not say.
// https://www.w3.org/TR/webrtc/#dom-rtcrtpreceiver-getcapabilities
func capabilities(kind string) []js.Value {
	answer, err := js.Call(js.Global("RTCRtpReceiver"), "getCapabilities", kind)
	if err != nil {
		return nil
	}
	return js.Items(js.Property(answer, "codecs"))
}

// nameOf is the subtype of an RTCRtpCodec in capitals.
func nameOf(codec js.Value) string {
	_, name, _ := strings.Cut(js.TextOr(js.Property(codec, "mimeType"), ""), "/")
	return strings.ToUpper(name)
}

// PictureCodecs are those of the preferred codecs that the browser both sends and receives: what
// it could not receive no order of codecs may name.
func (c *connection) PictureCodecs() []string {
	var names []string
	for _, name := range preferred {
		if hasCodec(capabilities("video"), name) && hasCodec(sendCapabilities(), name) {
			names = append(names, name)
		}
	}
	return names
}

func hasCodec(codecs []js.Value, name string) bool {
	return slices.ContainsFunc(codecs, func(c js.Value) bool { return nameOf(c) == name })
}

// sendCapabilities are the codecs for pictures that the browser sends; none if it does not say.
// https://www.w3.org/TR/webrtc/#dom-rtcrtpsender-getcapabilities
func sendCapabilities() []js.Value {
	answer, err := js.Call(js.Global("RTCRtpSender"), "getCapabilities", "video")
	if err != nil {
		return nil
	}
	return js.Items(js.Property(answer, "codecs"))
}

// repairs are what stands among the codecs and is none.
var repairs = [...]string{"RTX", "RED", "ULPFEC", "FLEXFEC-03"}

// preferCodecs has a picture sent in what all browsers decode, or in one codec only if one is
// named. All other codecs stay behind in the browser's order: where the preferred ones fail,
// another one goes.
func preferCodecs(transceiver js.Value, only string) {
	codecs := capabilities("video")
	if only != "" {
		codecs = slices.DeleteFunc(codecs, func(c js.Value) bool {
			return nameOf(c) != only && !slices.Contains(repairs[:], nameOf(c))
		})
	}
	if codecs, ok := sorted(codecs); ok {
		setCodecs(transceiver, codecs)
	}
}

// sorted puts the preferred codecs first; false where there are none.
func sorted(codecs []js.Value) ([]js.Value, bool) {
	rank := func(c js.Value) int {
		if i := slices.Index(preferred[:], nameOf(c)); i >= 0 {
			return i
		}
		return len(preferred)
	}
	slices.SortStableFunc(codecs, func(a, b js.Value) int { return rank(a) - rank(b) })
	return codecs, len(codecs) > 0 && rank(codecs[0]) < len(preferred)
}

// setCodecs says in which codecs a transceiver negotiates. A browser that cannot do so keeps its own
// order, which is no failure.
// https://www.w3.org/TR/webrtc/#dom-rtcrtptransceiver-setcodecpreferences
func setCodecs(transceiver js.Value, codecs []js.Value) {
	list := make([]any, 0, len(codecs))
	for _, c := range codecs {
		list = append(list, c)
	}
	_, _ = js.Call(transceiver, "setCodecPreferences", js.Array(list...))
}
