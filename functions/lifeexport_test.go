package functions

import (
	"time"

	"github.com/egret-proxy/egret/configs"
)

// LifeOf gives how long an answer is good, and how long it is kept, when its
// Function keeps answers like this.
func LifeOf(caching configs.Caching, ttl time.Duration, answer *Answer, now time.Time) (fresh, kept time.Duration, store bool) {
	f := &Function{config: &configs.Function{Caching: caching}, output: &configs.Cache{TTL: ttl}}
	l, store := f.life(answer, now)
	if !store {
		return 0, 0, false
	}
	return l.fresh.Sub(now), l.stale.Sub(now), true
}

// Shelves counts the Functions of which the slots are noted.
func Shelves(r *Results) int {
	r.shelves.mu.Lock()
	defer r.shelves.mu.Unlock()
	return len(r.shelves.slots)
}
