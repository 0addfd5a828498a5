package proxy

import (
	"slices"

	"github.com/egret-proxy/egret/caches"
	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/proxy/egress"
)

// A retirement is the secret caches that reloads have removed, or given other
// hosts. It never changes, and is never empty: there is none then.
type retirement struct {
	caches []configs.Cache
	byID   map[configs.ID][]*configs.Cache
	policy *egress.Policy // finds them by the hosts that they name
}

func newRetirement(list []configs.Cache) *retirement {
	if len(list) == 0 {
		return nil
	}
	r := &retirement{
		caches: list, byID: make(map[configs.ID][]*configs.Cache, len(list)),
		policy: egress.NewPolicy(configs.Egress{}, list),
	}
	for i := range list {
		r.byID[list[i].ID] = append(r.byID[list[i].ID], &list[i])
	}
	return r
}

// withID lists those with an ID. One ID may have had several lists of hosts.
func (r *retirement) withID(id configs.ID) []*configs.Cache {
	if r == nil {
		return nil
	}
	return r.byID[id]
}

// retire remembers the secret caches that a reload removed, or gave another ID
// or other hosts: their values live on, and a host that has seen one may still
// send it back.
func (s *Server) retire(old []configs.Cache, next *caches.Index) {
	before, gone := s.retired.Load(), slices.Clone(s.retiredCaches())
	for i := range old {
		known := slices.ContainsFunc(before.withID(old[i].ID), func(c *configs.Cache) bool { return sameReach(c, &old[i]) })
		if old[i].Secret && !known && !goesOn(&old[i], next) {
			gone = append(gone, old[i])
		}
	}
	if len(gone) > len(s.retiredCaches()) {
		s.retired.Store(newRetirement(gone))
	}
}

// goesOn reports whether a configuration has a cache, at the same hosts.
func goesOn(cache *configs.Cache, in *caches.Index) bool {
	other, ok := in.ByID(cache.ID)
	return ok && sameReach(cache, other)
}

// retiredCaches lists them. Nobody may change the list.
func (s *Server) retiredCaches() []configs.Cache {
	if retired := s.retired.Load(); retired != nil {
		return retired.caches
	}
	return nil
}

// forgetRetired drops those of which no value is alive, and those that have come
// back.
func (s *Server) forgetRetired() {
	s.applying.Lock()
	defer s.applying.Unlock()
	index := s.current.Load().index
	alive := slices.DeleteFunc(slices.Clone(s.retiredCaches()), func(c configs.Cache) bool {
		return len(s.values.Live(c.ID, nil)) == 0 || goesOn(&c, index)
	})
	if len(alive) < len(s.retiredCaches()) {
		s.retired.Store(newRetirement(alive))
	}
}

// sameReach reports whether two caches are found by the same ID at the same
// hosts.
func sameReach(a, b *configs.Cache) bool {
	return a.ID == b.ID && b.Secret && slices.Equal(a.Hosts, b.Hosts)
}
