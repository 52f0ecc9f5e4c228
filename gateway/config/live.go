package config

import (
	"fmt"
	"net/netip"
	"strconv"

	"nertc/gateway/limit"
)

// mostNice is the lowest priority that a process may have.
// https://man7.org/linux/man-pages/man2/setpriority.2.html
const mostNice = 19

// Live configures the live tasks: pushes of rooms to RTMP servers.
type Live struct {
	// Enabled permits them.
	Enabled bool
	// FFmpeg is the program that decodes and encodes: a path, or a name that is looked for in PATH.
	FFmpeg string
	// Nice is by how much its processes let others go first, 0 to 19.
	Nice int
	// MaxTasks is how many the gateway has at once, and MaxPixels how many pixels their canvases have
	// together; 0 is no limit.
	MaxTasks, MaxPixels int
	// MaxAppTasks is how many tasks each app has at once, and MaxDecoders how many decoders, processes of FFmpeg, the layouts of all
	// tasks may need; 0 is no limit.
	MaxAppTasks, MaxDecoders int
	// Allow are networks that streams may be pushed to and images fetched from although they are not public.
	Allow []netip.Prefix
	// Recordings is the directory of what is recorded, which is made where it is not there; empty: nothing is.
	Recordings string
	// RecordingsFree bytes of its disk are left free; 0: recordings may fill it.
	RecordingsFree int
}

// defaultLive carries eight streams of 720p with four members each.
func defaultLive() Live {
	return Live{Enabled: true, FFmpeg: "ffmpeg", Nice: 5, MaxTasks: 8, MaxPixels: 8 * 1280 * 720, MaxDecoders: 64, RecordingsFree: 1 << 30}
}

// liveSettings are the keys of the live tasks.
func liveSettings() []setting {
	one := func(path, flag, usage string, k kind, set func(l *Live, v string) error) setting {
		return setting{path: path, flag: flag, kind: k, usage: usage, set: func(c *Config, v value) error { return set(&c.Live, v.one()) }}
	}
	whole := func(path, flag, usage string, most int, at func(*Live) *int) setting {
		return one(path, flag, usage, number, func(l *Live, v string) error {
			n, err := strconv.Atoi(v)
			if err != nil || n < 0 || n > most {
				return fmt.Errorf("%q is not a whole number from 0 to %d", v, most)
			}
			*at(l) = n
			return nil
		})
	}
	return []setting{
		one("live.enabled", "live", "permit live tasks, pushes of rooms to RTMP servers", boolean, func(l *Live, v string) (err error) {
			if l.Enabled, err = strconv.ParseBool(v); err != nil {
				return fmt.Errorf("%q is neither true nor false", v)
			}
			return nil
		}),
		one("live.ffmpeg", "live-ffmpeg", "the `program` ffmpeg: a path, or a name in PATH", text, func(l *Live, v string) error {
			l.FFmpeg = v
			return notEmpty(v)
		}),
		whole("live.nice", "live-nice", "by how much (0 to 19) the processes of live tasks let others go first", mostNice, func(l *Live) *int { return &l.Nice }),
		whole("live.maxTasks", "live-max-tasks", "`number` of live tasks at once; 0 is no limit", mostOfAnything, func(l *Live) *int { return &l.MaxTasks }),
		whole("live.maxPixels", "live-max-pixels", "`number` of pixels of the canvases of all live tasks; 0 is no limit", 1<<31-1, func(l *Live) *int { return &l.MaxPixels }),
		whole("live.maxAppTasks", "live-max-app-tasks", "`number` of live tasks of one app at once; 0 is no limit", mostOfAnything, func(l *Live) *int { return &l.MaxAppTasks }),
		whole("live.maxDecoders", "live-max-decoders", "`number` of decoders of all live tasks, a picture's and a sound's for each member in a layout; 0 is no limit", mostOfAnything, func(l *Live) *int { return &l.MaxDecoders }),
		{path: "live.allow", flag: "live-allow", kind: list, usage: "`network` (10.0.0.0/8 or an address) that may be pushed to although it is not public; repeat for several", set: setLiveNetworks},
		one("live.recordings", "live-recordings", "`directory` of what live tasks record", text, func(l *Live, v string) error {
			l.Recordings = v
			return notEmpty(v)
		}),
		whole("live.recordingsFree", "live-recordings-free", "`bytes` of the disk of recordings that stay free: with less nothing is recorded; 0: it may become full", mostAll, func(l *Live) *int { return &l.RecordingsFree }),
	}
}

func setLiveNetworks(c *Config, v value) error {
	networks := make([]netip.Prefix, 0, len(v))
	for _, t := range v {
		p, err := limit.ParseProxy(t)
		if err != nil {
			return fmt.Errorf("%q is neither a network, 10.0.0.0/8, nor an IP address", t)
		}
		networks = append(networks, p)
	}
	c.Live.Allow = networks
	return nil
}
