package room

import (
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/pion/sdp/v3"

	"nertc/internal/errcode"
	"nertc/internal/protocol"
)

// Limits of what a client may send; docs/protocol.md lists them.
const (
	maxAppKey     = 64
	maxChannel    = 64 // bytes
	maxUID        = 64 // characters
	maxSDP        = 256 << 10
	maxCustomData = 1 << 10 // bytes
	maxCandidate  = 2 << 10
	maxTrackID    = 128
	maxNewTracks  = len(protocol.MediaTypes)
	maxSubscribed = 512 // tracks in one subscribe
	maxDimension  = 16384
	maxBitrate    = 1e9
	maxSafe       = 1<<53 - 1
)

// refuse makes the answer to a request that cannot be granted.
func refuse(code errcode.Code, reason string) *protocol.Error {
	return &protocol.Error{Code: int(code), Reason: reason}
}

func checkJoin(j protocol.Join) *protocol.Error {
	if j.Version != protocol.Version {
		return refuse(errcode.NotSupported, "protocol version "+strconv.Itoa(j.Version)+" is not supported, this gateway speaks "+strconv.Itoa(protocol.Version))
	}
	if e := CheckNames(j.AppKey, j.Channel, j.UID); e != nil {
		return e
	}
	if len(j.CustomData) > maxCustomData {
		return refuse(errcode.InvalidArgument, "custom data must have at most 1024 bytes")
	}
	return checkOffer(j.Offer)
}

// CheckNames says what is wrong with the names of an app, a channel and a user; nil when
// nothing is. An empty uid stands for no user.
func CheckNames(appkey, channel, uid string) *protocol.Error {
	switch {
	case appkey == "" || len(appkey) > maxAppKey || !printable(appkey):
		return refuse(errcode.InvalidArgument, "appkey must be 1 to 64 printable characters")
	case channel == "" || len(channel) > maxChannel || !utf8.ValidString(channel):
		return refuse(errcode.InvalidChannelName, "channel name must be 1 to 64 bytes")
	case uid != "" && !validUID(uid):
		return refuse(errcode.InvalidUID, "uid must be a positive safe integer or a string of up to 64 characters")
	}
	return nil
}

// validUID takes a positive safe integer in decimal, or a string. What reads like a
// number that JavaScript cannot hold exactly, or is not positive, is refused: two
// users could otherwise look like one to a page.
func validUID(uid string) bool {
	if utf8.RuneCountInString(uid) > maxUID || !printable(uid) {
		return false
	}
	digits := strings.TrimPrefix(uid, "-")
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return true
	}
	if len(digits) > 1 && digits[0] == '0' {
		return true // no number is written so: a name like 007
	}
	n, err := strconv.ParseInt(uid, 10, 64)
	return err == nil && n > 0 && n <= maxSafe
}

func printable(s string) bool {
	return utf8.ValidString(s) && strings.IndexFunc(s, unicode.IsControl) < 0
}

func checkOffer(o protocol.Offer) *protocol.Error {
	if len(o.SDP) > maxSDP {
		return refuse(errcode.InvalidArgument, "offer is too long")
	}
	// The engine does not answer what it cannot parse: say so here, at once.
	var d sdp.SessionDescription
	if err := d.UnmarshalString(o.SDP); err != nil || len(d.MediaDescriptions) == 0 {
		return refuse(errcode.InvalidArgument, "offer has no valid SDP")
	}
	if len(o.Tracks) > maxNewTracks {
		return refuse(errcode.InvalidArgument, "offer has too many new tracks")
	}
	types, cids := map[protocol.MediaType]bool{}, map[string]bool{}
	for _, t := range o.Tracks {
		switch {
		case !known(t.MediaType):
			return refuse(errcode.UnknownMediaType, "new track has an unknown media type")
		case types[t.MediaType]:
			return refuse(errcode.InvalidArgument, "offer has two new tracks of one media type")
		case t.CID == "" || len(t.CID) > maxTrackID || !printable(t.CID) || cids[t.CID]:
			return refuse(errcode.InvalidArgument, "new track needs a cid of its own of 1 to 128 characters")
		case t.Width < 0 || t.Width > maxDimension || t.Height < 0 || t.Height > maxDimension:
			return refuse(errcode.InvalidArgument, "new track has an impossible size")
		case t.Bitrate < 0 || t.Bitrate > maxBitrate:
			return refuse(errcode.InvalidArgument, "new track has an impossible bitrate")
		}
		if e := checkLayers(t); e != nil {
			return e
		}
		if e := checkCodecs(t); e != nil {
			return e
		}
		types[t.MediaType], cids[t.CID] = true, true
		// The engine takes a track for what it was announced as, whatever it is.
		if carriedBy(&d, t.CID, other(t.MediaType)) {
			return refuse(errcode.InvalidArgument, "new track is announced as another kind than its media section has")
		}
	}
	return nil
}

