package room

import (
	"log/slog"
	"slices"

	"github.com/prometheus/client_golang/prometheus"

	"nertc/internal/protocol"
)

// How joins end, the values of the label result.
const (
	joinOK          = "ok"
	joinRefused     = "refused"     // the client asked for something that it may not have
	joinUnavailable = "unavailable" // no engine
	joinFailed      = "failed"      // the engine did not let the client in
)

// Labels of messages that have no type of ours.
const (
	labelMalformed = "malformed"
	labelUnknown   = "unknown"
)

// requests are the types that a client may send; others share one label, so that
// clients cannot make up labels.
var requests = [...]protocol.Type{
	protocol.TypeJoin, protocol.TypeProbe, protocol.TypeLeave, protocol.TypeOffer, protocol.TypeSubscribe,
	protocol.TypeMute, protocol.TypeResize, protocol.TypeQuality, protocol.TypePing, protocol.TypeCandidate, protocol.TypeResume, protocol.TypeRole, protocol.TypePermkey, protocol.TypeRekey,
	protocol.TypeTaskAdd, protocol.TypeTaskUpdate, protocol.TypeTaskDelete,
}

type metrics struct {
	joins    *prometheus.CounterVec
	probes   *prometheus.CounterVec // with the results of joins
	messages *prometheus.CounterVec
	// reconnects are by kind and result, the kinds being those of reconnect.go.
	reconnects *prometheus.CounterVec
	refused    *prometheus.CounterVec
	bytes      *prometheus.CounterVec
	in, out    prometheus.Counter // of bytes
	parked     prometheus.Gauge
	seconds    prometheus.Histogram
}

func newMetrics(reg prometheus.Registerer, rooms *registry, log *slog.Logger) *metrics {
	m := &metrics{
		joins: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "nertc_joins_total", Help: "Joins by how they ended.",
		}, []string{"result"}),
		probes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "nertc_probes_total", Help: "Checks of clients whether media gets through, by how the gateway answered.",
		}, []string{"result"}),
		messages: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "nertc_messages_total", Help: "Messages from clients by type.",
		}, []string{"type"}),
		reconnects: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "nertc_reconnects_total", Help: "Attempts of clients to get back into their calls, by kind and how they ended.",
		}, []string{"kind", "result"}),
		refused: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "nertc_refused_total", Help: "What was refused, cut off or made to wait by a limit.",
		}, []string{"limit"}),
		bytes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "nertc_websocket_bytes_total", Help: "Bytes of the messages from and to clients; media does not go this way.",
		}, []string{"direction"}),
		parked: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "nertc_parked_sessions", Help: "Joined members without a connection, who may resume.",
		}),
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "nertc_join_seconds", Help: "Time from the join message to its answer.",
			Buckets: []float64{.005, .01, .02, .05, .1, .2, .5, 1, 2, 5, 10},
		}),
	}
	for _, r := range []string{joinOK, joinRefused, joinUnavailable, joinFailed} {
		m.joins.WithLabelValues(r) // so that each is there from the start, as 0
		m.probes.WithLabelValues(r)
		m.reconnects.WithLabelValues(kindRejoin, r)
	}
	for _, r := range []string{resumeOK, resumeUnknown, resumeDisagreed, resumeRefused} {
		m.reconnects.WithLabelValues(kindResume, r)
	}
	for _, r := range []string{restartOK, restartRefused, restartFailed} {
		m.reconnects.WithLabelValues(kindICERestart, r)
	}
	m.in, m.out = m.bytes.WithLabelValues("in"), m.bytes.WithLabelValues("out")
	for _, l := range limits {
		m.refused.WithLabelValues(l)
	}
	for _, t := range append(requests[:], labelUnknown, labelMalformed) {
		m.messages.WithLabelValues(string(t))
	}
	if reg == nil {
		return m
	}
	for _, c := range []prometheus.Collector{
		m.joins, m.probes, m.messages, m.reconnects, m.refused, m.bytes, m.parked, m.seconds,
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "nertc_rooms", Help: "Rooms with somebody of this gateway in them.",
		}, func() float64 { n, _ := rooms.count(); return float64(n) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "nertc_members", Help: "Members of all rooms on this gateway.",
		}, func() float64 { _, n := rooms.count(); return float64(n) }),
	} {
		if err := reg.Register(c); err != nil {
			log.Error("a metric is not registered", "err", err)
		}
	}
	return m
}

// message counts one from a client.
func (m *metrics) message(t protocol.Type) {
	if t != labelMalformed && !slices.Contains(requests[:], t) {
		t = labelUnknown
	}
	m.messages.WithLabelValues(string(t)).Inc()
}
