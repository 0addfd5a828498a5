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

// metrics are all that egret counts, as metrictable.go names it.
type metrics struct {
	registry  *prometheus.Registry
	requests  *prometheus.CounterVec
	durations *prometheus.HistogramVec
	reloads   *prometheus.CounterVec
	limited   *prometheus.CounterVec
	tokens    *tokenMetrics
	retries   *prometheus.CounterVec

	took     map[way]prometheus.Observer                        // durations, by the way in
	counters atomic.Pointer[map[requestKind]prometheus.Counter] // of requests, found before
	adding   sync.Mutex                                         // one change of counters at a time
}

func newMetrics(s *Server) *metrics {
	m := &metrics{
		registry:  prometheus.NewRegistry(),
		requests:  requestsMetric.counters(),
		durations: durationsMetric.histograms(prometheus.ExponentialBuckets(0.0005, 4, 10)),
		reloads:   reloadsMetric.counters(),
		limited:   limitedMetric.counters(),
		tokens:    newTokenMetrics(s),
		retries:   retriesMetric.counters(),
	}
	for _, why := range functions.AllAgain {
		m.retries.WithLabelValues(string(why))
	}
	m.took = make(map[way]prometheus.Observer, len(ways))
	for _, w := range ways {
		m.took[w] = m.durations.WithLabelValues(string(w))
	}
	for _, scope := range []functions.Scope{functions.OfClient, functions.OfFunction, functions.OfHost} {
		m.limited.WithLabelValues(string(scope))
	}
	m.registry.MustRegister(m.requests, m.durations, m.reloads, m.limited, m.tokens, m.retries, circuitMetrics{s},
		bytesMetric.counted(func() float64 { return float64(s.traffic().received) }, "received"),
		bytesMetric.counted(func() float64 { return float64(s.traffic().sent) }, "sent"),
		connectionsMetric.gauge(func() float64 { return float64(s.traffic().open) }),
		inFlightMetric.gauge(func() float64 { return float64(s.inFlight.Load()) }),
		appliedMetric.gauge(func() float64 { return float64(s.appliedAt.Load()) / 1e9 }),
		buildMetric.gauge(func() float64 { return 1 }, s.options.Version),
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

// again counts a request of a Function that is sent once more.
func (m *metrics) again(why functions.Again) { m.retries.WithLabelValues(string(why)).Inc() }

// limit counts a refusal that a limit of somebody has brought about.
func (m *metrics) limit(r *functions.Refusal) {
	if r.Scope != "" {
		m.limited.WithLabelValues(string(r.Scope)).Inc()
	}
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
