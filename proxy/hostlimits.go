package proxy

import (
	lru "container/list"
	"sync"
	"time"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/functions"
)

// maxHosts is how many hosts without a request are counted for. Where an entry
// names every host below a suffix, a caller could otherwise fill the memory with
// them.
const maxHosts = 4096

// hostLimits count the requests to hosts that have limits. They outlive a reload.
type hostLimits struct {
	mu     sync.Mutex
	known  map[limitedHost]*lru.Element // of *hostLimit
	recent lru.List                     // the one used last is in front
}

// A limitedHost is a host that an entry limits. All of its ports count together.
// Other limits are another one, which begins anew.
type limitedHost struct {
	host  string
	entry configs.HostPattern
	quota configs.Quota
}

// maxLooks is how many hosts are looked at for one that can be forgotten. Those
// in use are found only once, so that more are forgotten than are added.
const maxLooks = 8

type hostLimit struct {
	host    limitedHost
	limiter *functions.Limiter
}

// enter takes room for a request to a host. When there is some, it gives who is
// to be told of the end.
func (h *hostLimits) enter(host limitedHost, now time.Time, who functions.Limited) (*functions.Limiter, *functions.Refusal) {
	h.mu.Lock()
	defer h.mu.Unlock()
	known, ok := h.known[host]
	if ok {
		h.recent.MoveToFront(known)
	} else {
		known = h.addLocked(host)
	}
	limiter := known.Value.(*hostLimit).limiter
	if refusal := limiter.Enter(now, who); refusal != nil {
		return nil, refusal
	}
	return limiter, nil
}

// addLocked begins to count for a host. The hosts that were not used for the
// longest time are forgotten; one to which a request is still under way is in use.
func (h *hostLimits) addLocked(host limitedHost) *lru.Element {
	for looks := 0; len(h.known) >= maxHosts && looks < maxLooks; looks++ {
		last := h.recent.Back()
		if old := last.Value.(*hostLimit); old.limiter.Inside() == 0 {
			h.recent.Remove(last)
			delete(h.known, old.host)
		} else {
			h.recent.MoveToFront(last)
		}
	}
	if h.known == nil {
		h.known = map[limitedHost]*lru.Element{}
	}
	added := h.recent.PushFront(&hostLimit{host, functions.NewLimiter(host.quota)})
	h.known[host] = added
	return added
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
