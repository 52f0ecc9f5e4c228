// Package doctor examines the machine and the configuration that a gateway is to run with, and
// says what to do about what it finds.
package doctor

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"nertc/gateway/config"
)

// Status is how a check ended.
type Status int

// The four ends of a check.
const (
	OK      Status = iota
	Skipped        // there is nothing to check in this configuration
	Warning        // the gateway starts; something that users notice may not work
	Failed         // the gateway does not start, or no call is possible
)

var statusNames = [...]string{OK: "ok", Skipped: "skipped", Warning: "warning", Failed: "failed"}

func (s Status) String() string { return statusNames[s] }

// Finding is what one check found.
type Finding struct {
	Check  string
	Status Status
	// Detail says what was found, in one sentence without a full stop.
	Detail string
	// Advice says what to do; empty where nothing is to be done.
	Advice string
}

// limit is how long one check may take.
const limit = 10 * time.Second

// A check looks at one thing. It changes nothing and leaves nothing running.
type check struct {
	name string
	run  func(context.Context, *config.Config) Finding
}

// Examine makes all checks of a configuration, one after the other, each of them at most 10 s,
// and gives every finding to report as soon as it is there. Running says that a gateway serves
// on the configured address already: its ports are then taken by right.
func Examine(ctx context.Context, c *config.Config, report func(Finding)) (worst Status) {
	running := serving(ctx, c)
	for _, check := range []check{
		{"configuration", configuration},
		{"address", func(_ context.Context, c *config.Config) Finding { return address(c, running) }},
		{"gateway", func(context.Context, *config.Config) Finding { return running.finding() }},
		{"tls", certificate},
		{"secure context", secureContext},
		{"media ports", func(_ context.Context, c *config.Config) Finding { return mediaPorts(c, running) }},
		{"media address", mediaAddress},
		{"relay", func(ctx context.Context, c *config.Config) Finding { return relay(ctx, c, running) }},
		{"engine", external},
		{"open files", openFiles},
		{"udp buffers", udpBuffers},
		{"redis", redis},
		{"ffmpeg", ffmpeg},
		{"recordings", recordings},
		{"logs", logs},
	} {
		within, cancel := context.WithTimeout(ctx, limit)
		f := check.run(within, c)
		cancel()
		f.Check = check.name
		worst = max(worst, f.Status)
		report(f)
	}
	return worst
}

// Print writes a finding as one line, and its advice as another.
func Print(w io.Writer, f Finding) {
	fmt.Fprintf(w, "%-8s %-15s %s\n", f.Status, f.Check, f.Detail)
	if f.Advice != "" {
		fmt.Fprintf(w, "%-8s %-15s → %s\n", "", "", f.Advice)
	}
}

func configuration(_ context.Context, c *config.Config) Finding {
	if len(c.Warnings) > 0 {
		return Finding{Status: Warning, Detail: strings.Join(c.Warnings, "; "), Advice: "docs/gateway.md describes every setting"}
	}
	if c.Debug() {
		return Finding{Status: OK, Detail: "debug mode: no app is configured, any appkey is accepted and no token is asked for"}
	}
	secure := 0
	for _, a := range c.Apps {
		if a.SecureMode {
			secure++
		}
	}
	return Finding{Status: OK, Detail: fmt.Sprintf("%d apps, %d of them in secure mode", len(c.Apps), secure)}
}
