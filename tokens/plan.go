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

// nowhere is the place of a plan that is in no queue: a worker has it, it is
// removed, or it is new.
const nowhere = -1

// A planKey tells one plan from another.
type planKey struct {
	id  configs.ID
	key string
}

// A plan is a source and where it stands. There may be very many, so it is kept
// small. But for ID and Key of the source, which never change, it is guarded by
// the mutex of its Refresher.
type plan struct {
	source  Source
	due     time.Duration // of the next attempt, on the clock of the Refresher
	created time.Time     // of the last value; zero if there was none
	expires time.Time
	early   time.Duration // from created on, in which it is not good yet
	rested  time.Duration // from here on it may be made out of turn, on the clock of the Refresher
	trouble *trouble      // since the last success; nil without any
	flight  *flight       // that makes the value now, or nil
	at      int32         // place in the queue of its lane, or nowhere
	lane    laneName
	flags
}

type flags struct {
	listed  bool // by Set, which has counted it
	former  bool // it belongs to a configuration that is on its way out
	removed bool // by Set
	tried   bool // made, or failed, once
	rushed  bool // it is in the rush
	late    bool // its value died before there was another, and that was told
}

// A trouble is what is remembered of attempts that failed in a row.
type trouble struct {
	failures int
	err      error // of the last one
	retries  backoff.ExponentialBackOff
}

func newPlan(s Source, due time.Duration) *plan {
	return &plan{source: s, due: due, at: nowhere}
}

func (p *plan) key() planKey { return planKey{p.source.ID, p.source.Key} }

func (p *plan) queued() bool { return p.at != nowhere }

// last is the last value, without its data. While it is not good yet, another
// one may be current: see currentLocked.
func (p *plan) last() caches.Entry {
	e := caches.Entry{Created: p.created, Expires: p.expires}
	if p.early > 0 {
		e.NotBefore = p.created.Add(p.early)
	}
	return e
}

func (p *plan) failures() int {
	if p.trouble == nil {
		return 0
	}
	return p.trouble.failures
}

// backingOff reports whether the last attempt failed and it is too early for
// the next one.
func (p *plan) backingOff(now time.Duration) bool { return p.trouble != nil && now < p.due }

// overdue reports whether there was a value that cannot be handed out any more
// at a time when there is no other. It says so once for each value.
func (p *plan) overdue(at time.Time) bool {
	if p.late || p.created.IsZero() || !p.last().Spent(at) {
		return false
	}
	p.late = true
	return true
}

// succeeded notes the value e, and gives the wait from its making until the next
// attempt: two thirds of its life, minus up to 10 % so that values made together
// are not made again together, and minus the time in which the next one is not
// good yet. Where that leaves little or nothing, it is a third of the time in
// which e can be used, but so much that few values wait to be good at once.
// least is the part of the wait that cannot be shortened.
func (p *plan) succeeded(e caches.Entry) (wait, least time.Duration) {
	p.created, p.expires, p.early = e.Created, e.Expires, max(0, e.Wait(e.Created))
	p.tried, p.late, p.trouble = true, false, nil
	wait = time.Duration(float64(e.Life()) * 2 / 3 * (1 - rand.Float64()/10)) //nolint:gosec // Jitter is no secret.
	use := max(0, e.Spare(e.Created)-p.early)
	wait = max(wait-p.early, use/3, e.Life()/100)
	least = min(p.source.MinAge, use)
	return max(wait, least), least
}

// failed gives the wait until the next attempt, which grows each time. While
// there is an old value, it takes at most half of what that can still be used,
// so that there always is another attempt before callers feel the outage.
func (p *plan) failed(err error, now time.Time) time.Duration {
	p.tried = true
	if p.trouble == nil {
		p.trouble = &trouble{retries: backoff.ExponentialBackOff{
			InitialInterval:     firstRetry,
			MaxInterval:         lastRetry,
			Multiplier:          2,
			RandomizationFactor: 0.5,
		}}
		p.trouble.retries.Reset()
	}
	p.trouble.failures++
	p.trouble.err = err
	wait := p.trouble.retries.NextBackOff()
	if spare := p.last().Spare(now) - p.early; spare > 0 { // a new one is early, too
		wait = min(wait, max(spare/2, leastRetry))
	}
	return wait
}