// kindOf is the kind of media section that carries a media type.
func kindOf(m protocol.MediaType) string {
	if m == protocol.MediaAudio || m == protocol.MediaAudioSlave {
		return "audio"
	}
	return "video"
}

func other(m protocol.MediaType) string {
	if kindOf(m) == "audio" {
		return "video"
	}
	return "audio"
}

// carriedBy says whether a media section of a kind has a track, by a=msid or a=ssrc.
func carriedBy(d *sdp.SessionDescription, cid, kind string) bool {
	for _, m := range d.MediaDescriptions {
		if m.MediaName.Media != kind {
			continue
		}
		for _, a := range m.Attributes {
			if (a.Key == "msid" || a.Key == "ssrc") && slices.Contains(strings.Fields(a.Value), cid) {
				return true
			}
		}
	}
	return false
}

func known(m protocol.MediaType) bool {
	for _, t := range protocol.MediaTypes {
		if t == m {
			return true
		}
	}
	return false
}

func checkSubscribe(s protocol.Subscribe) *protocol.Error {
	if len(s.Tracks) == 0 || len(s.Tracks) > maxSubscribed {
		return refuse(errcode.InvalidArgument, "subscribe needs 1 to 512 tracks")
	}
	for _, t := range s.Tracks {
		if !validTrackID(t) {
			return refuse(errcode.InvalidArgument, "subscribe has an impossible track id")
		}
	}
	return nil
}

func checkMute(m protocol.Mute) *protocol.Error {
	if !validTrackID(m.Track) {
		return refuse(errcode.InvalidArgument, "mute has an impossible track id")
	}
	return nil
}

func checkResize(r protocol.Resize) *protocol.Error {
	switch {
	case !validTrackID(r.Track):
		return refuse(errcode.InvalidArgument, "resize has an impossible track id")
	case min(r.Width, r.Height) < 1 || max(r.Width, r.Height) > maxDimension:
		return refuse(errcode.InvalidArgument, "resize has an impossible size")
	}
	return nil
}

func validTrackID(id string) bool { return id != "" && len(id) <= maxTrackID && printable(id) }

// checkCandidate says whether there is anything in a candidate for the engine. The
// empty candidate that ends a gathering is valid and is nothing to it.
func checkCandidate(c protocol.Candidate) (useful bool, refusal *protocol.Error) {
	var init struct {
		Candidate     *string  `json:"candidate"`
		SDPMid        *string  `json:"sdpMid"`
		SDPMLineIndex *float64 `json:"sdpMLineIndex"`
	}
	bad := refuse(errcode.InvalidArgument, "candidate is not the JSON of an RTCIceCandidateInit")
	if len(c.Candidate) > maxCandidate || json.Unmarshal([]byte(c.Candidate), &init) != nil || init.Candidate == nil {
		return false, bad
	}
	if i := init.SDPMLineIndex; i != nil && (*i < 0 || *i > math.MaxUint16 || *i != math.Trunc(*i)) {
		return false, bad
	}
	if *init.Candidate == "" {
		return false, nil
	}
	if !strings.HasPrefix(strings.TrimPrefix(*init.Candidate, "a="), "candidate:") {
		return false, bad
	}
	return true, nil
}
