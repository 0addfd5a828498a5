package tokens

import (
	"context"
	"runtime"
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
	var workers sync.WaitGroup
	r.schedule(ctx, &workers)
	workers.Wait()
	r.stop()
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

func (r *Refresher) stop() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for r.flying > 0 {
		r.grounded.Wait()
	}
	r.running = nil
}

// schedule starts a worker for each plan that is due, as far as the lanes have
// room, until ctx ends.
func (r *Refresher) schedule(ctx context.Context, workers *sync.WaitGroup) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	clock := newClock(time.Now())
	for ctx.Err() == nil {
		t, wait := r.next()
		if t != nil {
			workers.Go(func() { r.work(ctx, t) })
			continue
		}
		timer.Reset(wait)
		select {
		case <-timer.C:
		case <-r.wake:
		case <-ctx.Done():
		}
		r.look(clock, time.Now())
	}
}

func (r *Refresher) next() (*task, time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.nextLocked(r.now())
}

// work does one task after the other while there are some. Between two of them
// others get the processor first: a request that came meanwhile does not wait
// until nothing is due.
func (r *Refresher) work(ctx context.Context, t *task) {
	for t != nil {
		r.refresh(ctx, t.plan)
		t = r.finish(t, ctx.Err() == nil)
		runtime.Gosched()
	}
}
