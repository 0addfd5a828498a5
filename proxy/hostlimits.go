package proxy

import (
	"math"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/functions"
)

// maxHosts is how many hosts without a request are counted for. Where an entry
// names every host below a suffix, a caller could otherwise fill the memory with
// them.
const maxHosts = 4096

// hostLimits count the requests to hosts that have limits. They outlive a reload.
// The zero value is ready.
type hostLimits struct {
	mu    sync.Mutex
	known *simplelru.LRU[limitedHost, *functions.Limiter] // nil before the first
}

// A limitedHost is a host that an entry limits. All of its ports count together.
// Other limits are another one, which begins anew.
type limitedHost struct {
	host  string
	entry configs.HostPattern
	quota configs.Quota
}

// enter takes room for a request to a host. When there is some, it gives who is
// to be told of the end.
func (h *hostLimits) enter(host limitedHost, now time.Time, who functions.Limited) (*functions.Limiter, *functions.Refusal) {
	h.mu.Lock()
	defer h.mu.Unlock()
	limiter := h.limiterLocked(host)
	if refusal := limiter.Enter(now, who); refusal != nil {
		return nil, refusal
	}
	return limiter, nil
}

// limiterLocked gives the Limiter of a host, which is now the one used last.
func (h *hostLimits) limiterLocked(host limitedHost) *functions.Limiter {
	if h.known == nil {
		// It forgets nothing by itself. Its error is that of a size below one.
		h.known, _ = simplelru.NewLRU[limitedHost, *functions.Limiter](math.MaxInt, nil)
	}
	limiter, ok := h.known.Get(host)
	if !ok {
		h.forgetLocked()
		limiter = functions.NewLimiter(host.quota)
		h.known.Add(host, limiter)
	}
	return limiter
}

// maxLooks is how many hosts are looked at for one that can be forgotten. Those
// in use are found only once, so that more are forgotten than are added.
const maxLooks = 8

// forgetLocked makes room for one more host. Those that were not used for the
// longest time are forgotten; one to which a request is still under way is in use.
func (h *hostLimits) forgetLocked() {
	for looks := 0; h.known.Len() >= maxHosts && looks < maxLooks; looks++ {
		if host, limiter, _ := h.known.GetOldest(); limiter.Inside() == 0 {
			h.known.Remove(host)
		} else {
			h.known.Get(host)
		}
	}
}

// enterHost takes room for a request to a destination, which refusals call shown.
// The Limiter is nil where there is no limit.
func (rt *runtime) enterHost(to *destination, shown string) (*functions.Limiter, *functions.Refusal) {
	if to.upstream == nil || to.upstream.Limits == (configs.Quota{}) {
		return nil, nil
	}
	host := limitedHost{to.host, to.upstream.Host, to.upstream.Limits}
	return rt.server.hosts.enter(host, time.Now(), functions.Limited{Scope: functions.OfHost, Name: shown, Path: to.upstream.Path})
}
