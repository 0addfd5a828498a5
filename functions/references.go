package functions

import (
	"fmt"
	"slices"

	"github.com/tidwall/gjson"

	"github.com/egret-proxy/egret/caches"
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
func (f *Function) checkNamed(index *caches.Index, sent arguments, client *configs.Client) error {
	var refusal *Refusal
	eachID(index, sent.root.Raw, func(cache *configs.Cache, _, _ int) {
		if refusal == nil {
			refusal = f.mayName(cache, client)
		}
	})
	if refusal != nil {
		return refusal
	}
	return nil
}

func (f *Function) mayName(cache *configs.Cache, client *configs.Client) *Refusal {
	if client != nil && !client.Caches.Has(cache.Name) {
		return Refuse(CacheDenied, fmt.Sprintf("client %s may not name cache %s", client.Name, cache.Name))
	}
	return f.mayReach(cache)
}

// mayReach reports whether the value of cache may be sent to the Function's
// host. An output cache without hosts may be named by every Function.
func (f *Function) mayReach(cache *configs.Cache) *Refusal {
	if cache.Kind == configs.OutputCache && len(cache.Hosts) == 0 {
		return nil
	}
	if cache.Names(f.host, f.port) {
		return nil
	}
	return Refuse(CacheHostDenied, fmt.Sprintf("cache %s does not name the host %s of Function %s", cache.Name, f.config.URL.Authority(), f.config.Name))
}

// references lists the caches whose values the templates would put somewhere,
// and refuses where a cache does not permit the place.
func (f *Function) references(index *caches.Index, document gjson.Result) ([]reference, error) {
	var list []reference
	for i := range f.places {
		place := &f.places[i]
		reach(index, document, place.tokens, func(cache *configs.Cache) {
			list = append(list, reference{cache: cache, place: place})
		})
	}
	for _, r := range list {
		if r.cache.Surfaces&r.place.surface == 0 {
			return nil, Refuse(SurfaceDenied, fmt.Sprintf("cache %s may not stand in a request's %s, where Function %s puts %s", r.cache.Name, r.place.surface, f.config.Name, r.place.pointer))
		}
		if refusal := f.mayReach(r.cache); refusal != nil {
			return nil, refusal
		}
	}
	return list, nil
}

// reach finds the caches that reference tokens lead to, through, or into: an ID on
// the way is pointed into, IDs inside the value at the end travel with it.
func reach(index *caches.Index, document gjson.Result, tokens []string, found func(*configs.Cache)) {
	end, _ := descend(document, tokens, func(text string) bool {
		_, ok := index.Lookup(text)
		return ok
	})
	eachID(index, end.Raw, func(cache *configs.Cache, _, _ int) { found(cache) })
}

// descend follows tokens until the end, or until a string for which stop says
// so. It gives the value it stands on and the tokens that are left.
func descend(value gjson.Result, tokens []string, stop func(text string) bool) (gjson.Result, []string) {
	for len(tokens) > 0 {
		if value.Type == gjson.String && stop(value.Str) {
			return value, tokens
		}
		value = templates.Child(value, tokens[0])
		tokens = tokens[1:]
	}
	return value, nil
}

// pointed gives the value that tokens lead to.
func pointed(value gjson.Result, tokens []string) gjson.Result {
	end, _ := descend(value, tokens, func(string) bool { return false })
	return end
}

// distinct lists the caches of references, each once.
func distinct(list []reference) []*configs.Cache {
	var caches []*configs.Cache
	for _, r := range list {
		if !slices.Contains(caches, r.cache) {
			caches = append(caches, r.cache)
		}
	}
	return caches
}

// isPersonal reports whether a call depends on who calls: what the ID of an
// output cache stands for is each client's own.
func isPersonal(list []reference) bool {
	return slices.ContainsFunc(list, func(r reference) bool { return r.cache.Kind == configs.OutputCache })
}
