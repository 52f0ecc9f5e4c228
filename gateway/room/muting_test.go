package room

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"nertc/gateway/engine"
	"nertc/internal/protocol"
)

var (
	mic    = protocol.Track{ID: "TR_mic", MediaType: protocol.MediaAudio}
	camera = protocol.Track{ID: "TR_cam", MediaType: protocol.MediaVideo}
	screen = protocol.Track{ID: "TR_scr", MediaType: protocol.MediaScreen}
)

// publishes has a member publish tracks, as the engine tells it.
func publishes(t *testing.T, c *rawClient, s *scripted, tracks ...protocol.Track) []protocol.NewTrack {
	t.Helper()
	o := protocol.Offer{SDP: minimalOffer}
	for _, k := range tracks {
		o.Tracks = append(o.Tracks, protocol.NewTrack{CID: "cid-" + k.ID, MediaType: k.MediaType, Muted: k.Muted})
	}
	id := c.say(protocol.TypeOffer, o)
	call := next[offerCall](t, s)
	s.events <- engine.OwnTracks{Tracks: tracks}
	s.events <- engine.Answer{ID: call.id}
	if m := c.reply(id); m.Type != protocol.TypeAnswer {
		t.Fatalf("answered with %s %s", m.Type, m.Data)
	}
	return call.Tracks
}

// banned awaits what the member is told: "audio on 60", for example.
func banned(t *testing.T, c *rawClient) string {
	t.Helper()
	b := pushed[protocol.Banned](c, protocol.TypeBanned)
	out := ""
	for _, k := range []struct {
		name string
		on   *bool
	}{{"audio", b.Audio}, {"video", b.Video}} {
		if k.on != nil {
			out += fmt.Sprintf("%s %v ", k.name, *k.on)
		}
	}
	return fmt.Sprintf("%s%d", out, b.Duration)
}

func TestMuteByTheOperator(t *testing.T) {
	g, _ := newModerated(t)
	c, s := g.member(t, "ann")
	if got := publishes(t, c, s, mic, camera); got[0].Muted || got[1].Muted {
		t.Fatalf("announced as %+v", got)
	}
	if _, err := g.h.Mute(t.Context(), "app", "room", "ben", true, true, 0); !errors.Is(err, ErrNoMember) {
		t.Error(err)
	}
	m, err := g.h.Mute(t.Context(), "app", "room", "ann", true, false, time.Hour)
	if err != nil || !m.Audio || m.Video || m.AudioUntil == nil || m.VideoUntil != nil {
		t.Fatalf("%+v, %v", m, err)
	}
	if got := banned(t, c); got != "audio true 3600" {
		t.Errorf("told %s", got)
	}
	if got := next[protocol.Mute](t, s); got != (protocol.Mute{Track: mic.ID, Muted: true}) {
		t.Errorf("engine is asked %+v", got)
	}

	// The picture is the member's own affair, the sound is not.
	for _, muted := range []bool{true, false} {
		ask[struct{}](c, protocol.TypeMute, protocol.Mute{Track: camera.ID, Muted: muted}, protocol.TypeOK)
		next[protocol.Mute](t, s)
	}
	for _, track := range []string{mic.ID, "TR_never_heard_of"} {
		if code := c.refused(protocol.TypeMute, protocol.Mute{Track: track}); code != 4032 {
			t.Errorf("unmute of %s: %d", track, code)
		}
	}
	// New sound is muted from the start, and once more if that should not have helped.
	more := protocol.Track{ID: "TR_more", MediaType: protocol.MediaAudioSlave}
	if got := publishes(t, c, s, more, screen); !got[0].Muted || got[1].Muted {
		t.Errorf("announced as %+v", got)
	}
	if got := next[protocol.Mute](t, s); got != (protocol.Mute{Track: more.ID, Muted: true}) {
		t.Errorf("engine is asked %+v", got)
	}
	s.events <- engine.OwnTracks{Tracks: []protocol.Track{mic}} // by whatever means
	if got := next[protocol.Mute](t, s); got != (protocol.Mute{Track: mic.ID, Muted: true}) {
		t.Errorf("engine is asked %+v", got)
	}

	// Lifted: all is as the member wants it, and it did not want the screen's sound any more.
	ask[struct{}](c, protocol.TypeMute, protocol.Mute{Track: more.ID, Muted: true}, protocol.TypeOK)
	next[protocol.Mute](t, s)
	if err := g.h.Unmute("app", "room", "ann", true, true); err != nil {
		t.Fatal(err)
	}
	if got := banned(t, c); got != "audio false 0" {
		t.Errorf("told %s", got)
	}
	if got := next[protocol.Mute](t, s); got != (protocol.Mute{Track: mic.ID}) {
		t.Errorf("engine is asked %+v", got)
	}
	ask[struct{}](c, protocol.TypeMute, protocol.Mute{Track: more.ID}, protocol.TypeOK)
	if got := next[protocol.Mute](t, s); got != (protocol.Mute{Track: more.ID}) { // the very next: nothing was in between
		t.Errorf("engine is asked %+v", got)
	}
	if err := g.h.Unmute("app", "room", "ann", true, true); !errors.Is(err, ErrNoOrder) {
		t.Error(err)
	}
}

