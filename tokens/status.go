package tokens

import (
	"iter"
	"slices"
	"time"

	"github.com/egret-proxy/egret/caches"
	"github.com/egret-proxy/egret/configs"
)

// A Status is how a cache is doing.
type Status struct {
	ID          configs.ID
	Name        string    // of the cache
	Created     time.Time // of the current value, or else of the last; zero if there was none
	Expires     time.Time // of the same
	NotBefore   time.Time // when it begins to be good; zero for at once
	NextRefresh time.Time // the next attempt; of one OnDemand the earliest one
	Failures    int       // since the last success
	Former      bool      // it was not in the first list that Set was given
	OnDemand    bool      // as in the Source
}

// Usable reports whether the value may be handed out at now.
func (s *Status) Usable(now time.Time) bool {
	e := caches.Entry{Created: s.Created, Expires: s.Expires, NotBefore: s.NotBefore}
	return e.Usable(now)
}

// Status tells how each source is doing, in the order of Set.
func (r *Refresher) Status() []Status { return slices.Collect(r.Statuses()) }

// Statuses is Status one by one: with many sources it takes no memory, and
// keeps nobody waiting.
func (r *Refresher) Statuses() iter.Seq[Status] {
	return func(yield func(Status) bool) {
		r.mu.Lock()
		order := r.order
		r.mu.Unlock()
		some := make([]Status, 0, min(len(order), manyAtOnce))
		for plans := range slices.Chunk(order, manyAtOnce) {
			now := time.Now()
			some = some[:0]
			r.eachOf(plans, func(p *plan) bool {
				some = append(some, r.statusLocked(p, now))
				return true
			})
			for _, s := range some {
				if !yield(s) {
					return
				}
			}
		}
	}
}

func (r *Refresher) statusLocked(p *plan, now time.Time) Status {
	e := r.currentLocked(p, now)
	return Status{
		ID:          p.source.ID,
		Name:        p.source.Name,
		Created:     e.Created,
		Expires:     e.Expires,
		NotBefore:   e.NotBefore,
		NextRefresh: r.start.Add(p.due),
		Failures:    p.failures(),
		Former:      p.former,
		OnDemand:    p.source.OnDemand,
	}
}
