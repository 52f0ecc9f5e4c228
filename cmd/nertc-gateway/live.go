package main

import (
	"fmt"
	"log/slog"
	"os"

	"github.com/prometheus/client_golang/prometheus"

	"nertc/gateway/config"
	"nertc/gateway/engine"
	"nertc/gateway/live"
	"nertc/gateway/live/address"
	"nertc/gateway/live/record"
	"nertc/gateway/live/runner"
)

// liveTasks is what carries out live tasks. That something is missing for them is no reason not to start:
// they are refused then, and the refusal says why.
func liveTasks(c config.Live, eng *engine.Engine, loopback bool, log *slog.Logger, registry prometheus.Registerer) (live.Options, error) {
	o := live.Options{MaxTasks: c.MaxTasks, MaxPixels: c.MaxPixels, MaxAppTasks: c.MaxAppTasks, MaxDecoders: c.MaxDecoders}
	if !c.Enabled {
		o.Runner = live.Unavailable("live tasks are switched off on this server")
		return o, nil
	}
	if c.Recordings != "" {
		// What is recorded is for the operator alone.
		if err := os.MkdirAll(c.Recordings, 0o700); err != nil {
			return o, fmt.Errorf("live.recordings: %w", err)
		}
		// What a gateway that was killed has left unfinished; a long file takes its time.
		go func() {
			files, err := record.Recover(c.Recordings)
			if err != nil {
				log.Warn("recordings that were not finished stay so", "err", err)
			}
			for _, f := range files {
				log.Info("recording finished after a crash", "file", f)
			}
		}()
	}
	o.Runner = runner.New(runner.Options{
		Engine: eng, Loopback: loopback, FFmpeg: c.FFmpeg, Nice: c.Nice,
		Policy: address.Policy{Allow: c.Allow}, Recordings: c.Recordings, RecordingsFree: uint64(c.RecordingsFree), Log: log, Registry: registry,
	})
	return o, nil
}
