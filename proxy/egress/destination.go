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
	literals, others []*opening
}

// An opening is a cache that opens the hosts that it names.
type opening struct {
	*configs.Cache
	rule string // the line that names them
}

// Destination gives what the policy says about a host, as in [ForwardRequest].
func (p *Policy) Destination(host string, port uint16) *Destination {
	d := &Destination{allowed: p.egress.Default == configs.Allow}
	for i := range p.egress.Allow {
		if rule := &p.egress.Allow[i]; rule.Host.Match(host, port) {
			d.rules = append(d.rules, rule)
		}
	}
	for _, i := range p.naming.of(host) {
		named, literal := false, false
		for _, pattern := range p.openings[i].Hosts {
			if pattern.Match(host, port) {
				named, literal = true, literal || pattern.Literal()
			}
		}
		switch {
		case literal:
			d.literals = append(d.literals, &p.openings[i])
		case named:
			d.others = append(d.others, &p.openings[i])
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
	grant, _, err := d.Decide(req)
	return grant, err
}

// defaultRule is the line that decides where no other does.
const defaultRule = "egress.default"

// Decide is Forward, and names the line of the configuration that permits req:
// the first of those that do.
func (d *Destination) Decide(req ForwardRequest) (grant Grant, rule string, err error) {
	permitted := false
	permit := func(by string, literal bool) {
		if !permitted {
			rule = by
		}
		permitted, grant.Literal = true, grant.Literal || literal
	}
	if len(d.rules) > 0 {
		for _, r := range d.rules {
			if permits(r, req) {
				permit(r.Path, r.Host.Literal())
			}
		}
		if !permitted {
			return Grant{}, "", outsideRule(req).By(d.rules[0].Path)
		}
		return grant, rule, nil
	}
	open := opens(d.literals, req)
	grant.Literal = open != nil
	if open == nil {
		open = opens(d.others, req)
	}
	switch {
	case open != nil:
		return grant, open.rule, nil
	case d.allowed:
		return grant, defaultRule, nil
	default:
		return Grant{}, "", unnamed(req).By(defaultRule)
	}
}

// opens gives the first of the caches that the client may name, or nil. Mostly
// that is the first one.
func opens(caches []*opening, req ForwardRequest) *opening {
	for _, o := range caches {
		if req.MayName != nil && req.MayName(o.Cache) {
			return o
		}
	}
	return nil
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
