package embedded

import (
	"encoding/json"
	"io"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"nertc/gateway/engine"
)

// meterEvery is how often the bytes are told: LiveKit itself counts them every few seconds.
const meterEvery = 5 * time.Second

// meter tells the bytes at every tick, until they cannot be written.
func meter(w io.Writer, tick <-chan time.Time) {
	for range tick {
		line, err := json.Marshal(bytes(prometheus.DefaultGatherer))
		if err == nil {
			_, err = w.Write(append(line, '\n'))
		}
		if err != nil {
			return
		}
	}
}

// bytes are those that LiveKit has counted: it gives its figures to Prometheus alone.
func bytes(g prometheus.Gatherer) engine.Bytes {
	var b engine.Bytes
	families, _ := g.Gather() // also with an error it has all that could be had
	for _, f := range families {
		if f.GetName() != "livekit_packet_bytes" {
			continue
		}
		for _, m := range f.GetMetric() {
			for _, l := range m.GetLabel() {
				if l.GetName() != "direction" {
					continue
				}
				switch n := uint64(m.GetCounter().GetValue()); l.GetValue() {
				case "incoming":
					b.In += n
				case "outgoing":
					b.Out += n
				}
			}
		}
	}
	return b
}
