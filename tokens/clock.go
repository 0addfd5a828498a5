package tokens

import "time"

// A clock notices that the wall clock was set, or that the machine slept while
// the monotonic clock stood still.
type clock struct {
	start time.Time
	drift time.Duration // of the wall clock since start
	swept time.Time
}

// leastStep is the drift that matters. An hour of it comes in steps, or it is
// noticed step by step.
const leastStep = time.Second

func newClock(now time.Time) *clock { return &clock{start: now, swept: now} }

// stepped reports whether the wall clock has gone another way than the monotonic
// clock since the last time that it said so.
func (c *clock) stepped(now time.Time) bool {
	drift := now.Round(0).Sub(c.start.Round(0)) - now.Sub(c.start)
	if step := drift - c.drift; -leastStep < step && step < leastStep {
		return false
	}
	c.drift = drift
	return true
}

// look forgets dead values from time to time. After a step of the wall clock it
// makes due what has lost its value before its time.
func (r *Refresher) look(c *clock, now time.Time) {
	if now.Sub(c.swept) >= idle {
		c.swept = now
		r.values.Sweep(now)
	}
	if !c.stepped(now) {
		return
	}
	r.values.Sweep(now)
	r.mu.Lock()
	order := r.order
	r.shortenLocked()
	r.mu.Unlock()
	at := r.at(now)
	r.each(order, func(p *plan) bool {
		if p.queued() && p.trouble == nil && p.due > at && !p.ripens(now) && !r.currentLocked(p, now).Usable(now) {
			p.due = at
			r.putLocked(p)
			if !p.rushed {
				p.rushed = true
				r.rush.join(at)
			}
		}
		return true
	})
}
