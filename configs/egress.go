package configs

import (
	"fmt"
	"net/netip"
	"strings"
)

var egress = section[Egress]{anEgress, []field[Egress]{
	{"default", false, func(d *decoder, n *node, e *Egress) {
		e.Default = Verdict(d.oneOf(n, "verdict", []string{string(Deny), string(Allow)}))
	}},
	{"allow", false, decodeRules},
	{"allow_private", false, func(d *decoder, n *node, e *Egress) {
		d.each(n, func(n *node) {
			if p, ok := d.prefix(n); ok {
				e.AllowPrivate = append(e.AllowPrivate, p)
			}
		})
	}},
	{"intercept", false, func(d *decoder, n *node, e *Egress) { e.Intercept = d.flag(n) }},
}}

var rule = section[Rule]{aRule, []field[Rule]{
	{"host", true, func(d *decoder, n *node, r *Rule) { r.Host, _ = d.host(n) }},
	{"schemes", false, func(d *decoder, n *node, r *Rule) {
		d.some(n, func(n *node) { r.Schemes = append(r.Schemes, d.oneOf(n, "scheme", schemes)) })
	}},
	{"methods", false, func(d *decoder, n *node, r *Rule) {
		d.some(n, func(n *node) { r.Methods = append(r.Methods, d.ruleMethod(n)) })
	}},
	{"paths", false, func(d *decoder, n *node, r *Rule) {
		d.some(n, func(n *node) { r.Paths = append(r.Paths, d.path(n)) })
	}},
	{"clients", false, func(d *decoder, n *node, r *Rule) {
		d.some(n, func(n *node) { r.Clients = append(r.Clients, d.ruleClient(n)) })
	}},
}}

// schemes are those that are forwarded.
var schemes = []string{"https", "http"}

func decodeRules(d *decoder, n *node, e *Egress) {
	d.each(n, func(n *node) {
		r := Rule{Path: n.path}
		if n.kind == mapping {
			rule.decode(d, n, &r)
		} else {
			r.Host, _ = d.host(n)
		}
		if !d.doubtful(n.path) {
			e.Allow = append(e.Allow, r)
		}
	})
}

// ruleMethod reads a method of a rule. CONNECT opens a tunnel, in which other
// methods are.
func (d *decoder) ruleMethod(n *node) string {
	if n.kind == text && n.text == "CONNECT" {
		d.problem(n, "CONNECT is no method of a rule", "a rule without methods and paths opens tunnels; of others each request inside is judged")
		return ""
	}
	return d.method(n)
}

// ruleClient reads the name of a client that a rule is for. It is looked up when
// all clients are known.
func (d *decoder) ruleClient(n *node) string {
	name := d.name(n)
	if name != "" {
		d.ruleClients = append(d.ruleClients, n)
	}
	return name
}

// host reads a host pattern.
func (d *decoder) host(n *node) (HostPattern, bool) {
	x, ok := d.setting(n)
	if !ok || x.unset {
		return HostPattern{}, false
	}
	p, err := ParseHostPattern(x.text())
	if err != nil {
		d.wrong(x, 0, err.Error(), "")
	}
	return p, err == nil
}

// path reads a path pattern.
func (d *decoder) path(n *node) PathPattern {
	s, ok := d.plain(n)
	if !ok {
		return PathPattern{}
	}
	p, err := ParsePathPattern(s)
	if err != nil {
		d.problem(n, err.Error(), "")
	}
	return p
}

// prefix reads a range of addresses, or one address.
func (d *decoder) prefix(n *node) (netip.Prefix, bool) {
	x, ok := d.setting(n)
	if !ok || x.unset {
		return netip.Prefix{}, false
	}
	p, err := parsePrefix(x.text())
	if err != nil {
		d.wrong(x, 0, err.Error(), "")
	}
	return p, err == nil
}

func parsePrefix(s string) (netip.Prefix, error) {
	if !strings.Contains(s, "/") {
		addr, err := netip.ParseAddr(s)
		if err != nil || addr.Zone() != "" {
			return netip.Prefix{}, fmt.Errorf("%q is no address, such as 10.1.2.3, and no range, such as 10.1.0.0/16", s)
		}
		addr = addr.Unmap()
		return netip.PrefixFrom(addr, addr.BitLen()), nil
	}
	p, err := netip.ParsePrefix(s)
	switch {
	case err != nil:
		return netip.Prefix{}, fmt.Errorf("%q is no range of addresses, such as 10.1.0.0/16", s)
	case p.Addr().Is4In6():
		return netip.Prefix{}, fmt.Errorf("%q is an IPv4 range inside IPv6, write it as IPv4", s)
	case p != p.Masked():
		return netip.Prefix{}, fmt.Errorf("%q does not begin its range, write %v", s, p.Masked())
	}
	return p, nil
}
