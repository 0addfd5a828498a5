package proxy

import (
	"slices"

	"github.com/egret-proxy/egret/configs"
)

// A reach is which secret caches name a destination, in the configuration that
// has replaced that of the runtime and in those before it too: their values must
// not come back from it either.
type reach struct {
	newer   *runtime // nil while there is none
	retired *retirement
	secrets []*configs.Cache
}

// secretsOf lists the secret caches that name a destination: their values must
// not come back from it. Those that a reload has changed or removed are among
// them while a value of theirs may still be alive, and last those that one has
// added while an answer is still coming.
func (rt *runtime) secretsOf(to *destination) []*configs.Cache {
	newer, retired := rt.newer(), rt.server.retired.Load()
	if newer == nil && retired == nil {
		return to.secrets
	}
	if known := to.reach.Load(); known != nil && known.newer == newer && known.retired == retired {
		return known.secrets
	}
	next := &reach{newer: newer, retired: retired, secrets: slices.Clip(to.secrets)}
	if newer != nil {
		next.secrets = append(next.secrets, secretCaches(newer.policy, &to.target)...)
	}
	if retired != nil {
		next.secrets = append(next.secrets, secretCaches(retired.policy, &to.target)...)
	}
	to.reach.Store(next)
	return next.secrets
}

// reaches reports whether a cache with this ID is one that secretsOf lists.
func (rt *runtime) reaches(id configs.ID, to *destination) bool {
	if cache, ok := rt.index.ByID(id); ok && namesSecretly(cache, to) {
		return true
	}
	if newer := rt.newer(); newer != nil {
		if cache, ok := newer.index.ByID(id); ok && namesSecretly(cache, to) {
			return true
		}
	}
	return slices.ContainsFunc(rt.server.retired.Load().withID(id), func(c *configs.Cache) bool { return namesSecretly(c, to) })
}

// newer is the runtime that has replaced this one while an answer is still
// coming, or nil.
func (rt *runtime) newer() *runtime {
	if current := rt.server.current.Load(); current != rt {
		return current
	}
	return nil
}

// namesSecretly reports whether what a cache holds is a secret that to may see.
func namesSecretly(cache *configs.Cache, to *destination) bool {
	return cache.Secret && cache.Names(to.host, to.port)
}
