package proxy

import (
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/tokens"
)

// tokenMetrics count the makings of values, and read the state of the token
// caches when they are asked.
type tokenMetrics struct {
	server    *Server
	measured  atomic.Pointer[map[configs.ID]string] // the names of the caches that have metrics of their own
	refreshes *prometheus.CounterVec
	late      *prometheus.CounterVec
	took      *prometheus.HistogramVec
	all       *prometheus.CounterVec
	allLate   prometheus.Counter
}

func newTokenMetrics(s *Server) *tokenMetrics {
	return &tokenMetrics{
		server:    s,
		refreshes: refreshesMetric.counters(),
		late:      lateMetric.counters(),
		took:      makingMetric.histograms(prometheus.ExponentialBuckets(0.00001, 4, 12)),
		all:       allRefreshesMetric.counters(),
		allLate:   allLateMetric.counter(),
	}
}

// attempt counts one making of a value.
func (m *tokenMetrics) attempt(a tokens.Attempt) {
	cache, result := otherSeries, "ok"
	if m.isMeasured(a.ID) {
		cache = a.Name
	}
	if a.Err != nil {
		result = "failed"
	}
	m.refreshes.WithLabelValues(cache, result).Inc()
	m.all.WithLabelValues(result).Inc()
	m.took.WithLabelValues(result).Observe(a.Took.Seconds())
	if a.Late {
		m.late.WithLabelValues(cache).Inc()
		m.allLate.Inc()
	}
}

func (m *tokenMetrics) isMeasured(id configs.ID) bool {
	measured := m.measured.Load()
	return measured != nil && (*measured)[id] != ""
}

// measure gives the caches of a configuration their metrics. Counters of caches
// that have none any more are dropped: names come and go, and a server runs for
// long.
func (m *tokenMetrics) measure(cfg *configs.Config) {
	warm := map[string]bool{}
	for i := range cfg.Functions {
		if f := &cfg.Functions[i]; f.Caching.Warm {
			warm[f.Cache] = true
		}
	}
	next := map[configs.ID]string{}
	for i := range cfg.Caches {
		if len(next) == maxSeries {
			break
		}
		if c := &cfg.Caches[i]; c.Credential || warm[c.Name] {
			next[c.ID] = c.Name
		}
	}
	before := m.measured.Swap(&next)
	if before == nil {
		return
	}
	for id, name := range *before {
		if next[id] != name {
			m.refreshes.DeletePartialMatch(prometheus.Labels{"cache": name})
			m.late.DeletePartialMatch(prometheus.Labels{"cache": name})
		}
	}
}

var (
	secondsLeft   = secondsLeftMetric.desc()
	tokenAge      = ageMetric.desc()
	tokenFailures = failuresMetric.desc()
	tokenCount    = tokensMetric.desc()
	leastLeft     = leastLeftMetric.desc()
)

// Describe gives the descriptions of all metrics.
func (m *tokenMetrics) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{secondsLeft, tokenAge, tokenFailures, tokenCount, leastLeft} {
		ch <- d
	}
	for _, c := range m.counters() {
		c.Describe(ch)
	}
}

func (m *tokenMetrics) counters() []prometheus.Collector {
	return []prometheus.Collector{m.refreshes, m.late, m.took, m.all, m.allLate}
}

// Collect gives the metrics of every token cache of the current configuration.
func (m *tokenMetrics) Collect(ch chan<- prometheus.Metric) {
	for _, c := range m.counters() {
		c.Collect(ch)
	}
	var all tokenState
	named := map[string]tokenState{} // several Functions may keep one cache warm
	states := map[string]int{"fresh": 0, "failing": 0, "missing": 0}
	now := time.Now()
	for status := range m.server.refresher.Statuses() {
		if status.Former || isIdle(&status, now) {
			continue // an older source of the same cache, or nobody needs a value
		}
		one, state := stateOf(&status, now)
		states[state]++
		all.add(one)
		name := otherSeries
		if m.isMeasured(status.ID) {
			name = status.Name
		}
		worst := named[name]
		worst.add(one)
		named[name] = worst
	}
	for name, worst := range named {
		worst.collect(ch, name)
	}
	for state, n := range states {
		ch <- prometheus.MustNewConstMetric(tokenCount, prometheus.GaugeValue, float64(n), state)
	}
	if all.caches > 0 {
		ch <- prometheus.MustNewConstMetric(leastLeft, prometheus.GaugeValue, all.left.Seconds())
	}
}
