package proxy

import (
	"github.com/egret-proxy/egret/caches"
	"github.com/egret-proxy/egret/configs"
)

// Withhold makes a text that a Function withholds from its callers one of the live
// values of its cache: no answer of the hosts that the cache names shows it, as long
// as it is stored.
func (s *Server) Withhold(cache *configs.Cache, key string, text caches.Entry) {
	s.values.Put(cache.ID, key, text)
}
