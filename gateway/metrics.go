package gateway

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// NewRegistry makes the registry of one gateway: the process, the Go runtime and the
// engine. A registry of its own, not the global one, so that several gateways can
// live in one process, as tests have them.
func NewRegistry(e Engine, restarts func() int) *prometheus.Registry {
	r := prometheus.NewRegistry()
	r.MustRegister(
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "nertc_engine_ready",
			Help: "1 while the media engine takes calls, otherwise 0.",
		}, func() float64 {
			if e.Ready() {
				return 1
			}
			return 0
		}),
		prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "nertc_engine_restarts_total",
			Help: "How often the embedded media engine was started again.",
		}, func() float64 { return float64(restarts()) }),
	)
	return r
}

// RegisterMedia adds what the media engine has received and sent, which only an embedded one tells.
func RegisterMedia(r prometheus.Registerer, in, out func() uint64) {
	for direction, count := range map[string]func() uint64{"in": in, "out": out} {
		r.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "nertc_media_bytes_total", Help: "Bytes of media that the embedded engine has received from clients and sent to them.",
			ConstLabels: prometheus.Labels{"direction": direction},
		}, func() float64 { return float64(count()) }))
	}
}
