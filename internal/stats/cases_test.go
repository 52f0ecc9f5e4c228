package stats_test

import (
	"slices"
	"testing"

	"nertc/internal/media"
	"nertc/internal/protocol"
	"nertc/internal/quality"
	"nertc/internal/stats"
)

// TestCases has the condition of each exception hold, and not hold for what only looks like it.
func TestCases(t *testing.T) {
	const self = "1"
	screen := stats.Call{Received: []stats.Received{{UID: "2", MediaType: protocol.MediaScreen, MID: "3"}}}
	muted := stats.Call{
		Sent:     []stats.Sent{{MediaType: protocol.MediaAudio, MID: "0", Muted: true}, {MediaType: protocol.MediaVideo, MID: "1", Muted: true}},
		Received: []stats.Received{{UID: "2", MediaType: protocol.MediaAudio, MID: "2", Muted: true}, {UID: "2", MediaType: protocol.MediaVideo, MID: "3", Muted: true}},
	}
	away := stats.Call{Sent: []stats.Sent{{MediaType: protocol.MediaAudio}}, Received: []stats.Received{{UID: "2", MediaType: protocol.MediaVideo}}}
	firefox := stats.Call{Sent: []stats.Sent{{MediaType: protocol.MediaVideo, MID: "1", Track: "{camera}"}}}
	silent := func(s *media.Stat, _ float64) {
		if s.ID == "SA" {
			s.AudioLevel = 0
		}
	}
	broken := func(s *media.Stat, _ float64) {
		if s.ID == "IV" {
			s.FramesDecoded = 25
		}
	}
	for _, c := range []struct {
		name   string
		call   stats.Call
		change func(s *media.Stat, n float64)
		want   []quality.Case
	}{
		{"all is well", call, func(*media.Stat, float64) {}, nil},
		{"a silent microphone", call, silent, []quality.Case{{UID: self, Kind: quality.AudioInputSilent}}},
		{"a browser that does not tell levels", call, func(s *media.Stat, _ float64) {
			if s.ID == "SA" {
				s.AudioLevel, s.TotalSamplesDuration = 0, 0
			}
		}, nil},
		{"nothing is sent of the microphone", call, func(s *media.Stat, _ float64) {
			if s.ID == "OA" {
				s.PacketsSent, s.BytesSent, s.HeaderBytesSent = 1, 1, 1
			}
		}, []quality.Case{{UID: self, Kind: quality.AudioBitrateLow}}},
		{"a silence that is sent sparingly", call, func(s *media.Stat, n float64) {
			if s.ID == "OA" {
				s.PacketsSent, s.BytesSent, s.HeaderBytesSent = 2*n, 2*n, 40*n
			}
		}, nil},
		{"few frames are sent", call, func(s *media.Stat, _ float64) {
			if s.Type == media.StatOutbound {
				s.FramesPerSecond = 14
			}
		}, []quality.Case{{UID: self, Kind: quality.VideoFramerateLow}}},
		{"half of the frames are sent", call, func(s *media.Stat, _ float64) {
			if s.Type == media.StatOutbound {
				s.FramesPerSecond = 15
			}
		}, nil},
		{"few frames are sent, of a browser that says little of layers", firefox, func(s *media.Stat, _ float64) {
			switch {
			case s.ID == "SV":
				s.TrackIdentifier = "{camera}"
			case s.Kind == media.Video && s.Type == media.StatOutbound:
				s.MediaSourceID, s.Active, s.FramesPerSecond = "", false, 14
			}
		}, []quality.Case{{UID: self, Kind: quality.VideoFramerateLow}}},
		{"few bits are sent, and not all frames", call, func(s *media.Stat, n float64) {
			if s.Type == media.StatOutbound {
				s.BytesSent, s.TargetBitrate, s.FramesPerSecond = 10_000*n, 1_000_000, 26
			}
		}, []quality.Case{{UID: self, Kind: quality.VideoBitrateLow}}},
		{"few bits are sent of a simple picture", call, func(s *media.Stat, n float64) {
			if s.Type == media.StatOutbound {
				s.BytesSent, s.TargetBitrate = 10_000*n, 1_000_000
			}
		}, nil},
		{"nobody wants the camera", call, func(s *media.Stat, n float64) {
			if s.Kind == media.Video && s.Type == media.StatOutbound {
				s.Active, s.FramesPerSecond, s.FramesSent, s.BytesSent = false, 0, 0, 0
			}
		}, nil},
		{"the camera gives nothing", call, func(s *media.Stat, _ float64) {
			if s.ID == "SV" || s.Kind == media.Video && s.Type == media.StatOutbound {
				s.FramesPerSecond = 0
			}
		}, nil},
		{"no picture of a camera is decoded", call, broken, []quality.Case{{UID: "2", Kind: quality.VideoDecodeFailed}}},
		{"none of a screen", screen, broken, []quality.Case{{UID: "2", Kind: quality.ScreenDecodeFailed}}},
		{"hardly a packet of a picture comes", call, func(s *media.Stat, n float64) {
			if s.ID == "IV" {
				s.FramesDecoded, s.PacketsReceived = 25, 4*n
			}
		}, nil},
		{"a silent other", call, func(s *media.Stat, _ float64) {
			if s.ID == "IA" {
				s.TotalAudioEnergy = 0
			}
		}, []quality.Case{{UID: "2", Kind: quality.AudioOutputSilent}}},
		{"a silent other that nobody plays", call, func(s *media.Stat, _ float64) {
			if s.ID == "IA" {
				s.TotalAudioEnergy, s.TotalSamplesDuration = 0, 0
			}
		}, nil},
		{"all of a sound is made up", call, func(s *media.Stat, n float64) {
			if s.ID == "IA" {
				s.ConcealedSamples, s.TotalAudioEnergy = 47_000*n, 0
			}
		}, []quality.Case{{UID: "2", Kind: quality.AudioDecodeFailed}}},
		{"all of it, muted", muted, func(s *media.Stat, n float64) {
			silent(s, n)
			broken(s, n)
			if s.ID == "OA" {
				s.PacketsSent, s.BytesSent, s.HeaderBytesSent = 1, 1, 1
			}
		}, nil},
		{"while the connection is restored", away, func(s *media.Stat, n float64) {
			silent(s, n)
			broken(s, n)
		}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			all := stats.New(start)
			var got []quality.Case
			for n := range 3 {
				r := second(float64(n + 1))
				for i := range r.Stats {
					if s := &r.Stats[i]; s.ID == "SA" {
						s.TotalSamplesDuration = float64(n + 1)
					}
					c.change(&r.Stats[i], float64(n+1))
				}
				all.Update(r, c.call)
				if got = all.Cases(r, c.call, self); n == 0 && got != nil {
					t.Errorf("of a first report there is nothing to say: %v", got)
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
			if a := all.LocalAudioStats(); len(a) > 0 && a[0].MediaType != protocol.MediaAudio {
				t.Errorf("whose is %+v", a[0])
			}
		})
	}
}

// TestCasesOfALateReading has a reading that comes a minute late: of a silence that is sent sparingly a few packets have come by then.
func TestCasesOfALateReading(t *testing.T) {
	c := stats.New(start)
	for _, n := range []float64{1, 2, 62} {
		r := second(n)
		for i := range r.Stats {
			if s := &r.Stats[i]; s.ID == "IA" {
				s.PacketsReceived, s.TotalAudioEnergy = 2.5*n, 0
			}
		}
		c.Update(r, call)
		if got := c.Cases(r, call, "1"); got != nil {
			t.Errorf("after %v s: %v", n, got)
		}
	}
}

// TestLevelThatTheBrowserDoesNotTell is measured otherwise then, and only then.
func TestLevelThatTheBrowserDoesNotTell(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*media.Stat)
		muted  bool
		want   float64
	}{
		{"none", func(s *media.Stat) { s.AudioLevel = 0 }, false, 25},
		{"none, muted", func(s *media.Stat) { s.AudioLevel = 0 }, true, 0},
		{"silence", func(s *media.Stat) { s.AudioLevel, s.TotalSamplesDuration = 0, 1 }, false, 0},
		{"a level", func(*media.Stat) {}, false, 50},
	} {
		of := stats.New(start)
		r := second(1)
		for i := range r.Stats {
			if r.Stats[i].ID == "SA" {
				c.change(&r.Stats[i])
			}
		}
		of.Update(r, stats.Call{Sent: []stats.Sent{{MediaType: protocol.MediaAudio, MID: "0", Muted: c.muted}}})
		if a := of.LocalAudioStats()[0].Heard(0.25); a.RecordingLevel != c.want || a.SendLevel != c.want {
			t.Errorf("%s: %+v, want %v", c.name, a, c.want)
		}
	}
}
