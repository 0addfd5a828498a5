package functions

import (
	"slices"
	"strings"

	"github.com/egret-proxy/egret/configs"
)

// A Permission is something that a call was allowed, and the line of the
// configuration that allows it, as problems name it.
type Permission struct {
	What string `json:"what"`
	Rule string `json:"rule"`
}

// policy lists what allows a call, in the order in which it is asked. What the
// configuration fixes is not in it: callers do not know of it.
func (p *prepared) policy() []Permission {
	client, f := p.call.Client, p.function
	list := []Permission{}
	allow := func(what, rule string) {
		one := Permission{What: what, Rule: p.set.shown(rule)}
		if !slices.Contains(list, one) {
			list = append(list, one)
		}
	}
	if client != nil {
		allow("client "+client.Name+" may call Function "+f.Name(), lineOf(client.Path, "functions", client.Functions))
	}
	for _, cache := range p.named() {
		if client != nil {
			allow("client "+client.Name+" may name cache "+cache.Name, lineOf(client.Path, "caches", client.Caches))
		}
		allow("cache "+cache.Name+" may be sent to the host of Function "+f.Name(), reachRule(cache))
	}
	for _, r := range p.references {
		if !f.isFixed(r.place.pointer.Parameter()) {
			allow("cache "+r.cache.Name+" may stand in the "+r.place.surface.String(), surfaceRule(r.cache))
		}
	}
	for _, a := range f.allowances {
		if len(p.arguments.standing(a.Argument)) > 0 {
			allow(pointerTo(a.Argument)+" is limited to the values of cache "+a.cache.Name, a.Path)
		}
	}
	allow("Function "+f.Name()+" may call its own host", f.config.Path+".url")
	if f.literal {
		allow("the address is written out in the url", f.config.Path+".url")
	} else {
		allow("the address must be a public one, which is judged when it is dialled", "egress.allow_private")
	}
	return list
}

// named lists the caches whose IDs are among the arguments that a caller sends or
// leaves to a default, each once.
func (p *prepared) named() (list []*configs.Cache) {
	for i := range p.arguments.nodes {
		if cache := p.arguments.cache(i); cache != nil && !slices.Contains(list, cache) {
			list = append(list, cache)
		}
	}
	return list
}

// lineOf is the line that lists names, or the entry that says nothing and thereby
// permits all.
func lineOf(path, key string, names configs.Names) string {
	if names.All {
		return path
	}
	return path + "." + key
}

// reachRule is the line by which the value of a cache may be sent to a host: its
// hosts, or the entry of an output cache that names none.
func reachRule(cache *configs.Cache) string {
	if len(cache.Hosts) == 0 {
		return cache.Path
	}
	return cache.Path + ".hosts"
}

// surfaceRule is the line that says where the value of a cache may stand. An entry
// that does not say so has the surfaces of its kind.
func surfaceRule(cache *configs.Cache) string {
	usual := configs.Header
	if cache.Kind == configs.OutputCache {
		usual = configs.Header | configs.Query | configs.Body | configs.Path
	}
	if cache.Surfaces == usual {
		return cache.Path
	}
	return cache.Path + ".surfaces"
}

// slot is the digest that is the slot of a call in its output cache, in hex.
func (p *prepared) slot() string { return p.key[strings.LastIndexByte(p.key, '/')+1:] }
