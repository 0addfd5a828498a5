package tokens

import (
	"context"
	"sync"
	"time"
)

// idle bounds how long the schedule sleeps. Timers stand still while the
// machine does; a value whose end the wall clock has reached meanwhile is found
// at the next look.
const idle = 30 * time.Second

// Run keeps the caches filled until ctx ends, and then waits for what it has
// started: making is cancelled then, also that of callers of Get. It returns nil,
// or an error when it is running already.
func (r *Refresher) Run(ctx context.Context) error {
	if !r.begin(ctx) {
		return errRunning
	}
	due := make(chan *plan)
	var workers sync.WaitGroup
	for range r.workers {
		workers.Go(func() {
			for p := range due {
				r.refresh(ctx, p)
			}
		})
	}
	r.schedule(ctx, due)
	close(due)
	workers.Wait()
	r.filler.Wait()
	r.end()
	return nil
}

func (r *Refresher) begin(ctx context.Context) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.running != nil {
		return false
	}
	r.running = ctx
	return true
}

func (r *Refresher) end() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.running = nil
}

// schedule hands out each plan when it is due, until ctx ends.
func (r *Refresher) schedule(ctx context.Context, due chan<- *plan) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		p, wait := r.next(time.Now())
		if p != nil {
			select {
			case due <- p:
			case <-ctx.Done():
				r.giveBack(p)
				return
			}
			continue
		}
		timer.Reset(wait)
		select {
		case <-timer.C:
			r.tidy(time.Now())
		case <-r.wake:
		case <-ctx.Done():
			return
		}
	}
}

// next takes the first plan out of the queue if it is due, or tells how long
// there is nothing to do.
func (r *Refresher) next(now time.Time) (*plan, time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.queue) == 0 {
		return nil, idle
	}
	if wait := r.queue[0].due.Sub(now); wait > 0 {
		return nil, min(wait, idle)
	}
	return r.queue.take(), 0
}

// tidy forgets dead values, and makes due what has lost its value before its
// time because the wall clock was set forward or the machine slept.
func (r *Refresher) tidy(now time.Time) {
	r.values.Sweep(now)
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, p := range r.order {
		if p.index >= 0 && p.failures == 0 && p.due.After(now) && !p.last.Usable(now) {
			p.due = now
			r.queue.put(p)
		}
	}
}

// giveBack puts a plan that was taken back into the queue, unless that has been
// done by whoever made its value meanwhile.
func (r *Refresher) giveBack(p *plan) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if p.index < 0 && !p.removed {
		r.queue.put(p)
		r.poke()
	}
}
