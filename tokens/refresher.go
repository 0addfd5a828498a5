package tokens

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"slices"
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
	// Workers is how many values Run makes at the same time, by default as many
	// as there are processors: signing needs nothing else.
	Workers int
	// Patience is how long a making may keep a worker, default 250ms. What takes
	// longer, such as a service that does not answer, gets a worker of its own.
	// It is far above what signing takes on a busy machine: more workers would
	// not make that faster.
	Patience time.Duration
	// Slow is how many such makings there may be at the same time, default 256.
	// When there are more, those who are known to be slow wait for one another;
	// one that is not known yet keeps a worker until it ends.
	Slow        int
	MakeTimeout time.Duration // for one making, default 30s
	Log         *slog.Logger  // default: none
	Observe     func(Attempt) // called after each making, by several goroutines; default: none
}

const (
	defaultPatience    = 250 * time.Millisecond
	defaultSlow        = 256
	defaultMakeTimeout = 30 * time.Second
)

// An Attempt is one making of a value.
type Attempt struct {
	ID   configs.ID
	Name string // of the cache
	Took time.Duration
	Late bool  // the value before it ended while there was no other: told once for each value
	Err  error // nil when there is a new value
}

// A Refresher keeps caches filled: it makes each value anew before it expires,
// so that a reader never waits and never gets an expired one. All caches share
// one schedule and a few workers; a cache costs no goroutine and no timer.
//
// Life is what the value has from its making to its end. It is made again after
// two thirds of it, minus up to 10 % jitter; values that had to be made together
// with many others are made again one after the other, some of them earlier.
// Where a value is not good at once, the next one is made that much earlier, and
// the old one serves until it is good.
// When making fails, the old value serves while it lives, and the attempt is
// repeated with a growing wait.
type Refresher struct {
	values   *caches.Values
	timeout  time.Duration
	patience time.Duration
	log      *slog.Logger
	observe  func(Attempt)
	start    time.Time     // of its clock
	wake     chan struct{} // the front of a queue has changed
	setting  sync.Mutex    // one Set at a time

	mu       sync.Mutex
	plans    map[planKey]*plan // replaced by Set, never changed
	order    []*plan           // as given to Set; never changed either
	lanes    [lanes]lane
	untried  int // plans that have not been tried
	rush     rush
	running  context.Context // of Run, or nil
	flying   int             // flights
	grounded *sync.Cond      // flying has become 0

	weakest   caches.Entry // a lower bound of all values' ends, without data; zero when there is none
	shortened uint         // counts when there may be a weaker one
}

// NewRefresher makes a Refresher that puts what it makes into values.
func NewRefresher(values *caches.Values, o RefresherOptions) *Refresher {
	r := &Refresher{
		values:   values,
		timeout:  cmp.Or(max(o.MakeTimeout, 0), defaultMakeTimeout),
		patience: cmp.Or(max(o.Patience, 0), defaultPatience),
		log:      cmp.Or(o.Log, slog.New(slog.DiscardHandler)),
		observe:  o.Observe,
		start:    time.Now(),
		wake:     make(chan struct{}, 1),
		plans:    map[planKey]*plan{},
	}
	r.lanes[fast].most = cmp.Or(max(o.Workers, 0), runtime.GOMAXPROCS(0))
	r.lanes[slow].most = cmp.Or(max(o.Slow, 0), defaultSlow)
	r.grounded = sync.NewCond(&r.mu)
	if r.observe == nil {
		r.observe = func(Attempt) {}
	}
	return r
}

// Get gives the usable value of a cache; key is that of its [Source]. Mostly it
// is there. If it is not, it is made on the spot, once for all who wait, and
// with Run or without it. The error wraps ErrUnavailable when there is no such
// source, when making failed, while it is too early to try again, and, with an
// [EarlyError], while what was made is not good yet; it is that of ctx when the
// caller gave up waiting.
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
	return r.fill(ctx, p)
}

// at is t on the clock of the schedule, which nobody sets.
func (r *Refresher) at(t time.Time) time.Duration { return t.Sub(r.start) }

func (r *Refresher) now() time.Duration { return r.at(time.Now()) }

// poke makes the schedule look at its front again.
func (r *Refresher) poke() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// manyAtOnce is how many plans are looked at while the mutex is held: a reader
// waits for some ten microseconds.
const manyAtOnce = 512

// each calls f for each plan, with the mutex held, but not all the time. It ends
// when f says so.
func (r *Refresher) each(plans []*plan, f func(*plan) bool) {
	for some := range slices.Chunk(plans, manyAtOnce) {
		if !r.eachOf(some, f) {
			return
		}
	}
}

func (r *Refresher) eachOf(plans []*plan, f func(*plan) bool) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, p := range plans {
		if !f(p) {
			return false
		}
	}
	return true
}
