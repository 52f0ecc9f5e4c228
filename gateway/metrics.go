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
