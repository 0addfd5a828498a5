package egress

import (
	"slices"

	"github.com/egret-proxy/egret/configs"
)

// A Destination is what a Policy says about one host and port, found once for
// many requests. It is immutable, and safe for concurrent use.
type Destination struct {
	rules   []*configs.Rule // that name the host
	allowed bool            // the default is to allow
	// The caches that name the host: those where it is written as a literal,
	// and the others. There may be very many.
	literals, others []*configs.Cache
}

// Destination gives what the policy says about a host, as in [ForwardRequest].
func (p *Policy) Destination(host string, port uint16) *Destination {
	d := &Destination{allowed: p.egress.Default == configs.Allow}
	for i := range p.egress.Allow {
		if rule := &p.egress.Allow[i]; rule.Host.Match(host, port) {
			d.rules = append(d.rules, rule)
		}
	}
	for i := range p.caches {
		named, literal := false, false
		for _, pattern := range p.caches[i].Hosts {
			if pattern.Match(host, port) {
				named, literal = true, literal || pattern.Literal()
			}
		}
		switch {
		case literal:
			d.literals = append(d.literals, &p.caches[i])
		case named:
			d.others = append(d.others, &p.caches[i])
		}
	}
	return d
}

// HasPaths reports whether a path decides about anything: else it need not be
// told.
func (d *Destination) HasPaths() bool {
	return slices.ContainsFunc(d.rules, func(rule *configs.Rule) bool { return len(rule.Paths) > 0 })
}

// Forward says whether req, whose host is the destination, may be passed on, and
// what its connection is granted; of the Grant it only decides Literal. The
// error is a [*functions.Refusal] with the code egress_denied.
//
// A rule that names the host decides for it, even against a cache. A cache
// opens its hosts only where no rule names them, and only to clients that may
// name it. For the rest the default decides.
func (d *Destination) Forward(req ForwardRequest) (Grant, error) {
	if len(d.rules) > 0 {
		passed, literal := false, false
		for _, rule := range d.rules {
			if permits(rule, req) {
				passed, literal = true, literal || rule.Host.Literal()
			}
		}
		if !passed {
			return Grant{}, outsideRule(req)
		}
		return Grant{Literal: literal}, nil
	}
	literal := opens(d.literals, req)
	if literal || d.allowed || opens(d.others, req) {
		return Grant{Literal: literal}, nil
	}
	return Grant{}, unnamed(req)
}

// opens reports whether the client may name one of the caches. Mostly it is the
// first one that is looked at.
func opens(caches []*configs.Cache, req ForwardRequest) bool {
	return req.MayName != nil && slices.ContainsFunc(caches, req.MayName)
}

// permits reports whether a rule that names the host has the method and path.
// A CONNECT hides both, so it passes only a rule that has neither; the requests
// inside an intercepted tunnel are judged one by one.
func permits(rule *configs.Rule, req ForwardRequest) bool {
	if req.Method == "CONNECT" {
		return len(rule.Methods) == 0 && len(rule.Paths) == 0
	}
	if len(rule.Methods) > 0 && !slices.Contains(rule.Methods, req.Method) {
		return false
	}
	return len(rule.Paths) == 0 || slices.ContainsFunc(rule.Paths, func(p configs.PathPattern) bool {
		return p.Match(req.Path)
	})
}
