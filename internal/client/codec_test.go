package client_test

import (
	"slices"
	"testing"

	"nertc/internal/client"
	"nertc/internal/protocol"
)

func TestWarningOfCodecs(t *testing.T) {
	track := func(id string, m protocol.MediaType, codec string) protocol.Track {
		return protocol.Track{ID: id, MediaType: m, Codec: codec}
	}
	say := func(p protocol.Type, tr protocol.Track) func(*world) {
		return func(w *world) { w.pipe.Say(p, 0, protocol.TrackEvent{UID: "2", Track: tr}) }
	}
	const warning = "Warning{406 ability not support}"
	for _, c := range []struct {
		name   string
		unable []string
		tracks []protocol.Track // there at the join
		then   func(*world)
		want   []string
	}{
		{name: "everything decodes", tracks: []protocol.Track{track("a", protocol.MediaAudio, "opus"), track("v", protocol.MediaVideo, "VP8")},
			want: []string{"StreamAdded{2 audio}", "StreamAdded{2 video}"}},
		{name: "there at the join", unable: []string{"VP8"}, tracks: []protocol.Track{track("v", protocol.MediaVideo, "VP8")},
			want: []string{"StreamAdded{2 video}", warning}},
		{name: "no codec is known", unable: []string{""}, tracks: []protocol.Track{track("v", protocol.MediaVideo, "")},
			want: []string{"StreamAdded{2 video}"}},
		{name: "one codec in two tracks", unable: []string{"AV1"},
			tracks: []protocol.Track{track("v", protocol.MediaVideo, "AV1"), track("s", protocol.MediaScreen, "AV1")},
			want:   []string{"StreamAdded{2 video}", warning, "StreamAdded{2 screen}"}},
		{name: "two codecs", unable: []string{"AV1", "VP9"},
			tracks: []protocol.Track{track("v", protocol.MediaVideo, "AV1"), track("s", protocol.MediaScreen, "VP9")},
			want:   []string{"StreamAdded{2 video}", warning, "StreamAdded{2 screen}", warning}},
		{name: "published later", unable: []string{"H264"}, then: say(protocol.TypeTrackAdded, track("v", protocol.MediaVideo, "H264")),
			want: []string{"StreamAdded{2 video}", warning}},
		{name: "known later", unable: []string{"H264"}, tracks: []protocol.Track{track("v", protocol.MediaVideo, "")},
			then: say(protocol.TypeTrackUpdated, track("v", protocol.MediaVideo, "H264")),
			want: []string{"StreamAdded{2 video}", warning}},
		{name: "a spare that decodes", unable: []string{"VP8"}, tracks: []protocol.Track{{ID: "v", MediaType: protocol.MediaVideo, Codec: "VP8", Spare: "H264"}},
			want: []string{"StreamAdded{2 video}"}},
		{name: "a spare that does not either", unable: []string{"AV1", "VP8"}, tracks: []protocol.Track{{ID: "v", MediaType: protocol.MediaVideo, Codec: "AV1", Spare: "VP8"}},
			want: []string{"StreamAdded{2 video}", warning}},
		{name: "published again", unable: []string{"H264"}, tracks: []protocol.Track{track("v", protocol.MediaVideo, "H264")},
			then: say(protocol.TypeTrackAdded, track("w", protocol.MediaVideo, "H264")),
			want: []string{"StreamAdded{2 video}", warning, "StreamRemoved{2 video}", "StreamAdded{2 video}"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, cannotDecode(c.unable...))
			w.join(protocol.Member{UID: "2", Tracks: c.tracks})
			w.expect("PeerOnline{2}")
			if c.then != nil {
				c.then(w)
			}
			w.expect(c.want...)
			// What is told next is all that there is besides.
			w.pipe.Say(protocol.TypeMemberJoined, 0, protocol.Member{UID: "9"})
			w.expect("PeerOnline{9}")
		})
	}
}

func TestWarningOnceForEachStay(t *testing.T) {
	w := newWorld(t, cannotDecode("VP8"))
	ann := protocol.Member{UID: "2", Tracks: []protocol.Track{{ID: "v", MediaType: protocol.MediaVideo, Codec: "VP8"}}}
	w.join(ann)
	w.expect("PeerOnline{2}", "StreamAdded{2 video}", "Warning{406 ability not support}")
	w.cut()
	w.expect("CONNECTED→CONNECTING again")
	w.connect()
	w.letIn(ann, protocol.Member{UID: "3"})
	w.expect("CONNECTING→CONNECTED again", "PeerOnline{3}") // the same stay
	_ = w.pipe.Close(1000, "")
	go w.c.Leave(w.ctx)
	for e := range w.events {
		if e == "CONNECTING→DISCONNECTED" || e == "DISCONNECTING→DISCONNECTED" {
			break
		}
	}
	w.connect()
	w.join(ann)
	w.expect("PeerOnline{2}", "StreamAdded{2 video}", "Warning{406 ability not support}")
}

// cannotDecode makes a browser that lacks codecs.
func cannotDecode(codecs ...string) func(*client.Options) {
	return func(o *client.Options) {
		o.CanDecode = func(codec string) bool { return !slices.Contains(codecs, codec) }
	}
}

// What cannot be decoded does not come, and nobody waits for it: of some such tracks the engine's answer says that they come.
func TestSubscribeToWhatCannotBeDecoded(t *testing.T) {
	const warning = "Warning{406 ability not support}"
	sound, picture := protocol.Track{ID: "a", MediaType: protocol.MediaAudio, Codec: "opus"}, protocol.Track{ID: "v", MediaType: protocol.MediaVideo, Codec: "VP8"}
	for _, c := range []struct {
		name  string
		mids  map[string]string
		later bool // the codec is known only when both are asked for
	}{
		{"not in the answer", map[string]string{"4": "a"}, false},
		{"in the answer", map[string]string{"4": "a", "5": "v"}, false},
		{"known later", map[string]string{"4": "a"}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, cannotDecode("VP8"))
			there := picture
			if c.later {
				there.Codec = ""
			}
			w.join(protocol.Member{UID: "2", Tracks: []protocol.Track{sound, there}})
			w.expect("PeerOnline{2}", "StreamAdded{2 audio}", "StreamAdded{2 video}")
			if !c.later {
				w.expect(warning)
			}
			result := make(chan error, 1)
			go func() { result <- w.c.Subscribe(w.ctx, "2", protocol.MediaTypes[:]...) }()
			w.pipe.Say(protocol.TypeOK, w.request(protocol.TypeSubscribe, nil).ID, nil)
			w.pipe.Say(protocol.TypeSections, 0, protocol.Sections{})
			o := w.request(protocol.TypeOffer, nil)
			w.pipe.Say(protocol.TypeAnswer, o.ID, protocol.Answer{SDP: "answer-2", Mids: c.mids})
			w.expect("subscribed 2 audio on 4")
			if c.later {
				w.pipe.Say(protocol.TypeTrackUpdated, 0, protocol.TrackEvent{UID: "2", Track: picture})
				w.expect(warning)
			}
			must(t, <-result)
			w.pipe.Say(protocol.TypeMemberJoined, 0, protocol.Member{UID: "9"})
			w.expect("PeerOnline{9}")
		})
	}
}
