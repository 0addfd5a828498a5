package proxy

import (
	"slices"

	"github.com/egret-proxy/egret/caches"
	"github.com/egret-proxy/egret/configs"
)

// retire remembers the token caches that a reload removed, or gave another ID
// or other hosts: their values live on, and a host that has seen one may still
// send it back.
func (s *Server) retire(old []configs.Cache, next *caches.Index) {
	gone := slices.Clone(s.retiredCaches())
	for i := range old {
		if cache, ok := next.ByID(old[i].ID); old[i].Kind == configs.TokenCache && (!ok || !sameReach(&old[i], cache)) {
			gone = append(gone, old[i])
		}
	}
	s.retired.Store(&gone)
}

// retiredCaches lists them. Nobody may change the list.
func (s *Server) retiredCaches() []configs.Cache {
	if list := s.retired.Load(); list != nil {
		return *list
	}
	return nil
}

// forgetRetired drops those of which no value is alive.
func (s *Server) forgetRetired() {
	s.applying.Lock()
	defer s.applying.Unlock()
	alive := slices.DeleteFunc(slices.Clone(s.retiredCaches()), func(c configs.Cache) bool {
		return len(s.values.Live(c.ID, nil)) == 0
	})
	if len(alive) < len(s.retiredCaches()) {
		s.retired.Store(&alive)
	}
}

// sameReach reports whether two caches are found by the same ID at the same
// hosts.
func sameReach(a, b *configs.Cache) bool {
	return a.ID == b.ID && b.Kind == configs.TokenCache &&
		slices.EqualFunc(a.Hosts, b.Hosts, func(x, y configs.HostPattern) bool { return x.String() == y.String() })
}
