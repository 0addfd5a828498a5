package functions

import (
	"fmt"
	"slices"

	"github.com/tidwall/gjson"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/templates"
)

// A reference is a cache ID that a template would put somewhere.
type reference struct {
	cache *configs.Cache
	place *place
}

// checkNamed checks every cache that the caller's own arguments name: may this
// client name it, and may its value go to the Function's host at all. What the
// configuration fixes was checked when it was loaded.
func (p *prepared) checkNamed() error {
	p.arguments.recognise(p.set.index)
	for i := range p.arguments.nodes {
		if cache := p.arguments.cache(i); cache != nil {
			if refusal := p.function.mayName(cache, p.call.Client); refusal != nil {
				return refusal
			}
		}
	}
	return nil
}

func (f *Function) mayName(cache *configs.Cache, client *configs.Client) *Refusal {
	if client != nil && !client.Caches.Has(cache.Name) {
		return Refuse(CacheDenied, fmt.Sprintf("client %s may not name cache %s", client.Name, cache.Name)).By(client.Path + ".caches")
	}
	return f.mayReach(cache)
}

// mayReach reports whether the value of cache may be sent to the Function's
// host. An output cache without hosts may be named by every Function.
func (f *Function) mayReach(cache *configs.Cache) *Refusal {
	if !cache.IsBound() {
		return nil
	}
	if cache.Names(f.host, f.port) {
		return nil
	}
	return Refuse(CacheHostDenied, fmt.Sprintf("cache %s does not name the host %s of Function %s", cache.Name, f.config.URL.Authority(), f.config.Name)).By(cache.Path + ".hosts")
}

// refer lists the caches whose values the templates would put somewhere, and
// refuses where a cache does not permit the place.
func (p *prepared) refer() error {
	p.references = p.references[:0]
	for i := range p.function.places {
		place := &p.function.places[i]
		p.reach(place, p.function.sourceOf(place.pointer.Parameter(), &p.arguments))
	}
	for _, r := range p.references {
		if r.cache.Surfaces&r.place.surface == 0 {
			return Refuse(SurfaceDenied, fmt.Sprintf("cache %s may not stand in a request's %s, where Function %s puts %s", r.cache.Name, r.place.surface, p.function.Name(), r.place.pointer)).By(r.cache.Path + ".surfaces")
		}
		if refusal := p.function.mayReach(r.cache); refusal != nil {
			return refusal
		}
	}
	return nil
}

// reach finds the caches that a place leads to, through, or into: an ID on the way
// is pointed into, IDs inside the value at the end travel with it.
func (p *prepared) reach(place *place, d *document) {
	end, _ := d.descend(place.pointer.Tokens())
	if end < 0 {
		return
	}
	for n := end; n < d.nodes[end].next; n++ {
		if cache := d.cache(n); cache != nil {
			p.references = append(p.references, reference{cache: cache, place: place})
		}
	}
}

// pointed gives the value that tokens lead to.
func pointed(value gjson.Result, tokens []string) gjson.Result {
	for _, token := range tokens {
		value = templates.Child(value, token)
	}
	return value
}

// distinguish lists the caches of the references in carried, each once.
func (p *prepared) distinguish() {
	p.carried = p.carried[:0]
	for _, r := range p.references {
		if !slices.ContainsFunc(p.carried, func(c carried) bool { return c.cache == r.cache }) {
			p.carried = append(p.carried, carried{cache: r.cache})
		}
	}
}

// isPersonal reports whether a call depends on who calls: what the ID of an
// output cache stands for is each client's own.
func isPersonal(list []reference) bool {
	return slices.ContainsFunc(list, func(r reference) bool { return !r.cache.Credential })
}
