package proxy

import (
	"maps"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/egret-proxy/egret/functions"
)

// metrics are all that egret counts. Every label has a bound: the ways in, the
// codes, statuses, and names out of the configuration. Nothing that a caller
// sends becomes a label.
type metrics struct {
	registry  *prometheus.Registry
	requests  *prometheus.CounterVec
	durations *prometheus.HistogramVec
	reloads   *prometheus.CounterVec
	tokens    *tokenMetrics

	took     map[way]prometheus.Observer                        // durations, by the way in
	counters atomic.Pointer[map[requestKind]prometheus.Counter] // of requests, found before
	adding   sync.Mutex                                         // one change of counters at a time
}

func newMetrics(s *Server) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "egret_requests_total", Help: "Requests, by the way in, the status that was answered, and the code of a refusal (empty without one).",
		}, []string{"way", "status", "code"}),
		durations: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "egret_request_duration_seconds", Help: "Time from the head of a request to the head of its answer, by the way in.",
			Buckets: prometheus.ExponentialBuckets(0.0005, 4, 10),
		}, []string{"way"}),
		reloads: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "egret_config_reloads_total", Help: "Configurations read again, by result (applied, restart_needed or refused).",
		}, []string{"result"}),
		tokens: newTokenMetrics(s),
	}
	m.took = make(map[way]prometheus.Observer, len(ways))
	for _, w := range ways {
		m.took[w] = m.durations.WithLabelValues(string(w))
	}
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "egret_build_info", Help: "Always 1; the label has the version.", ConstLabels: prometheus.Labels{"version": s.options.Version},
	})
	build.Set(1)
	for direction, of := range map[string]func(traffic) int64{
		"received": func(t traffic) int64 { return t.received },
		"sent":     func(t traffic) int64 { return t.sent },
	} {
		m.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "egret_client_bytes_total", Help: "Bytes on the connections of clients, by direction (received or sent).",
			ConstLabels: prometheus.Labels{"direction": direction},
		}, func() float64 { return float64(of(s.traffic())) }))
	}
	m.registry.MustRegister(m.requests, m.durations, m.reloads, build, m.tokens,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// request counts one request that was answered. Without a status it broke off.
func (m *metrics) request(w way, status int, code functions.Code, took time.Duration) {
	m.counter(w, status, code).Inc()
	m.took[w].Observe(took.Seconds())
}

// counter gives the counter of a kind of request. Looking one up by its labels
// costs more than counting.
func (m *metrics) counter(w way, status int, code functions.Code) prometheus.Counter {
	key := requestKind{w, status, code}
	if known := m.counters.Load(); known != nil {
		if counter, ok := (*known)[key]; ok {
			return counter
		}
	}
	counter := m.requests.WithLabelValues(string(w), strconv.Itoa(status), string(code))
	m.adding.Lock()
	defer m.adding.Unlock()
	next := map[requestKind]prometheus.Counter{key: counter}
	if known := m.counters.Load(); known != nil {
		maps.Copy(next, *known)
	}
	m.counters.Store(&next)
	return counter
}

// A requestKind is the labels of a counter of requests.
type requestKind struct {
	way    way
	status int
	code   functions.Code
}
