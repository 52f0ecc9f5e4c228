package client

import (
	"context"
	"time"

	"nertc/internal/media"
	"nertc/internal/protocol"
	"nertc/internal/session"
	"nertc/internal/speaker"
)

// volumesInterval is the default of Options.Volumes, the documented second.
const volumesInterval = time.Second

// listening measures how loud the others are, from the join to the end of the stay. The
// client's lock guards it.
type listening struct {
	timer *time.Timer
	meter speaker.Meter
}

// listen begins to measure, where the peer connection can. The lock is held.
func (c *Client) listen() {
	if c.session.Reporter() == nil {
		return
	}
	l := &listening{}
	l.timer = time.AfterFunc(c.o.Volumes, func() { c.measure(l) })
	c.listening = l
}

// stopListening ends the measuring. One that is under way finds that out. The lock is held.
func (c *Client) stopListening() {
	if c.listening != nil {
		c.listening.timer.Stop()
		c.listening = nil
	}
}

// measure tells the levels since the last time, also that there are none, and has itself called again.
func (c *Client) measure(l *listening) {
	c.mu.Lock()
	s, tracks := c.session, c.view.sounds()
	listening := c.listening == l
	c.mu.Unlock()
	if !listening {
		return
	}

	sounds, err := c.sounds(s, tracks)

	c.mu.Lock()
	defer c.mu.Unlock()
	if c.listening != l {
		return
	}
	l.timer.Reset(c.o.Volumes)
	if s == nil || s != c.session || err != nil { // of what is being recovered there is nothing to tell
		return
	}
	var levels []speaker.Level
	for _, level := range l.meter.Measure(sounds) {
		if v := c.view.track(level.UID, level.MediaType); v != nil && v.track != nil && !v.muted {
			levels = append(levels, level)
		}
	}
	c.emit(Volumes{Levels: levels})
}

// sounds asks for the accounts of tracks. Those that are muted are among them: their levels
// then begin with the moment they are unmuted.
func (c *Client) sounds(s *session.Session, tracks map[speaker.Source]media.RemoteTrack) (map[speaker.Source]media.Sound, error) {
	if len(tracks) == 0 || s == nil || s.Reporter() == nil {
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
	defer cancel()
	report, err := s.Reporter().Report(ctx)
	accounts := report.Sounds()
	sounds := make(map[speaker.Source]media.Sound, len(tracks))
	for source, t := range tracks {
		if a, ok := accounts[t.MID()]; ok {
			sounds[source] = a
		}
	}
	return sounds, err
}

// sounds are the tracks that bring sound.
func (v view) sounds() map[speaker.Source]media.RemoteTrack {
	tracks := map[speaker.Source]media.RemoteTrack{}
	for uid, p := range v {
		for _, t := range []protocol.MediaType{protocol.MediaAudio, protocol.MediaAudioSlave} {
			if track := p.tracks[t]; track != nil && track.track != nil {
				tracks[speaker.Source{UID: uid, MediaType: t}] = track.track
			}
		}
	}
	return tracks
}
