package runner

import (
	"github.com/prometheus/client_golang/prometheus"

	"nertc/gateway/live/push"
)

// register has the metrics count what is pushed.
func (r *Runner) register() {
	if r.options.Registry == nil {
		return
	}
	for _, c := range []prometheus.Collector{
		prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "nertc_live_sent_bytes_total", Help: "Bytes that live tasks have sent to RTMP servers.",
		}, func() float64 { return float64(r.stats().Sent) }),
		prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "nertc_live_dropped_packets_total", Help: "Pictures and pieces of sound that live tasks have left out because an RTMP server was too slow.",
		}, func() float64 { return float64(r.stats().Dropped) }),
	} {
		if err := r.options.Registry.Register(c); err != nil {
			r.options.Log.Error("a metric is not registered", "err", err)
		}
	}
}

func (r *Runner) count(p *push.Pusher) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.pushes[p] = struct{}{}
}

// uncount keeps what was counted of a push that has ended.
func (r *Runner) uncount(p *push.Pusher) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.pushes, p)
	s := p.Stats()
	r.past.Sent += s.Sent
	r.past.Dropped += s.Dropped
}

// stats are those of all pushes.
func (r *Runner) stats() push.Stats {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := r.past
	for p := range r.pushes {
		s := p.Stats()
		all.Sent += s.Sent
		all.Dropped += s.Dropped
	}
	return all
}
