package engine

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/livekit/protocol/livekit"

	"nertc/internal/protocol"
)

func who(uid, sid string, version uint32, tracks ...*livekit.TrackInfo) *livekit.ParticipantInfo {
	return &livekit.ParticipantInfo{
		Identity: uid, Sid: sid, Version: version, State: livekit.ParticipantInfo_ACTIVE, Tracks: tracks,
	}
}

func goneNow(uid, sid string, version uint32) *livekit.ParticipantInfo {
	p := who(uid, sid, version)
	p.State = livekit.ParticipantInfo_DISCONNECTED
	return p
}

func going(uid, sid string, version uint32, tracks ...*livekit.TrackInfo) *livekit.ParticipantInfo {
	p := who(uid, sid, version, tracks...)
	p.Attributes = map[string]string{presenceKey: presenceGone}
	return p
}

func custom(data string, p *livekit.ParticipantInfo) *livekit.ParticipantInfo {
	p.Attributes = map[string]string{customKey: data}
	return p
}

func audience(p *livekit.ParticipantInfo) *livekit.ParticipantInfo {
	p.Attributes = map[string]string{roleKey: roleAudience}
	return p
}

func mic(sid string) *livekit.TrackInfo {
	return &livekit.TrackInfo{Sid: sid, Type: livekit.TrackType_AUDIO, Source: livekit.TrackSource_MICROPHONE}
}

func cam(sid string) *livekit.TrackInfo {
	return &livekit.TrackInfo{Sid: sid, Type: livekit.TrackType_VIDEO, Source: livekit.TrackSource_CAMERA, Width: 640, Height: 360}
}

func muted(t *livekit.TrackInfo) *livekit.TrackInfo {
	t.Muted = true
	return t
}

// told writes events down shortly: "+u" joined, "-u" left, "u+t" added, "u-t" removed, "u~t" updated.
func told(es []Event) string {
	var out []string
	for _, e := range es {
		switch e := e.(type) {
		case MemberJoined:
			s := "+" + e.UID
			if e.CustomData != "" {
				s += "(" + e.CustomData + ")"
			}
			for _, t := range e.Tracks {
				s += "," + t.ID
			}
			out = append(out, s)
		case MemberLeft:
			out = append(out, "-"+e.UID)
		case TrackAdded:
			out = append(out, e.UID+"+"+e.Track.ID)
		case TrackRemoved:
			out = append(out, e.UID+"-"+e.Track.ID)
		case TrackUpdated:
			out = append(out, fmt.Sprintf("%s~%s:%v", e.UID, e.Track.ID, e.Track.Muted))
		}
	}
	return strings.Join(out, " ")
}

