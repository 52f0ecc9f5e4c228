package doctor

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nertc/gateway/config"
)

func TestDirectories(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	shut := "/proc/self" // nobody makes files there, not even root
	for _, c := range []struct {
		name   string
		dir    string
		room   uint64
		status Status
		words  string
	}{
		{"there", dir, 1, OK, dir + " can be written"},
		{"to be made", filepath.Join(dir, "a", "b"), 1, OK, "will be made"},
		{"a file", file, 1, Failed, "is not a directory"},
		{"below a file", filepath.Join(file, "a"), 1, Failed, "some.key"},
		{"not to be written", shut, 1, Failed, "cannot be written"},
		{"to be made where nothing can be", filepath.Join(shut, "a"), 1, Failed, "ReadWritePaths="},
		{"without room", dir, 1 << 62, Warning, "on another disk in some.key"},
	} {
		expect(t, c.name, directory("some.key", c.dir, c.room, ""), c.status, c.words)
	}
	if left, _ := os.ReadDir(dir); len(left) != 1 {
		t.Errorf("left behind: %v", left)
	}

	expect(t, "no logs", logs(t.Context(), &config.Config{}), Skipped, "logs.directory")
	expect(t, "logs", logs(t.Context(), &config.Config{Logs: config.Logs{Directory: dir, Quota: 1}}), OK, "can be written")
	expect(t, "no live tasks", recordings(t.Context(), &config.Config{}), Skipped, "live.enabled")
	expect(t, "no recordings", recordings(t.Context(), &config.Config{Live: config.Live{Enabled: true}}), Skipped, "live.recordings")
	expect(t, "recordings", recordings(t.Context(), &config.Config{Live: config.Live{Enabled: true, Recordings: file}}), Failed, "not a directory")

	expect(t, "Redis", redis(t.Context(), &config.Config{}), Skipped, "not configured")
	expect(t, "Redis of others", redis(t.Context(), &config.Config{Engine: config.Engine{External: config.External{URL: "ws://x"}}}), Skipped, "LiveKit nodes")
}

func TestFFmpeg(t *testing.T) {
	dir := t.TempDir()
	write := func(name, codecs string) string {
		file := filepath.Join(dir, name)
		script := "#!/bin/sh\ncase \"$*\" in *-version*) echo it is version 7 ;; *) echo '" + codecs + "' ;; esac\n"
		if err := os.WriteFile(file, []byte(script), 0o700); err != nil {
			t.Fatal(err)
		}
		return file
	}
	whole := write("whole", "libx264 aac libopus")
	for _, c := range []struct {
		name, program string
		off           bool
		status        Status
		words         string
	}{
		{"all codecs", whole, false, OK, "version 7, with libx264"},
		{"without H.264", write("half", "aac libopus"), false, Warning, "it has no libx264"},
		{"without AAC", write("third", "libx264 libopus"), false, Warning, "it has no aac"},
		{"not there", filepath.Join(dir, "none"), false, Warning, "live.ffmpeg: there is no program " + filepath.Join(dir, "none")},
		{"not wanted", whole, true, Skipped, "live.enabled"},
	} {
		f := ffmpeg(t.Context(), &config.Config{Live: config.Live{Enabled: !c.off, FFmpeg: c.program}})
		expect(t, c.name, f, c.status, c.words)
		if f.Status == Warning && !strings.Contains(f.Advice, "apt install") {
			t.Errorf("%s: says not what to install: %s", c.name, f.Advice)
		}
	}
}
