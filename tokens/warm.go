package tokens

import (
	"time"

	"github.com/egret-proxy/egret/caches"
)

// Tried reports whether every source but those OnDemand has been tried once.
func (r *Refresher) Tried() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.untried == 0
}

// Warm reports whether every source but those OnDemand has a usable value. It looks at all of them
// only when the weakest value that it saw the last time cannot be handed out any
// more: what takes the place of a value lives longer, mostly.
func (r *Refresher) Warm() bool {
	now := time.Now()
	r.mu.Lock()
	order, least, shortened := r.order, r.weakest, r.shortened
	cold := r.untried > 0
	r.mu.Unlock()
	switch {
	case cold:
		return false
	case len(order) == 0 || least.Usable(now):
		return true
	}
	warm := true
	r.each(order, func(p *plan) bool {
		if p.source.OnDemand {
			return true
		}
		e := r.currentLocked(p, now)
		if warm = e.Usable(now); warm && (!least.Usable(now) || e.Spare(now) < least.Spare(now)) {
			least = e
		}
		return warm
	})
	r.mu.Lock()
	defer r.mu.Unlock()
	if warm && r.shortened == shortened {
		r.weakest = least
	}
	return warm
}

// shortenLocked is for when there may be a weaker value than the weakest.
func (r *Refresher) shortenLocked() {
	r.shortened++
	r.weakest = caches.Entry{}
}
