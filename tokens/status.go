package tokens

import (
	"time"

	"github.com/egret-proxy/egret/configs"
)

// A Status is how a cache is doing.
type Status struct {
	ID          configs.ID
	Name        string    // of the cache
	Created     time.Time // of the last value; zero if there was none
	Expires     time.Time // of the last value; zero if there was none
	NextRefresh time.Time // the next attempt
	Failures    int       // since the last success
}

// Status tells how each source is doing, in the order of Set.
func (r *Refresher) Status() []Status {
	r.mu.Lock()
	defer r.mu.Unlock()
	list := make([]Status, len(r.order))
	for i, p := range r.order {
		list[i] = Status{
			ID:          p.id,
			Name:        p.source.Name,
			Created:     p.last.Created,
			Expires:     p.last.Expires,
			NextRefresh: p.due,
			Failures:    p.failures,
		}
	}
	return list
}
