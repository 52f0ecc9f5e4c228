package config

import (
	"fmt"
	"strconv"
	"time"
)

const (
	leastLog = 16 << 10 // bytes: about a call of some minutes
	mostLog  = 64 << 20
	mostDays = 3650
	mostAll  = 1 << 50 // bytes
)

// Logs configures the logs of calls that pages send.
type Logs struct {
	// Directory is where they are kept. Empty: none are taken.
	Directory string
	// Size is the most bytes of one log, Quota of all together.
	Size, Quota int64
	// Rate is how many an address may send a minute; 0 is no limit.
	Rate int
	// Retention is how long each is kept.
	Retention time.Duration
}

func defaultLogs() Logs {
	return Logs{Size: 2 << 20, Quota: 1 << 30, Rate: 30, Retention: 14 * 24 * time.Hour}
}

// logSettings are the keys of the logs of calls.
func logSettings() []setting {
	whole := func(path, flag, usage string, least, most int64, take func(*Logs, int64)) setting {
		return setting{path: path, flag: flag, kind: number, usage: usage, set: func(c *Config, v value) error {
			n, err := strconv.ParseInt(v.one(), 10, 64)
			if err != nil || n < least || n > most {
				return fmt.Errorf("%q is not a whole number from %d to %d", v.one(), least, most)
			}
			take(&c.Logs, n)
			return nil
		}}
	}
	return []setting{
		{path: "logs.directory", flag: "logs-directory", usage: "`folder` for the logs of calls that pages send; without one none are taken", set: func(c *Config, v value) error {
			c.Logs.Directory = v.one()
			return notEmpty(v.one())
		}},
		whole("logs.size", "logs-size", "size of the largest log, compressed, in `bytes`", leastLog, mostLog, func(l *Logs, n int64) { l.Size = n }),
		whole("logs.rate", "logs-rate", "`number` of logs that one address may send a minute; 0 is no limit", 0, mostOfAnything, func(l *Logs, n int64) { l.Rate = int(n) }),
		whole("logs.days", "logs-days", "`number` of days that logs are kept", 1, mostDays, func(l *Logs, n int64) { l.Retention = time.Duration(n) * 24 * time.Hour }),
		whole("logs.quota", "logs-quota", "size of all logs together, in `bytes`; for more the oldest go", leastLog, mostAll, func(l *Logs, n int64) { l.Quota = n }),
	}
}

// logs checks the logs of calls once every source has been read.
func (l *loader) logs() {
	c := l.config.Logs
	if c.Quota < c.Size {
		key := "logs.quota"
		if l.from[key] == "" {
			key = "logs.size"
		}
		l.failKey(key, "one log of %d bytes is more than the %d for all", c.Size, c.Quota)
	}
	if c.Directory != "" {
		return
	}
	for _, s := range logSettings() {
		if l.from[s.path] != "" {
			l.config.Warnings = append(l.config.Warnings, s.path+" has no effect without logs.directory")
		}
	}
}
