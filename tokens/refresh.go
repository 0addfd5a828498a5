package tokens

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/egret-proxy/egret/caches"
)

var (
	errUseless  = errors.New("what was made is expired already")
	errNeverOn  = errors.New("what was made expires before it is good")
	errPanicked = errors.New("making it panicked")
)

// attempt calls the source, settles and tells the result, and lands.
func (r *Refresher) attempt(ctx context.Context, p *plan, f *flight, s Source) {
	defer r.land(p)
	start := time.Now()
	f.entry, f.err = makeOnce(ctx, s, start)
	if f.err == nil {
		r.values.Put(s.ID, s.Key, f.entry)
	}
	took := time.Since(start)
	told := r.settle(ctx, p, f, took)
	r.observe(Attempt{ID: s.ID, Name: s.Name, Took: took, Late: told.late, Err: f.err})
	r.report(ctx, s.Name, told, f.err)
}

// makeOnce calls the source. A panic is an error; its value is not shown, since
// it may hold what was being made.
func makeOnce(ctx context.Context, s Source, start time.Time) (e caches.Entry, err error) {
	defer func() {
		if recover() != nil {
			e, err = caches.Entry{}, errPanicked
		}
	}()
	e, err = s.Make(ctx)
	if err != nil {
		return caches.Entry{}, err
	}
	switch e = bounded(e, s.TTL, start); {
	case e.Spent(time.Now()):
		return caches.Entry{}, errUseless
	case e.Spent(e.NotBefore):
		return caches.Entry{}, errNeverOn
	}
	return e, nil
}

// bounded gives e a life of at most ttl, if that is positive. A source that
// does not know when it made the value did so at start.
func bounded(e caches.Entry, ttl time.Duration, start time.Time) caches.Entry {
	if e.Created.IsZero() {
		e.Created = start
	}
	if ttl > 0 && e.Life() > ttl {
		e.Expires = e.Created.Add(ttl)
	}
	return e
}

// A settlement is what is to be told of an attempt.
type settlement struct {
	cutOff bool // by the end of Run: it says nothing about the source
	before int  // failures in a row before it
	next   time.Duration
	late   bool
}

// settle plans the next attempt.
func (r *Refresher) settle(ctx context.Context, p *plan, f *flight, took time.Duration) settlement {
	now := time.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	if f.err != nil && errors.Is(ctx.Err(), context.Canceled) {
		return settlement{cutOff: true}
	}
	told := settlement{before: p.failures(), late: !p.source.OnDemand && p.overdue(now.Add(max(0, f.entry.Wait(now))))}
	if p.listed && !p.tried && !p.source.OnDemand {
		r.untried--
	}
	at := r.at(now)
	if f.err == nil {
		if f.entry.Spare(now) < p.last().Spare(now) {
			r.shortenLocked()
		}
		wait, least := p.succeeded(f.entry)
		if p.rushed {
			p.rushed = false
			wait = least + r.rush.wait(at, wait-least, len(r.order))
		}
		// Counted from the making: it may be a while ago, on any clock.
		p.due = at + wait - now.Sub(f.entry.Created)
	} else {
		p.due = at + p.failed(f.err, now)
	}
	told.next = p.due - at
	r.changeLaneLocked(p, r.laneFor(took))
	r.putLocked(p)
	return told
}

// laneFor is the lane of a plan whose last making took so long.
func (r *Refresher) laneFor(took time.Duration) laneName {
	if took >= r.patience {
		return slow
	}
	return fast
}

// report logs how an attempt ended.
func (r *Refresher) report(ctx context.Context, name string, told settlement, err error) {
	cache, due := slog.String("cache", name), slog.Duration("next_in", told.next)
	switch {
	case told.cutOff:
	case err != nil:
		r.log.LogAttrs(ctx, slog.LevelWarn, "cannot refresh cache",
			cache, due, slog.Int("failures", told.before+1), slog.Any("error", err))
	case told.before > 0:
		r.log.LogAttrs(ctx, slog.LevelInfo, "cache is fresh again", cache, due, slog.Int("failures", told.before))
	default:
		r.log.LogAttrs(ctx, slog.LevelDebug, "cache refreshed", cache, due)
	}
}
