package proxy

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/egret-proxy/egret/tokens"
)

// A tokenState is what is told of one token cache, or of several.
type tokenState struct {
	caches    int
	left, age time.Duration
	failures  int
}

// add takes what is worst of both.
func (s *tokenState) add(other tokenState) {
	if s.caches == 0 {
		*s = other
		return
	}
	s.caches += other.caches
	s.left, s.age, s.failures = min(s.left, other.left), max(s.age, other.age), max(s.failures, other.failures)
}

func (s *tokenState) collect(ch chan<- prometheus.Metric, cache string) {
	ch <- prometheus.MustNewConstMetric(secondsLeft, prometheus.GaugeValue, s.left.Seconds(), cache)
	ch <- prometheus.MustNewConstMetric(tokenAge, prometheus.GaugeValue, s.age.Seconds(), cache)
	ch <- prometheus.MustNewConstMetric(tokenFailures, prometheus.GaugeValue, float64(s.failures), cache)
}

// isIdle reports whether a cache without a value has nobody who asks for one.
func isIdle(s *tokens.Status, now time.Time) bool {
	return s.OnDemand && s.Failures == 0 && !s.Usable(now)
}

func stateOf(s *tokens.Status, now time.Time) (one tokenState, state string) {
	one = tokenState{caches: 1, failures: s.Failures}
	if !s.Created.IsZero() {
		one.left, one.age = max(0, s.Expires.Sub(now)), max(0, now.Sub(s.Created))
	}
	switch {
	case !s.Usable(now):
		return one, "missing"
	case s.Failures > 0:
		return one, "failing"
	default:
		return one, "fresh"
	}
}
