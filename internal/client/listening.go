package client

import (
	"nertc/internal/media"
	"nertc/internal/protocol"
	"nertc/internal/speaker"
)

// tellVolumes tells the levels since the last report, also that there are none. Tracks that are
// muted are measured too: their levels then begin with the moment they are unmuted. The lock is held.
func (c *Client) tellVolumes(r *reporting, report media.Report) {
	accounts := report.Sounds()
	sounds := map[speaker.Source]media.Sound{}
	for source, t := range c.view.sounds() {
		if a, ok := accounts[t.MID()]; ok {
			sounds[source] = a
		}
	}
	var levels []speaker.Level
	for _, level := range r.meter.Measure(sounds) {
		if v := c.view.track(level.UID, level.MediaType); v != nil && v.track != nil && !v.muted {
			levels = append(levels, level)
		}
	}
	c.emit(Volumes{Levels: levels})
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
