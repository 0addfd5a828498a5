package tokens

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/egret-proxy/egret/caches"
)

// A flight is one making of a value. Whoever needs the value meanwhile waits for
// it. A plan has one flight at a time, so it does for plans what singleflight
// does for keys; but it needs no key to be written, and no goroutine beside a
// worker's own.
type flight struct {
	landed chan struct{} // closed at the end; nil while nobody waits
	entry  caches.Entry
	err    error
}

// departLocked begins a flight. Nobody else begins one before it has landed.
func (r *Refresher) departLocked(p *plan) *flight {
	p.flight = &flight{}
	r.flying++
	return p.flight
}

// land ends a flight. Those who wait go on when all of it is over.
func (r *Refresher) land(p *plan) {
	if landed := r.end(p); landed != nil {
		close(landed)
	}
}

// end gives what those who wait for the flight wait for. A plan that a worker
// could not make because of it goes back into its queue.
func (r *Refresher) end(p *plan) (landed chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !p.queued() {
		r.putLocked(p)
	}
	landed, p.flight = p.flight.landed, nil
	if r.flying--; r.flying == 0 {
		r.grounded.Broadcast()
	}
	return landed
}

// refresh makes the value of a plan that is due, unless somebody does so. What
// goes wrong is settled and logged in there.
func (r *Refresher) refresh(ctx context.Context, p *plan) {
	r.mu.Lock()
	if p.removed || p.flight != nil || r.now() < p.due {
		r.mu.Unlock()
		return
	}
	f := r.departLocked(p)
	source := p.source
	r.mu.Unlock()
	r.fly(ctx, p, f, source)
}

// fill makes the value of p on the spot, or waits for whoever makes it. A caller
// whose ctx ends stops waiting; the making goes on for the others.
func (r *Refresher) fill(ctx context.Context, p *plan) (caches.Entry, error) {
	f, name := r.board(ctx, p)
	select {
	case <-f.landed:
	case <-ctx.Done():
		return caches.Entry{}, fmt.Errorf("cannot wait for a value of cache=%q: %w", name, context.Cause(ctx))
	}
	err := f.err
	if err == nil && f.entry.Early(time.Now()) {
		err = &EarlyError{From: f.entry.NotBefore}
	}
	if err != nil {
		return caches.Entry{}, fmt.Errorf("cannot get a value of cache=%q: %w: %w", name, ErrUnavailable, err)
	}
	return f.entry, nil
}

// board gives a flight to wait for: the one that there is, a new one, or one
// that has landed.
func (r *Refresher) board(ctx context.Context, p *plan) (f *flight, name string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := p.source
	// Another flight may have landed since the caller looked.
	if e, ok := r.values.Get(s.ID, s.Key); ok {
		return &flight{landed: gone, entry: e}, s.Name
	}
	switch f = p.flight; {
	case p.ripens(time.Now()):
		return &flight{landed: gone, err: &EarlyError{From: p.last().NotBefore}}, s.Name
	case f != nil:
		if f.landed == nil {
			f.landed = make(chan struct{})
		}
		return f, s.Name
	case ctx.Err() != nil:
		return &flight{}, s.Name
	case p.backingOff(r.now()):
		return &flight{landed: gone, err: fmt.Errorf("it is too early to try again: %w", p.trouble.err)}, s.Name
	}
	f = r.departLocked(p)
	f.landed = make(chan struct{})
	go r.flyOnTheSpot(context.WithoutCancel(ctx), r.running, p, f, s)
	return f, s.Name
}

// gone is the end of a flight that is not waited for.
var gone = func() chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}()

// flyOnTheSpot is fly for a caller of Get. It ends with Run too, if that is
// running.
func (r *Refresher) flyOnTheSpot(ctx, running context.Context, p *plan, f *flight, s Source) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if running != nil {
		defer context.AfterFunc(running, cancel)()
	}
	r.fly(ctx, p, f, s)
}

// fly makes the value and lands.
func (r *Refresher) fly(ctx context.Context, p *plan, f *flight, s Source) {
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(s.Timeout, r.timeout))
	defer cancel()
	r.attempt(ctx, p, f, s)
}