func TestRosterTellsWhatChanges(t *testing.T) {
	type P = []*livekit.ParticipantInfo
	for _, c := range []struct {
		name    string
		updates []P
		want    []string
	}{
		{"comes, publishes, goes", []P{{who("a", "A", 1)}, {who("a", "A", 2, cam("v"), mic("m"))}, {goneNow("a", "A", 3)}},
			[]string{"+a", "a+m a+v", "a-m a-v -a"}},
		{"comes with tracks", []P{{who("a", "A", 1, mic("m"))}}, []string{"+a,m"}},
		{"several at once", []P{{who("a", "A", 1), who("b", "B", 1)}, {goneNow("a", "A", 2), who("b", "B", 2, mic("m"))}},
			[]string{"+a +b", "-a b+m"}},
		{"the same twice", []P{{who("a", "A", 1, mic("m"))}, {who("a", "A", 1, mic("m"))}}, []string{"+a,m", ""}},
		{"an old version", []P{{who("a", "A", 5, mic("m"))}, {who("a", "A", 4)}}, []string{"+a,m", ""}},
		{"mute and unmute", []P{{who("a", "A", 1, mic("m"))}, {who("a", "A", 2, muted(mic("m")))}, {who("a", "A", 3, mic("m"))}},
			[]string{"+a,m", "a~m:true", "a~m:false"}},
		{"a track replaced", []P{{who("a", "A", 1, cam("v"))}, {who("a", "A", 2, cam("w"))}}, []string{"+a,v", "a-v a+w"}},
		{"oneself", []P{{who("me", "M", 1, mic("m"))}, {goneNow("me", "M", 2)}}, []string{"", ""}},
		{"goes unknown", []P{{goneNow("a", "A", 1)}}, []string{""}},
		{"late after going", []P{{who("a", "A", 1)}, {goneNow("a", "A", 3)}, {who("a", "A", 2, mic("m"))}}, []string{"+a", "-a", ""}},
		{"says that it goes", []P{{who("a", "A", 1, mic("m"))}, {going("a", "A", 2, mic("m"))}, {goneNow("a", "A", 3)}}, []string{"+a,m", "a-m -a", ""}},
		{"goes and joins again at once", []P{{who("a", "A", 1)}, {going("a", "A", 2)}, {who("a", "B", 1)}, {goneNow("a", "A", 3)}}, []string{"+a", "-a", "+a", ""}},
		{"comes back", []P{{who("a", "A", 1)}, {goneNow("a", "A", 2)}, {who("a", "B", 1)}}, []string{"+a", "-a", "+a"}},
		{"joins again elsewhere, old one goes late", []P{{who("a", "A", 7, mic("m"))}, {who("a", "B", 1)}, {goneNow("a", "A", 8)}, {who("a", "B", 2, mic("n"))}},
			[]string{"+a,m", "a-m", "", "a+n"}},
		{"joins again elsewhere, late news of the old", []P{{who("a", "A", 7)}, {who("a", "B", 1, mic("n"))}, {who("a", "A", 8, mic("m"))}},
			[]string{"+a", "a+n", ""}},
		{"custom data", []P{{custom("x", who("a", "A", 1, mic("m")))}, {custom("x", who("a", "A", 2))}}, []string{"+a(x),m", "a-m"}},
		{"joins again elsewhere with the same", []P{{custom("x", who("a", "A", 1, mic("m")))}, {custom("x", who("a", "B", 1, mic("n")))}}, []string{"+a(x),m", "a-m a+n"}},
		{"joins again elsewhere with other", []P{{custom("x", who("a", "A", 1, mic("m")))}, {custom("y", who("a", "B", 1, mic("n")))}}, []string{"+a(x),m", "+a(y) a-m a+n"}},
		{"joins again elsewhere with none", []P{{custom("x", who("a", "A", 1))}, {who("a", "B", 1)}}, []string{"+a(x)", ""}},
		{"an audience comes and goes", []P{{audience(who("a", "A", 1))}, {audience(who("a", "A", 2))}, {goneNow("a", "A", 3)}}, []string{"", "", ""}},
		{"an audience gets host and goes", []P{{audience(who("a", "A", 1))}, {who("a", "A", 2)}, {who("a", "A", 3, mic("m"))}, {goneNow("a", "A", 4)}},
			[]string{"", "+a", "a+m", "a-m -a"}},
		{"a hidden audience gets host", []P{{who("a", "A", 4, mic("m"))}}, []string{"+a,m"}},
		{"a host gets audience and goes", []P{{who("a", "A", 1, mic("m"))}, {audience(who("a", "A", 2, mic("m")))}, {audience(who("a", "A", 3))}, {goneNow("a", "A", 4)}},
			[]string{"+a,m", "a-m -a", "", ""}},
		{"there and back, twice", []P{{who("a", "A", 1, mic("m"))}, {audience(who("a", "A", 2))}, {who("a", "A", 3)}, {who("a", "A", 4, mic("n"))}, {audience(who("a", "A", 5))}, {who("a", "A", 6)}},
			[]string{"+a,m", "a-m -a", "+a", "a+n", "a-n -a", "+a"}},
		{"old news of a host who is audience", []P{{who("a", "A", 2)}, {audience(who("a", "A", 4))}, {who("a", "A", 3, mic("m"))}}, []string{"+a", "-a", ""}},
		{"an audience that publishes all the same", []P{{audience(who("a", "A", 1, cam("v")))}, {audience(who("a", "A", 2, cam("v"), mic("m")))}}, []string{"", ""}},
		{"an audience that says it goes", []P{{who("a", "A", 1)}, {audience(who("a", "A", 2))}, {going("a", "A", 3)}}, []string{"+a", "-a", ""}},
		{"a host joins again elsewhere as audience", []P{{who("a", "A", 7, mic("m"))}, {audience(who("a", "B", 1))}, {goneNow("a", "A", 8)}, {who("a", "B", 2)}},
			[]string{"+a,m", "a-m -a", "", "+a"}},
		{"an audience joins again elsewhere as host", []P{{audience(who("a", "A", 7))}, {who("a", "B", 1)}, {goneNow("a", "A", 8)}}, []string{"", "+a", ""}},
		{"no identity, no id, data", []P{{who("", "A", 1)}, {who("a", "A", 1, mic(""), &livekit.TrackInfo{Sid: "d", Type: livekit.TrackType_DATA})}},
			[]string{"", "+a"}},
		{"one track listed twice", []P{{who("a", "A", 1, mic("m"), mic("m"))}}, []string{"+a,m"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRoster("me")
			for i, u := range c.updates {
				if got := told(r.apply(u)); got != c.want[i] {
					t.Errorf("update %d: told %q, want %q", i, got, c.want[i])
				}
			}
		})
	}
}

