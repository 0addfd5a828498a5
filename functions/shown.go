package functions

import (
	"github.com/tidwall/gjson"

	"github.com/egret-proxy/egret/caches"
	"github.com/egret-proxy/egret/templates"
)

// shown are the arguments of a request that is explained and not sent: cache
// IDs stay, and what the configuration fixes is withheld.
type shown struct {
	document gjson.Result
	index    *caches.Index
	function *Function
}

// Lookup gives the argument at p, or what stands for it.
func (s *shown) Lookup(p templates.Pointer) templates.Value {
	if s.function.isFixed(p.Parameter()) {
		return templates.Value{JSON: text("(fixed)"), StandIn: true}
	}
	value, rest := descend(s.document, p.Tokens(), func(id string) bool {
		_, ok := s.index.Lookup(id)
		return ok
	})
	if value.Type == gjson.String {
		if cache, ok := s.index.Lookup(value.Str); ok {
			return templates.Value{JSON: text(cache.ID.String() + pointerTo(rest)), StandIn: true}
		}
	}
	return templates.Value{JSON: value}
}

// Shown is true: people read the result.
func (s *shown) Shown() bool { return true }
