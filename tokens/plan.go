package tokens

import (
	"math/rand/v2"
	"time"

	"github.com/cenkalti/backoff/v5"

	"github.com/egret-proxy/egret/caches"
	"github.com/egret-proxy/egret/configs"
)

// The bounds of the waits between failed attempts, each ± half of itself.
const (
	firstRetry = 500 * time.Millisecond
	lastRetry  = 30 * time.Second
)

// leastRetry keeps a value that is about to die from being asked for in a loop.
const leastRetry = 100 * time.Millisecond

// A planKey tells one plan from another.
type planKey struct {
	id  configs.ID
	key string
}

// A plan is a source and where it stands. But for its key, it is guarded by the
// mutex of its Refresher.
type plan struct {
	planKey

	source   Source
	due      time.Time    // of the next attempt
	index    int          // in the queue; -1 while a worker has it, or it is removed
	removed  bool         // by Set
	tried    bool         // made, or failed, once
	last     caches.Entry // the last one made, without its data
	failures int          // since the last success
	err      error        // of the last attempt
	retries  *backoff.ExponentialBackOff
}

func newPlan(s Source, now time.Time) *plan {
	return &plan{
		planKey: planKey{s.ID, s.Key},
		source:  s,
		due:     now,
		index:   -1,
		retries: &backoff.ExponentialBackOff{
			InitialInterval:     firstRetry,
			MaxInterval:         lastRetry,
			Multiplier:          2,
			RandomizationFactor: 0.5,
		},
	}
}

// backingOff reports whether the last attempt failed and it is too early for
// the next one.
func (p *plan) backingOff(now time.Time) bool { return p.failures > 0 && now.Before(p.due) }

// succeeded makes the next attempt due after two thirds of e's life, minus up
// to 10 % so that values made together are not made again together.
func (p *plan) succeeded(e caches.Entry) {
	p.last = caches.Entry{Created: e.Created, Expires: e.Expires}
	p.tried, p.failures, p.err = true, 0, nil
	p.retries.Reset()
	after := float64(e.Life()) * 2 / 3 * (1 - rand.Float64()/10) //nolint:gosec // Jitter is no secret.
	p.due = e.Created.Add(time.Duration(after))
}

// failed makes the next attempt due after a wait that grows each time. While
// there is an old value, it takes at most half of what that can still be used,
// so that there always is another attempt before callers feel the outage.
func (p *plan) failed(err error, now time.Time) {
	p.tried, p.err = true, err
	p.failures++
	wait := p.retries.NextBackOff()
	if spare := p.last.Spare(now); spare > 0 {
		wait = min(wait, max(spare/2, leastRetry))
	}
	p.due = now.Add(wait)
}
