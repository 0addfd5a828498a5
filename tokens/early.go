package tokens

import (
	"time"

	"github.com/egret-proxy/egret/caches"
)

// An EarlyError says that there is a value which is not good yet, because of its
// "nbf". It comes with [ErrUnavailable].
type EarlyError struct{ From time.Time }

func (e *EarlyError) Error() string {
	return "the value is not good before " + e.From.UTC().Format(time.RFC3339)
}

// ripens reports whether the last value is not good yet and another one would
// not be good sooner. When the wall clock was set back, it would.
func (p *plan) ripens(now time.Time) bool {
	e := p.last()
	return e.Early(now) && !e.Spent(now) && e.Wait(now) <= p.early
}

// currentLocked is the value of p that counts at now, without its data: while the
// last one is not good yet, that before it, if it can still be used.
func (r *Refresher) currentLocked(p *plan, now time.Time) caches.Entry {
	last := p.last()
	if last.Early(now) {
		if e, ok := r.values.Get(p.source.ID, p.source.Key); ok {
			return caches.Entry{Created: e.Created, Expires: e.Expires, NotBefore: e.NotBefore}
		}
	}
	return last
}
