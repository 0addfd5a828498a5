package proxy

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/functions"
)

// breakers are the circuits of all hosts to which Functions lead. They never
// change: the hosts are those of one configuration.
type breakers struct {
	known map[hostPort]*breaker
	shown map[hostPort]string // how people read the hosts
	list  []*breaker          // in the order of the Functions' names
}

// A hostPort is the host, in canonical form, and port of an upstream.
type hostPort struct {
	host string
	port uint16
}

// newBreakers makes the circuits of the Functions' hosts. Those of before go on
// where nothing has changed; before may be nil.
func (s *Server) newBreakers(cfg *configs.Config, set *functions.Set, before *runtime) breakers {
	b := breakers{known: map[hostPort]*breaker{}, shown: map[hostPort]string{}}
	var order []hostPort
	for _, a := range set.Addresses() {
		key := hostPort{a.Host, a.Port}
		name, seen := b.shown[key]
		if !seen {
			order = append(order, key)
		}
		if !seen || name != configuredHost { // what one Function hides, no other shows
			b.shown[key] = a.Shown
		}
	}
	for _, key := range order {
		c := configs.DefaultCircuit()
		if u := upstreamOf(cfg, key); u != nil {
			c = u.Circuit
		}
		if c.Off {
			continue
		}
		one := before.breakerOf(key)
		if one == nil || one.circuit != c || one.shown != b.shown[key] {
			one = newBreaker(b.shown[key], c, s.log)
		}
		b.known[key], b.list = one, append(b.list, one)
	}
	return b
}

// configuredHost is how a Function's host is shown that is configured text.
const configuredHost = "(configured)"

// upstreamOf gives the first entry that names a host, nil without one.
func upstreamOf(cfg *configs.Config, h hostPort) *configs.Upstream {
	for i := range cfg.Upstreams {
		if cfg.Upstreams[i].Host.Match(h.host, h.port) {
			return &cfg.Upstreams[i]
		}
	}
	return nil
}

// breakerOf gives the circuit of a host, nil without one.
func (rt *runtime) breakerOf(h hostPort) *breaker {
	if rt == nil {
		return nil
	}
	return rt.breakers.known[h]
}

// A circuitMetrics reads the circuits of the current configuration when it is
// asked.
type circuitMetrics struct{ server *Server }

var circuitOpen = circuitMetric.desc()

// Describe gives the description of the metric.
func (m circuitMetrics) Describe(ch chan<- *prometheus.Desc) { ch <- circuitOpen }

// Collect gives how many circuits are open, by the host as people read it.
func (m circuitMetrics) Collect(ch chan<- prometheus.Metric) {
	open := map[string]float64{}
	for _, b := range m.server.current.Load().breakers.list {
		host := b.shown
		if _, known := open[host]; !known && len(open) >= maxSeries {
			host = otherSeries
		}
		one := 0.0
		if b.isOpen() {
			one = 1
		}
		open[host] += one
	}
	for host, n := range open {
		ch <- prometheus.MustNewConstMetric(circuitOpen, prometheus.GaugeValue, n, host)
	}
}
