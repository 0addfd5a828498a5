package functions

import (
	"context"
	"sync"
	"time"
)

// patience is a context with a deadline that starts no timer before somebody
// waits for it. Almost every value is there already, and nobody does.
type patience struct {
	context.Context
	deadline time.Time

	begin  sync.Once
	timed  context.Context
	cancel context.CancelFunc
}

// Deadline is when the wait ends at the latest.
func (p *patience) Deadline() (time.Time, bool) {
	if before, ok := p.Context.Deadline(); ok && before.Before(p.deadline) {
		return before, true
	}
	return p.deadline, true
}

// Done starts the timer.
func (p *patience) Done() <-chan struct{} { return p.started().Done() }

// Err says whether, and why, the wait has ended.
func (p *patience) Err() error { return p.started().Err() }

func (p *patience) started() context.Context {
	p.begin.Do(func() { p.timed, p.cancel = context.WithDeadline(p.Context, p.deadline) })
	return p.timed
}

// end stops the timer, if there is one, and ends the wait.
func (p *patience) end() {
	p.begin.Do(func() { p.timed, p.cancel = ended, func() {} })
	p.cancel()
}

// ended is a context that has ended.
var ended = func() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}()

// budget is how long the call may take, with all that is waited for and sent
// again.
func (p *prepared) budget() time.Duration {
	if p.call.Timeout > 0 {
		return min(p.call.Timeout, p.function.config.Timeout)
	}
	return p.function.config.Timeout
}

// deadline is when the call ends at the latest.
func (p *prepared) deadline() time.Time { return p.begun.Add(p.budget()) }

// patient is ctx until the deadline of the call. It is to be ended.
func (p *prepared) patient(ctx context.Context) *patience {
	return &patience{Context: ctx, deadline: p.deadline()}
}
