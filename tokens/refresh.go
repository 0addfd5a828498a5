package tokens

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/egret-proxy/egret/caches"
)

var (
	errUseless  = errors.New("what was made is expired already")
	errPanicked = errors.New("making it panicked")
)

// refresh makes the value of a plan that is due. What goes wrong is settled and
// logged in there.
func (r *Refresher) refresh(ctx context.Context, p *plan) {
	defer r.giveBack(p)
	if r.due(p) {
		_, _ = r.fill(ctx, p, true)
	}
}

// fill gives the value of p. It makes it if there is none, or if ahead is set
// and it is due.
func (r *Refresher) fill(ctx context.Context, p *plan, ahead bool) (caches.Entry, error) {
	e, _, err := r.filler.Fill(ctx, p.id.String()+p.key, func(ctx context.Context) (caches.Entry, error) {
		// Another flight may have ended since the caller looked.
		if e, ok := r.values.Get(p.id, p.key); ok && !(ahead && r.due(p)) {
			return e, nil
		}
		return r.attempt(ctx, p)
	})
	switch {
	case err == nil:
		return e, nil
	case ctx.Err() != nil:
		return caches.Entry{}, fmt.Errorf("cannot wait for a value of cache=%q: %w", r.name(p), err)
	default:
		return caches.Entry{}, fmt.Errorf("cannot get a value of cache=%q: %w: %w", r.name(p), ErrUnavailable, err)
	}
}

func (r *Refresher) name(p *plan) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return p.source.Name
}

func (r *Refresher) due(p *plan) bool {
	now := time.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	return !p.removed && !now.Before(p.due)
}

// attempt makes the value of p once, unless it is too early after a failure.
func (r *Refresher) attempt(ctx context.Context, p *plan) (caches.Entry, error) {
	now := time.Now()
	r.mu.Lock()
	source, running, last := p.source, r.running, p.err
	waiting := p.backingOff(now)
	r.mu.Unlock()
	if waiting {
		return caches.Entry{}, fmt.Errorf("it is too early to try again: %w", last)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if running != nil {
		defer context.AfterFunc(running, cancel)()
	}
	return r.make(ctx, p, source)
}

// make calls the source and settles the result, also when the source panics:
// the panic goes on to the filler then.
func (r *Refresher) make(ctx context.Context, p *plan, s Source) (e caches.Entry, err error) {
	start := time.Now()
	err = errPanicked
	defer func() {
		if err == nil {
			r.values.Put(p.id, p.key, e)
		}
		r.settle(ctx, p, e, err)
		r.observe(Attempt{ID: p.id, Name: s.Name, Took: time.Since(start), Err: err})
	}()
	e, err = s.Make(ctx)
	if err != nil {
		return caches.Entry{}, err
	}
	if e = bounded(e, s.TTL, start); !e.Usable(time.Now()) {
		return caches.Entry{}, errUseless
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

// settle plans the next attempt. An attempt that Run's end has cut off says
// nothing about the source.
func (r *Refresher) settle(ctx context.Context, p *plan, e caches.Entry, err error) {
	if err != nil && errors.Is(ctx.Err(), context.Canceled) {
		return
	}
	now := time.Now()
	r.mu.Lock()
	before := p.failures
	if err == nil {
		p.succeeded(e)
	} else {
		p.failed(err, now)
	}
	if !p.removed {
		r.queue.put(p)
	}
	name, next := p.source.Name, p.due.Sub(now)
	r.mu.Unlock()
	r.poke()
	r.report(ctx, name, before, next, err)
}

// report logs how an attempt ended; before counts the failures before it.
func (r *Refresher) report(ctx context.Context, name string, before int, next time.Duration, err error) {
	cache, due := slog.String("cache", name), slog.Duration("next_in", next)
	switch {
	case err != nil:
		r.log.LogAttrs(ctx, slog.LevelWarn, "cannot refresh cache",
			cache, due, slog.Int("failures", before+1), slog.Any("error", err))
	case before > 0:
		r.log.LogAttrs(ctx, slog.LevelInfo, "cache is fresh again", cache, due, slog.Int("failures", before))
	default:
		r.log.LogAttrs(ctx, slog.LevelDebug, "cache refreshed", cache, due)
	}
}
