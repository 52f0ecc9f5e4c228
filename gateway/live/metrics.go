package live

import (
	"log/slog"

	"github.com/prometheus/client_golang/prometheus"
)

// How tasks are, the values of the label state.
const (
	shownStarting = "starting" // nothing has been told yet
	shownPushing  = "pushing"
	shownFailed   = "failed" // the next attempt follows
)

type metrics struct {
	tasks    *prometheus.GaugeVec
	requests *prometheus.CounterVec
	failures prometheus.Counter
	// recordings that have failed.
	recordings prometheus.Counter
}

func newMetrics(reg prometheus.Registerer, log *slog.Logger, all func() load) *metrics {
	m := &metrics{
		tasks: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "nertc_live_tasks", Help: "Live tasks under way, by how they are.",
		}, []string{"state"}),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "nertc_live_requests_total", Help: "What hosts have asked of live tasks, by kind and how it ended.",
		}, []string{"kind", "result"}),
		failures: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "nertc_live_failures_total", Help: "Failures of pushes that hosts were told of.",
		}),
		recordings: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "nertc_live_recording_failures_total", Help: "Recordings that have ended before their time: the disk is full, for example.",
		}),
	}
	for _, s := range []string{shownStarting, shownPushing, shownFailed} {
		m.tasks.WithLabelValues(s)
	}
	for _, k := range []string{"add", "update", "delete"} {
		m.requests.WithLabelValues(k, "ok")
		m.requests.WithLabelValues(k, "refused")
	}
	if reg == nil {
		return m
	}
	for _, c := range []prometheus.Collector{
		m.tasks, m.requests, m.failures, m.recordings,
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "nertc_live_pixels", Help: "Pixels of the canvases of all live tasks, or half of those of their regions where these are more.",
		}, func() float64 { return float64(all().pixels) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "nertc_live_decoders", Help: "Decoders that the layouts of all live tasks need: one for the picture and one for the sound of each member.",
		}, func() float64 { return float64(all().decoders) }),
	} {
		if err := reg.Register(c); err != nil {
			log.Error("a metric is not registered", "err", err)
		}
	}
	return m
}

// shows counts a task as something else; empty for not at all.
func (m *metrics) shows(k *task, state string) {
	if k.shown != "" {
		m.tasks.WithLabelValues(k.shown).Dec()
	}
	if k.shown = state; state != "" {
		m.tasks.WithLabelValues(state).Inc()
	}
}

func (m *metrics) asked(kind string, granted bool) {
	result := "ok"
	if !granted {
		result = "refused"
	}
	m.requests.WithLabelValues(kind, result).Inc()
}
