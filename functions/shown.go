package functions

import "github.com/egret-proxy/egret/templates"

// shown are the arguments of a request that is explained and not sent: cache
// IDs stay, and what the configuration fixes is withheld.
type shown prepared

// Lookup gives the argument at p, or what stands for it.
func (s *shown) Lookup(p templates.Pointer) templates.Value {
	if s.function.isFixed(p.Parameter()) {
		return templates.Value{JSON: text("(fixed)"), StandIn: true}
	}
	at, rest := s.arguments.descend(p.Tokens())
	if cache := s.arguments.cache(at); cache != nil {
		return templates.Value{JSON: text(cache.ID.String() + pointerTo(rest)), StandIn: true}
	}
	return templates.Value{JSON: s.arguments.result(at)}
}

// Shown is true: people read the result.
func (s *shown) Shown() bool { return true }
