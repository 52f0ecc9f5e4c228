package nativemedia

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/pion/webrtc/v4"

	"nertc/internal/media"
	"nertc/internal/stats"
)

// Report reads the statistics that pion has.
func (p *peer) Report(context.Context) (media.Report, error) {
	entries := []webrtc.Stats{}
	for _, s := range p.pc.GetStats() {
		entries = append(entries, s)
	}
	text, err := json.Marshal(entries)
	if err != nil {
		return media.Report{}, fmt.Errorf("read the statistics: %w", err)
	}
	read, err := stats.ReadReport(string(text))
	if err != nil {
		return media.Report{}, fmt.Errorf("read the statistics: %w", err)
	}
	return media.Report{Time: time.Now(), Stats: read}, nil
}
