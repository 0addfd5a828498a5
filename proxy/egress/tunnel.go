package egress

import (
	"cmp"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/functions"
)

// A Tunnel is what becomes of a CONNECT that is permitted.
type Tunnel struct {
	// Intercept says that egret decrypts the tunnel, and that each request in it
	// is judged by itself. Nothing else passes.
	Intercept bool
	// OnlyTLS says of a tunnel that is not decrypted that nothing but TLS passes
	// through it.
	OnlyTLS bool
	// Grant is what the connection of a tunnel that is not decrypted is granted.
	// Nothing is ever put into what it carries, so plain text may go anywhere.
	Grant Grant
	// Rule is the line of the configuration that permits the tunnel.
	Rule string
}

// Connect says what becomes of a CONNECT to the destination. It looks at the
// Client of req and at what that may name; a CONNECT hides the scheme, the method
// and the path. The error is a [*functions.Refusal] with the code egress_denied.
//
// A tunnel to a host that a cache names, whoever may name it, is decrypted. So is
// one to a host that only rules open which CONNECT hides something from: those
// with methods or paths, or without https. Where egress.intercept is false nothing
// is decrypted, and such a host has no tunnels. A tunnel to any other host that
// the client may reach is passed on as it is.
func (d *Destination) Connect(req ForwardRequest) (Tunnel, error) {
	var first, whole *configs.Rule
	blind := Tunnel{OnlyTLS: true}
	for _, r := range d.rules {
		if !isFor(r, req.Client) {
			continue
		}
		first = cmp.Or(first, r)
		if len(r.Methods) == 0 && len(r.Paths) == 0 && permitsScheme(r, true) {
			whole = cmp.Or(whole, r)
			blind.OnlyTLS = blind.OnlyTLS && !permitsScheme(r, false)
			blind.Grant.Literal = blind.Grant.Literal || r.Host.Literal()
		}
	}
	switch {
	case first == nil:
		grant, rule, err := d.withoutRules(req)
		if err != nil {
			return Tunnel{}, err
		}
		blind = Tunnel{Grant: grant, Rule: rule}
	case whole != nil:
		blind.Rule = whole.Path
	case d.intercept:
		return Tunnel{Intercept: true, Rule: first.Path}, nil
	default:
		return Tunnel{}, hidden(req).By(first.Path)
	}
	if d.intercept && d.named() {
		return Tunnel{Intercept: true, Rule: blind.Rule}, nil
	}
	blind.Grant.Cleartext = true
	return blind, nil
}

// named reports whether a cache names the host, whoever may name the cache.
func (d *Destination) named() bool { return len(d.literals)+len(d.others) > 0 }

// hidden is the refusal of a tunnel in which egret could not see what the rules of
// its host ask for.
func hidden(req ForwardRequest) *functions.Refusal {
	return &functions.Refusal{
		Code:   functions.EgressDenied,
		Detail: "a tunnel hides what the egress rules of " + authority(req.Host, req.Port) + " ask for: methods, paths or http alone",
		Remedy: "egress: {intercept: true}",
	}
}
