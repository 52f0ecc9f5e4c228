package runner_test

import (
	"net/netip"
	"os/exec"
	"strings"
	"testing"

	"nertc/gateway/live"
	"nertc/gateway/live/address"
	"nertc/gateway/live/livetest"
	"nertc/gateway/live/rtmptest"
	"nertc/gateway/live/runner"
	"nertc/internal/protocol"
)

// A canvas of 0×0 is sound alone, until there is another.
func TestSoundAlone(t *testing.T) {
	w := livetest.Start(t)
	w.Join("room", "1")
	server := rtmptest.Start(t)
	r := runner.New(runner.Options{
		Engine: w.Engine, Loopback: true, Policy: address.Policy{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}},
	})
	states := make(chan live.State, 100)
	heard := task(server.URL("heard"))
	heard.Layout = protocol.Layout{Users: []protocol.TaskUser{{UID: "1", PushAudio: true}}}
	run, err := r.Start(live.RoomRef{Name: w.Room("room"), App: livetest.App, Channel: "room"}, heard, func(s live.State) { states <- s })
	if err != nil {
		t.Fatal(err)
	}
	defer run.Stop()
	told(t, states, protocol.TaskPushing)
	arrives := func(url string) string {
		said, err := exec.Command("ffprobe", "-v", "error", "-rw_timeout", "8000000", "-analyzeduration", "3000000", "-show_entries", "stream=codec_name", "-of", "csv=p=0", url).CombinedOutput()
		if err != nil {
			t.Fatalf("ffprobe: %v\n%s", err, said)
		}
		return strings.Join(strings.Fields(string(said)), " ")
	}
	if got := arrives(heard.StreamURL); got != "aac" {
		t.Errorf("%s arrives", got)
	}
	seen := task(server.URL("seen"))
	if err := run.Update(seen); err != nil {
		t.Fatal(err)
	}
	told(t, states, protocol.TaskPushing)
	if got := arrives(seen.StreamURL); !strings.Contains(got, "h264") || !strings.Contains(got, "aac") {
		t.Errorf("with a picture %s arrives", got)
	}
}
