package main

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"nertc/gateway/config"
	"nertc/gateway/live"
	"nertc/internal/protocol"
)

func TestLiveTasksThatAreSwitchedOffAreRefused(t *testing.T) {
	o, err := liveTasks(config.Live{MaxTasks: 3, MaxPixels: 4}, nil, true, slog.New(slog.DiscardHandler), nil)
	if err != nil || o.MaxTasks != 3 || o.MaxPixels != 4 {
		t.Fatalf("%+v, %v", o, err)
	}
	_, err = o.Runner.Start(live.RoomRef{}, protocol.Task{}, func(live.State) {})
	var refused *live.Refusal
	if !errors.As(err, &refused) || refused.Code != protocol.CodeTasksOff {
		t.Errorf("answers %v", err)
	}
}

// The directory is made, and what a killed gateway has left in it is put right: here it is of no use.
func TestRecordingsAreRecoveredAtTheStart(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	c := config.Live{Enabled: true, FFmpeg: "ffmpeg", Recordings: dir}
	if _, err := liveTasks(c, nil, true, slog.New(slog.DiscardHandler), nil); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Fatalf("%v, %v", info, err)
	}
	left := filepath.Join(dir, "lobby.main.20300102T030405Z.0123abcd.mp4.part")
	if err := os.WriteFile(left, []byte("no fragment"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := liveTasks(c, nil, true, slog.New(slog.DiscardHandler), nil); err != nil {
		t.Fatal(err)
	}
	for until := time.Now().Add(30 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		if _, err := os.Stat(left); errors.Is(err, os.ErrNotExist) {
			break
		}
		if time.Now().After(until) {
			t.Fatal("it is still there")
		}
	}
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	c.Recordings = file
	if _, err := liveTasks(c, nil, true, slog.New(slog.DiscardHandler), nil); err == nil {
		t.Error("a file is taken for a directory")
	}
}
