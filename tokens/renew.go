package tokens

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/egret-proxy/egret/caches"
	"github.com/egret-proxy/egret/configs"
)

// renewEvery is how often a value is made out of turn at most: who does not
// accept it may not accept the next one either.
const renewEvery = 30 * time.Second

// Renew makes the value of a cache anew out of turn, because used was not
// accepted, and reports whether there is another usable one now. If there is one
// already, or one is being made, that is it: however many have sent used, one
// new value is made.
//
// Nothing is made within 30 seconds of the last time that Renew did so, before
// the value has the MinAge of its [Source], when the new one would not be good
// at once, while it is too early to try again after a failure, and when there is
// no such source. The error is that of the making, or that of ctx when the
// caller gave up waiting.
func (r *Refresher) Renew(ctx context.Context, id configs.ID, key string, used caches.Entry) (bool, error) {
	r.mu.Lock()
	p := r.plans[planKey{id, key}]
	r.mu.Unlock()
	if p == nil {
		return r.hasOther(id, key, used), nil
	}
	f, name := r.boardAnew(ctx, p, used)
	if f == nil {
		return r.hasOther(id, key, used), nil
	}
	select {
	case <-f.landed:
	case <-ctx.Done():
		return false, fmt.Errorf("cannot wait for a value of cache=%q: %w", name, context.Cause(ctx))
	}
	if f.err != nil {
		return false, fmt.Errorf("cannot make a value of cache=%q anew: %w: %w", name, ErrUnavailable, f.err)
	}
	return r.hasOther(id, key, used), nil
}

// hasOther reports whether the usable value of a cache is another one than used.
func (r *Refresher) hasOther(id configs.ID, key string, used caches.Entry) bool {
	e, ok := r.values.Get(id, key)
	return ok && !bytes.Equal(e.Data, used.Data)
}

// boardAnew gives the flight to wait for, or nil when there is nothing to wait
// for: there is another value, or it may not be made now.
func (r *Refresher) boardAnew(ctx context.Context, p *plan, used caches.Entry) (*flight, string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := p.source
	if r.hasOther(s.ID, s.Key, used) {
		return nil, s.Name
	}
	if f := p.flight; f != nil {
		if f.landed == nil {
			f.landed = make(chan struct{})
		}
		return f, s.Name
	}
	now := r.now()
	if p.removed || ctx.Err() != nil || !p.mayRenew(now, time.Now()) {
		return nil, s.Name
	}
	p.rested = now + renewEvery
	f := r.departLocked(p)
	f.landed = make(chan struct{})
	go r.flyOnTheSpot(context.WithoutCancel(ctx), r.running, p, f, s)
	return f, s.Name
}

// mayRenew reports whether the value may be made out of turn. at is now on the
// clock of the Refresher.
func (p *plan) mayRenew(at time.Duration, now time.Time) bool {
	return at >= p.rested && p.early == 0 && !p.backingOff(at) &&
		(now.Sub(p.created) >= p.source.MinAge || p.last().Spent(now))
}
