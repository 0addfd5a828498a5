package egress

import (
	"slices"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/functions"
)

// A Policy says which requests the forward proxy may pass on. It is immutable,
// and safe for concurrent use.
type Policy struct {
	egress configs.Egress
	caches []configs.Cache
}

// NewPolicy makes the policy of a configuration. It keeps both arguments, which
// must not change afterwards.
func NewPolicy(cfg configs.Egress, caches []configs.Cache) *Policy {
	return &Policy{egress: cfg, caches: caches}
}

// A ForwardRequest is what a Policy looks at.
type ForwardRequest struct {
	Host   string // canonical: lower case, no trailing dot, no brackets
	Port   uint16
	Method string // as sent; methods are case-sensitive
	Path   string // as sent, without the query; "" for CONNECT
	// MayName reports whether the client may name a cache. A nil MayName
	// permits none.
	MayName func(cache *configs.Cache) bool
}

// Forward says whether req may be passed on, and what its connection is
// granted; of the Grant it only decides Literal. The error is a
// [*functions.Refusal] with the code egress_denied.
//
// A rule that names the host decides for it, even against a cache. A cache
// opens its hosts only where no rule names them, and only to clients that may
// name it. For the rest the default decides.
func (p *Policy) Forward(req ForwardRequest) (Grant, error) {
	named, passed, literal := p.rules(req)
	switch {
	case passed:
		return Grant{Literal: literal}, nil
	case named:
		return Grant{}, outsideRule(req)
	}
	if opened, literal := p.cached(req); opened {
		return Grant{Literal: literal}, nil
	}
	if p.egress.Default == configs.Allow {
		return Grant{}, nil
	}
	return Grant{}, unnamed(req)
}

// rules reports whether any rule names the host, whether one of those lets the
// request pass, and whether one of the latter is a literal.
func (p *Policy) rules(req ForwardRequest) (named, passed, literal bool) {
	for i := range p.egress.Allow {
		rule := &p.egress.Allow[i]
		if !rule.Host.Match(req.Host, req.Port) {
			continue
		}
		named = true
		if permits(rule, req) {
			passed = true
			literal = literal || rule.Host.Literal()
		}
	}
	return named, passed, literal
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

// cached reports whether a cache that the client may name opens the host, and
// whether it is written there as a literal.
func (p *Policy) cached(req ForwardRequest) (opened, literal bool) {
	if req.MayName == nil {
		return false, false
	}
	for i := range p.caches {
		cache := &p.caches[i]
		for _, host := range cache.Hosts {
			if host.Match(req.Host, req.Port) && req.MayName(cache) {
				opened = true
				literal = literal || host.Literal()
			}
		}
	}
	return opened, literal
}

// outsideRule is the refusal of a request whose host a rule names, but not with
// this method and path. It does not repeat the path, which may hold a value.
func outsideRule(req ForwardRequest) *functions.Refusal {
	return &functions.Refusal{
		Code:   functions.EgressDenied,
		Detail: "an egress rule names " + authority(req.Host, req.Port) + ", but without this method and path",
		Remedy: remedy("allow", authority(req.Host, req.Port)),
	}
}

// unnamed is the refusal of a request whose host is named nowhere.
func unnamed(req ForwardRequest) *functions.Refusal {
	return &functions.Refusal{
		Code:   functions.EgressDenied,
		Detail: "no egress rule names " + authority(req.Host, req.Port),
		Remedy: remedy("allow", authority(req.Host, req.Port)),
	}
}
