package config

import (
	"fmt"
	"strings"
	"testing"
)

func TestLive(t *testing.T) {
	c, _, err := load(t, "", nil, nil)
	if err != nil || !c.Live.Enabled || c.Live.FFmpeg != "ffmpeg" || c.Live.Nice != 5 || c.Live.MaxTasks != 8 || c.Live.MaxPixels != 7372800 || c.Live.MaxDecoders != 64 || c.Live.MaxAppTasks != 0 || c.Live.RecordingsFree != 1<<30 || c.Live.Allow != nil || c.Live.Recordings != "" {
		t.Errorf("without settings: %+v, %v", c.Live, err)
	}
	dir := t.TempDir()
	yaml := `live:
  enabled: false
  ffmpeg: /opt/ffmpeg
  nice: 19
  maxTasks: 0
  maxPixels: 921600
  allow: [10.0.0.0/8, "::1"]
  maxAppTasks: 2
  maxDecoders: 12
  recordingsFree: 5000
  recordings: ` + dir + "\n"
	if c, _, err = load(t, yaml, nil, nil); err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprint(c.Live), fmt.Sprintf("{false /opt/ffmpeg 19 0 921600 2 12 [10.0.0.0/8 ::1/128] %s 5000}", dir); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	c, _, err = load(t, yaml, []string{"NERTC_LIVE_ENABLED=true", "NERTC_LIVE_MAX_TASKS=4"}, []string{"--live-max-tasks=3", "--live-allow", "192.0.2.1"})
	if err != nil || !c.Live.Enabled || c.Live.MaxTasks != 3 || fmt.Sprint(c.Live.Allow) != "[192.0.2.1/32]" {
		t.Errorf("%+v, %v", c, err)
	}
}

func TestLiveErrors(t *testing.T) {
	for yaml, want := range map[string]string{
		"live:\n  enabled: maybe":   "FILE:2: live.enabled: want true or false",
		"live:\n  ffmpeg: \"\"":     "FILE:2: live.ffmpeg: is empty",
		"live:\n  nice: 20":         `FILE:2: live.nice: "20" is not a whole number from 0 to 19`,
		"live:\n  maxTasks: -1":     `FILE:2: live.maxTasks: "-1" is not`,
		"live:\n  allow: [lan]":     `FILE:2: live.allow: "lan" is neither a network`,
		"live:\n  recordings: \"\"": "FILE:2: live.recordings: is empty",
		"live:\n  record: x":        "FILE:2: live.record: unknown key; known here: enabled,",
	} {
		_, file, err := load(t, yaml+"\n", nil, nil)
		if err == nil {
			t.Errorf("%q is accepted", yaml)
			continue
		}
		if want := strings.ReplaceAll(want, "FILE", file); !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", yaml, err, want)
		}
	}
}
