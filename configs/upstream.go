package configs

import "time"

// The bounds and defaults of a [Circuit].
const (
	defaultFailures = 10
	defaultOpen     = 10 * time.Second
	maxFailures     = 10_000
)

var upstream = section[Upstream]{anUpstream, []field[Upstream]{
	{"host", true, func(d *decoder, n *node, u *Upstream) { u.Host, _ = d.host(n) }},
	{"limits", false, func(d *decoder, n *node, u *Upstream) { upstreamQuota.decode(d, n, &u.Limits) }},
	{"circuit", false, decodeCircuit},
	{"tls", false, decodeUpstreamTLS},
}}

var circuit = section[Circuit]{aCircuit, []field[Circuit]{
	{"failures", false, func(d *decoder, n *node, c *Circuit) {
		if v, ok := d.number(n, 1, maxFailures); ok {
			c.Failures = v
		}
	}},
	{"open", false, func(d *decoder, n *node, c *Circuit) {
		if v := d.duration(n, time.Second); v > 0 {
			c.Open = v
		}
	}},
}}

// DefaultCircuit is that of a host of which the file says nothing.
func DefaultCircuit() Circuit { return Circuit{Failures: defaultFailures, Open: defaultOpen} }

func decodeUpstreams(d *decoder, n *node, cfg *Config) {
	d.each(n, func(n *node) {
		u := Upstream{Path: n.path, Circuit: DefaultCircuit()}
		upstream.decode(d, n, &u)
		cfg.Upstreams = append(cfg.Upstreams, u)
	})
}

// decodeCircuit reads the mapping, or false for none.
func decodeCircuit(d *decoder, n *node, u *Upstream) {
	if n.kind == boolean {
		u.Circuit.Off = !d.flag(n)
		return
	}
	circuit.decode(d, n, &u.Circuit)
}