// What the gateway has forgotten of a member who publishes very often, the engine knows.
func TestMuteFindsEveryTrack(t *testing.T) {
	g, o := newModerated(t)
	c, s := g.member(t, "ann")
	publishes(t, c, s, mic)
	for i := range maxOwnTracks + 8 {
		s.events <- engine.OwnTracks{Tracks: []protocol.Track{{ID: fmt.Sprint("TR_", i), MediaType: protocol.MediaVideo}}}
	}
	ask[struct{}](c, protocol.TypeMute, protocol.Mute{Track: mic.ID, Muted: true}, protocol.TypeOK)
	ask[struct{}](c, protocol.TypeMute, protocol.Mute{Track: mic.ID}, protocol.TypeOK)
	next[protocol.Mute](t, s)
	next[protocol.Mute](t, s)
	publishes(t, c, s, camera) // its answer: the events above have been taken
	o.mu.Lock()
	o.participants["app:room"] = []engine.Participant{{Identity: "ann", Tracks: []protocol.Track{mic}}}
	o.mu.Unlock()
	if _, err := g.h.Mute(t.Context(), "app", "room", "ann", true, false, 0); err != nil {
		t.Fatal(err)
	}
	if got := next[protocol.Mute](t, s); got != (protocol.Mute{Track: mic.ID, Muted: true}) {
		t.Errorf("engine is asked %+v", got)
	}
}

func TestMuteEndsByItself(t *testing.T) {
	g, _ := newModerated(t)
	c, s := g.member(t, "ann")
	publishes(t, c, s, mic, camera)
	if _, err := g.h.Mute(t.Context(), "app", "room", "ann", true, true, time.Second); err != nil {
		t.Fatal(err)
	}
	if got := banned(t, c); got != "audio true video true 1" {
		t.Errorf("told %s", got)
	}
	if got := banned(t, c); got != "audio false video false 0" {
		t.Errorf("told %s", got)
	}
	seen := map[protocol.Mute]bool{}
	for range 4 {
		seen[next[protocol.Mute](t, s)] = true
	}
	if !seen[protocol.Mute{Track: mic.ID}] || !seen[protocol.Mute{Track: camera.ID}] {
		t.Errorf("engine is asked %v", seen)
	}
	if err := g.h.Unmute("app", "room", "ann", true, true); !errors.Is(err, ErrNoOrder) {
		t.Error(err)
	}
}

// Leaving and joining again is no way around a mute, while others are there.
func TestMuteOutlivesTheStay(t *testing.T) {
	g, _ := newModerated(t)
	other, _ := g.member(t, "ben")
	c, s := g.member(t, "ann")
	if _, err := g.h.Mute(t.Context(), "app", "room", "ann", false, true, 0); err != nil {
		t.Fatal(err)
	}
	ask[struct{}](c, protocol.TypeLeave, nil, protocol.TypeOK)
	awaitClosed(t, s)

	again := dial(t, g.Server)
	j := joinAs("room", "ann")
	j.Offer.Tracks = []protocol.NewTrack{{CID: "a", MediaType: protocol.MediaScreen}, {CID: "b", MediaType: protocol.MediaAudio}}
	id := again.say(protocol.TypeJoin, j)
	s = <-g.joins
	if got := s.options.Offer.Tracks; !got[0].Muted || got[1].Muted {
		t.Errorf("announced as %+v", got)
	}
	s.events <- engine.OwnTracks{Tracks: []protocol.Track{screen}} // before the join is answered
	s.letIn()
	if m := again.reply(id); m.Type != protocol.TypeJoined {
		t.Fatalf("answered with %s %s", m.Type, m.Data)
	}
	if got := next[protocol.Mute](t, s); got != (protocol.Mute{Track: screen.ID, Muted: true}) {
		t.Errorf("engine is asked %+v", got)
	}
	if got := banned(t, again); got != "video true 0" {
		t.Errorf("told %s", got)
	}
	// The room empties: a mute without an end is over.
	ask[struct{}](again, protocol.TypeLeave, nil, protocol.TypeOK)
	again.end()
	ask[struct{}](other, protocol.TypeLeave, nil, protocol.TypeOK)
	other.end()
	if err := g.h.Unmute("app", "room", "ann", true, true); !errors.Is(err, ErrNoOrder) {
		t.Error(err)
	}
}
