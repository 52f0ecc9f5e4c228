package main

import (
	"fmt"
	"os"

	"nertc/gateway/config"
	"nertc/gateway/live"
)

// liveTasks is what carries out live tasks. That something is missing for them is no reason not to start:
// they are refused then, and the refusal says why.
func liveTasks(c config.Live) (live.Options, error) {
	o := live.Options{MaxTasks: c.MaxTasks, MaxPixels: c.MaxPixels}
	if !c.Enabled {
		o.Runner = live.Unavailable("live tasks are switched off on this server")
		return o, nil
	}
	if c.Recordings != "" {
		// What is recorded is for the operator alone.
		if err := os.MkdirAll(c.Recordings, 0o700); err != nil {
			return o, fmt.Errorf("live.recordings: %w", err)
		}
	}
	return o, nil
}