func TestRosterStart(t *testing.T) {
	r := newRoster("me")
	got := r.start([]*livekit.ParticipantInfo{who("me", "M", 1), who("a", "A", 1, cam("v"), mic("m")), goneNow("b", "B", 2), audience(who("c", "C", 1))})
	want := []protocol.Member{{UID: "a", Tracks: []protocol.Track{
		{ID: "m", MediaType: protocol.MediaAudio}, {ID: "v", MediaType: protocol.MediaVideo, Width: 640, Height: 360},
	}}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// However many come and go, what the roster keeps of the gone is bounded.
func TestRosterForgets(t *testing.T) {
	r := newRoster("me")
	for i := range 10 * maxGone {
		sid := fmt.Sprint(i)
		r.apply([]*livekit.ParticipantInfo{who("a", sid, 1)})
		r.apply([]*livekit.ParticipantInfo{goneNow("a", sid, 2)})
	}
	if len(r.gone) > maxGone || len(r.members) != 0 {
		t.Errorf("keeps %d gone and %d members", len(r.gone), len(r.members))
	}
}

func TestMediaTypesThereAndBack(t *testing.T) {
	for _, m := range protocol.MediaTypes {
		source, kind, ok := sourceOf(m)
		if !ok {
			t.Fatalf("%s has no source", m)
		}
		if back, ok := mediaTypeOf(source, kind); !ok || back != m {
			t.Errorf("%s comes back as %s", m, back)
		}
	}
	if _, ok := mediaTypeOf(livekit.TrackSource_UNKNOWN, livekit.TrackType_DATA); ok {
		t.Error("data counts as media")
	}
	if m, _ := mediaTypeOf(livekit.TrackSource_UNKNOWN, livekit.TrackType_VIDEO); m != protocol.MediaVideo {
		t.Errorf("a picture without a source is %q", m)
	}
	if _, ok := addTrack(protocol.NewTrack{CID: "c", MediaType: "smell"}, false); ok {
		t.Error("an unknown media type is announced")
	}
	r, _ := addTrack(protocol.NewTrack{CID: "c", MediaType: protocol.MediaAudioSlave, Stereo: true, Steady: true}, false)
	if !r.Stereo || !r.DisableDtx || !r.DisableRed {
		t.Errorf("music is announced as %v", r)
	}
	r, _ = addTrack(protocol.NewTrack{CID: "c", MediaType: protocol.MediaAudio}, false)
	if r.Stereo || r.DisableDtx || r.DisableRed {
		t.Errorf("a voice is announced as %v", r)
	}
	if r.Encryption != livekit.Encryption_NONE {
		t.Errorf("a clear voice is announced with encryption %s", r.Encryption)
	}
	r, _ = addTrack(protocol.NewTrack{CID: "c", MediaType: protocol.MediaAudio}, true)
	if r.Encryption != livekit.Encryption_CUSTOM || !r.DisableRed {
		t.Errorf("an encrypted voice is announced as %v", r)
	}
}

func TestCodecOfATrack(t *testing.T) {
	second := &livekit.SimulcastCodecInfo{MimeType: "video/VP9"}
	for _, c := range []struct {
		track *livekit.TrackInfo
		want  string
	}{
		{&livekit.TrackInfo{MimeType: "video/VP8"}, "VP8"},
		{&livekit.TrackInfo{MimeType: "video/h264"}, "H264"},
		{&livekit.TrackInfo{MimeType: "video/AV1", Codecs: []*livekit.SimulcastCodecInfo{second}}, "AV1"},
		{&livekit.TrackInfo{Codecs: []*livekit.SimulcastCodecInfo{{}, second, {MimeType: "video/VP8"}}}, "VP9"},
		{&livekit.TrackInfo{MimeType: "audio/opus"}, "opus"},
		{&livekit.TrackInfo{MimeType: "audio/red"}, "opus"},
		{&livekit.TrackInfo{MimeType: "video"}, ""},
		{&livekit.TrackInfo{}, ""},
	} {
		c.track.Sid, c.track.Source = "s", livekit.TrackSource_CAMERA
		if got, ok := trackOf(c.track); !ok || got.Codec != c.want {
			t.Errorf("%v: got %q, want %q", c.track, got.Codec, c.want)
		}
	}
}

// What the engine learns only with the first packets is news to the others.
func TestCodecThatIsKnownLater(t *testing.T) {
	r := newRoster("me")
	r.apply([]*livekit.ParticipantInfo{who("a", "A", 1, &livekit.TrackInfo{Sid: "v", Source: livekit.TrackSource_CAMERA})})
	got := r.apply([]*livekit.ParticipantInfo{who("a", "A", 2, &livekit.TrackInfo{Sid: "v", Source: livekit.TrackSource_CAMERA, MimeType: "video/VP8"})})
	want := []Event{TrackUpdated{protocol.TrackEvent{UID: "a", Track: protocol.Track{ID: "v", MediaType: protocol.MediaVideo, Codec: "VP8"}}}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestRoomNameIsInjective(t *testing.T) {
	pairs := [][2]string{{"a", "b"}, {"a:", "b"}, {"a", ":b"}, {"a%3A", "b"}, {"a%", "3A:b"}, {"a:b", "c"}, {"a", "b:c"}, {"a%25", "b"}, {"", "a:b"}}
	seen := map[string][2]string{}
	for _, p := range pairs {
		n := RoomName(p[0], p[1])
		if q, ok := seen[n]; ok {
			t.Errorf("%q and %q share the name %q", p, q, n)
		}
		seen[n] = p
		if a, c, ok := SplitRoomName(n); !ok || a != p[0] || c != p[1] {
			t.Errorf("%q comes back as %q and %q", p, a, c)
		}
	}
	for _, n := range []string{"", "lobby", "a%b:c", "a%3a:c"} { // of somebody else's making
		if a, c, ok := SplitRoomName(n); ok {
			t.Errorf("%q is taken for %q and %q", n, a, c)
		}
	}
}
