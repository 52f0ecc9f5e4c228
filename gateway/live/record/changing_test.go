package record_test

import (
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"nertc/gateway/live/flv"
	"nertc/gateway/live/record"
	"nertc/gateway/live/rtmptest"
)

// Where the only user's picture is passed on as it comes, its configuration is a member's: one that cannot be read must
// not end the recording, and one that changes with every picture not fill the directory with files.
func TestConfigurationsOfAStranger(t *testing.T) {
	small, large := rtmptest.Programme(t, 320, 180, 25, 1), rtmptest.Programme(t, 640, 360, 25, 1)
	begins := func(packets []flv.Packet) (config, key flv.Packet) {
		for _, p := range packets {
			switch {
			case p.Kind == flv.Video && p.Config:
				config = p
			case p.Kind == flv.Video && p.Key:
				return config, p
			}
		}
		t.Fatal("no key frame")
		panic("unreachable")
	}
	r, dir := start(t, record.Options{Channel: "a", Task: "b"})
	at := time.Duration(0)
	send := func(config, key flv.Packet) {
		key.DTS, key.PTS = at, at
		at += 40 * time.Millisecond
		feed(t, r, []flv.Packet{config, key})
	}
	smallConfig, smallKey := begins(small)
	largeConfig, largeKey := begins(large)
	for range 25 { // two seconds
		send(smallConfig, smallKey)
		send(largeConfig, largeKey)
	}
	for range 5 {
		send(flv.Packet{Kind: flv.Video, Config: true, Key: true, Data: []byte{1, 2, 3}}, smallKey)
	}
	for range 50 {
		send(smallConfig, smallKey)
	}
	r.Close()
	files := list(t, dir)
	if len(files) == 0 || len(files) > 5 {
		t.Errorf("%d files", len(files))
	}
	most := 0
	for _, f := range files {
		n, _ := strconv.Atoi(probe(t, filepath.Join(dir, f.Name)).Streams[0].NBRead)
		most = max(most, n)
	}
	if most < 50 {
		t.Errorf("of what came at last %d pictures were recorded", most)
	}
}
