package egress

import (
	"cmp"
	"slices"

	"github.com/egret-proxy/egret/configs"
)

// A Destination is what a Policy says about one host and port, found once for
// many requests. It is immutable, and safe for concurrent use.
type Destination struct {
	rules     []*configs.Rule // that name the host, for whomever
	paths     bool            // of some of them
	allowed   bool            // the default is to allow
	intercept bool            // tunnels are decrypted
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
	d := &Destination{allowed: p.egress.Default == configs.Allow, intercept: p.egress.Intercept}
	for i := range p.egress.Allow {
		if rule := &p.egress.Allow[i]; rule.Host.Match(host, port) {
			d.rules, d.paths = append(d.rules, rule), d.paths || len(rule.Paths) > 0
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
func (d *Destination) HasPaths() bool { return d.paths }

// Forward says whether req, whose host is the destination, may be passed on, and
// what its connection is granted; of the Grant it only decides Literal. The
// error is a [*functions.Refusal] with the code egress_denied.
//
// A rule that names the host decides for it, even against a cache; one that is for
// other clients only is as if it were not there. A cache opens its hosts only
// where no rule names them, and only to clients that may name it. For the rest the
// default decides.
func (d *Destination) Forward(req ForwardRequest) (Grant, error) {
	grant, _, err := d.Decide(req)
	return grant, err
}

// Decide is Forward, and names the line of the configuration that permits req:
// the first of those that do.
func (d *Destination) Decide(req ForwardRequest) (grant Grant, rule string, err error) {
	var first, by *configs.Rule
	for _, r := range d.rules {
		if !isFor(r, req.Client) {
			continue
		}
		first = cmp.Or(first, r)
		if permits(r, req) {
			by = cmp.Or(by, r)
			grant.Literal = grant.Literal || r.Host.Literal()
		}
	}
	switch {
	case by != nil:
		return grant, by.Path, nil
	case first != nil:
		return Grant{}, "", outsideRule(req, d.rules).By(first.Path)
	default:
		return d.withoutRules(req)
	}
}

// defaultRule is the line that decides where no other does.
const defaultRule = "egress.default"

// withoutRules decides where no rule does.
func (d *Destination) withoutRules(req ForwardRequest) (grant Grant, rule string, err error) {
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

// isFor reports whether a rule is for a client.
func isFor(rule *configs.Rule, client string) bool {
	return len(rule.Clients) == 0 || slices.Contains(rule.Clients, client)
}

// permits reports whether a rule that names the host has the scheme, the method
// and the path.
func permits(rule *configs.Rule, req ForwardRequest) bool {
	if !permitsScheme(rule, req.Secure) || len(rule.Methods) > 0 && !slices.Contains(rule.Methods, req.Method) {
		return false
	}
	return len(rule.Paths) == 0 || slices.ContainsFunc(rule.Paths, func(p configs.PathPattern) bool {
		return p.Match(req.Path)
	})
}

func permitsScheme(rule *configs.Rule, secure bool) bool {
	return len(rule.Schemes) == 0 || slices.Contains(rule.Schemes, scheme(secure))
}

func scheme(secure bool) string {
	if secure {
		return "https"
	}
	return "http"
}
