package tokens

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/egret-proxy/egret/caches"
	"github.com/egret-proxy/egret/configs"
)

// ErrUnavailable says that a cache has no usable value and none can be made now.
var ErrUnavailable = errors.New("no usable value")

var errRunning = errors.New("cannot run the refresher: it is running")

// RefresherOptions tunes a [Refresher]. The zero value is good.
type RefresherOptions struct {
	Workers     int           // how many values Run makes at the same time, default 4
	MakeTimeout time.Duration // for one making, default 30s
	Log         *slog.Logger  // default: none
	Observe     func(Attempt) // called after each making, by several goroutines; default: none
}

const (
	defaultWorkers     = 4
	defaultMakeTimeout = 30 * time.Second
)

// An Attempt is one making of a value.
type Attempt struct {
	ID   configs.ID
	Name string // of the cache
	Took time.Duration
	Err  error // nil when there is a new value
}

// A Refresher keeps caches filled: it makes each value anew before it expires,
// so that a reader never waits and never gets an expired one. All caches share
// one schedule and a few workers; a cache costs no goroutine and no timer.
//
// Life is what the value has from its making to its end. It is made again after
// two thirds of it, minus up to 10 % jitter. When that fails, the old value
// serves while it lives, and the attempt is repeated with a growing wait.
type Refresher struct {
	values  *caches.Values
	filler  *caches.Filler
	workers int
	log     *slog.Logger
	observe func(Attempt)
	wake    chan struct{} // the front of queue has changed

	mu      sync.Mutex
	plans   map[planKey]*plan
	order   []*plan // as given to Set
	queue   queue
	running context.Context // of Run, or nil
}

// NewRefresher makes a Refresher that puts what it makes into values.
func NewRefresher(values *caches.Values, o RefresherOptions) *Refresher {
	r := &Refresher{
		values:  values,
		filler:  caches.NewFiller(cmp.Or(max(o.MakeTimeout, 0), defaultMakeTimeout)),
		workers: cmp.Or(max(o.Workers, 0), defaultWorkers),
		log:     cmp.Or(o.Log, slog.New(slog.DiscardHandler)),
		observe: o.Observe,
		wake:    make(chan struct{}, 1),
		plans:   map[planKey]*plan{},
	}
	if r.observe == nil {
		r.observe = func(Attempt) {}
	}
	return r
}

// Set replaces the schedule. A source whose ID and Key were there before keeps
// its value and its due time; of two with the same ID and Key the first one
// counts. A value of a source that is gone is not made again, but lives on for
// those who know its key. Set may be called before, during and after Run.
func (r *Refresher) Set(sources []Source) {
	now := time.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	old := r.plans
	r.plans, r.order, r.queue = make(map[planKey]*plan, len(sources)), nil, nil
	for _, s := range sources {
		k := planKey{s.ID, s.Key}
		if r.plans[k] != nil {
			continue
		}
		p := old[k]
		if p == nil {
			p = r.newPlanLocked(s, now)
			r.queue.put(p)
		} else if p.source = s; p.index >= 0 {
			p.index = -1
			r.queue.put(p)
		}
		delete(old, k)
		r.plans[k], r.order = p, append(r.order, p)
	}
	for _, p := range old {
		p.removed, p.index = true, -1
	}
	r.values.Sweep(now)
	r.poke()
}

// newPlanLocked plans a new source. It may have a value from an earlier time.
func (r *Refresher) newPlanLocked(s Source, now time.Time) *plan {
	p := newPlan(s, now)
	if e, ok := r.values.Get(s.ID, s.Key); ok {
		p.succeeded(e)
	}
	return p
}

// Get gives the usable value of a cache; key is that of its [Source]. Mostly it
// is there. If it is not, it is made on the spot, once for all who wait, and
// with Run or without it. The error wraps ErrUnavailable when there is no such
// source, when making failed, and while it is too early to try again; it is
// that of ctx when the caller gave up waiting.
func (r *Refresher) Get(ctx context.Context, id configs.ID, key string) (caches.Entry, error) {
	if e, ok := r.values.Get(id, key); ok {
		return e, nil
	}
	r.mu.Lock()
	p := r.plans[planKey{id, key}]
	r.mu.Unlock()
	if p == nil {
		return caches.Entry{}, fmt.Errorf("cannot get a value of cache id=%s: %w: nothing makes it", id, ErrUnavailable)
	}
	return r.fill(ctx, p, false)
}

// Tried reports whether every source has been tried once.
func (r *Refresher) Tried() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, p := range r.order {
		if !p.tried {
			return false
		}
	}
	return true
}

// Warm reports whether every source has a usable value.
func (r *Refresher) Warm() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, p := range r.order {
		if _, ok := r.values.Get(p.id, p.key); !ok {
			return false
		}
	}
	return true
}

// poke makes the schedule look at its front again.
func (r *Refresher) poke() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}
