package egress

import (
	"slices"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/functions"
)

// A Policy says which requests the forward proxy may pass on. It is immutable,
// and safe for concurrent use.
type Policy struct {
	egress   configs.Egress
	openings []opening // the caches that have hosts
	naming   naming    // which of them name a host
}

// NewPolicy makes the policy of a configuration. It keeps both arguments, which
// must not change afterwards.
func NewPolicy(cfg configs.Egress, caches []configs.Cache) *Policy {
	p := &Policy{egress: cfg}
	for i := range caches {
		if len(caches[i].Hosts) > 0 {
			p.openings = append(p.openings, opening{&caches[i], caches[i].Path + ".hosts"})
		}
	}
	p.naming = newNaming(p.openings)
	return p
}

// Naming lists the caches that name a host, in the order of the configuration.
func (p *Policy) Naming(host string, port uint16) []*configs.Cache {
	var list []*configs.Cache
	for _, i := range p.naming.of(host) {
		if o := &p.openings[i]; o.Names(host, port) {
			list = append(list, o.Cache)
		}
	}
	return list
}

// A ForwardRequest is what a Policy looks at.
type ForwardRequest struct {
	Host   string // canonical: lower case, no trailing dot, no brackets
	Port   uint16
	Secure bool   // by https
	Method string // as sent; methods are case-sensitive
	Path   string // as sent, without the query
	Client string // the name of who asks, "" for everyone
	// MayName reports whether the client may name a cache. A nil MayName
	// permits none.
	MayName func(cache *configs.Cache) bool
}

// Forward says whether req may be passed on: [Destination.Forward] of its host.
func (p *Policy) Forward(req ForwardRequest) (Grant, error) {
	return p.Destination(req.Host, req.Port).Forward(req)
}

// outsideRule is the refusal of a request whose host a rule names, but not with
// this method and path, or not by its scheme. It does not repeat the path, which
// may hold a value.
func outsideRule(req ForwardRequest, rules []*configs.Rule) *functions.Refusal {
	lack := ", but without this method and path"
	if !slices.ContainsFunc(rules, func(r *configs.Rule) bool { return isFor(r, req.Client) && permitsScheme(r, req.Secure) }) {
		lack = ", but not by " + scheme(req.Secure)
	}
	return &functions.Refusal{
		Code:   functions.EgressDenied,
		Detail: "an egress rule names " + authority(req.Host, req.Port) + lack,
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
