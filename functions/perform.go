package functions

import (
	"context"
	"strconv"
	"time"
)

// perform asks the upstream within the time that the call has left. The answer is
// then the current one of p.
func (s *Set) perform(ctx context.Context, p *prepared) error {
	now := time.Now()
	limiter := s.limiter(p.function)
	if refusal := limiter.Enter(now, p.function.limited()); refusal != nil {
		return refusal
	}
	defer limiter.Leave()
	p.request.Deadline, p.request.Hurried = p.deadline(), p.budget() < p.function.config.Timeout
	p.noteBegin(now)
	err := s.attempt(ctx, p)
	if err == nil {
		p.current = &p.answered
		return nil
	}
	wait := p.patient(ctx)
	defer wait.end()
	return asRefusal(wait, err)
}

// render reads the values and renders the request with them.
func (s *Set) render(ctx context.Context, p *prepared) error {
	p.request.Carried, p.request.Hide, p.parts = p.request.Carried[:0], p.request.Hide[:0], p.parts[:0]
	if err := s.readValues(ctx, p); err != nil {
		return err
	}
	p.noteValues()
	arguments := (*live)(p)
	if err := p.renderTarget(arguments); err != nil {
		return err
	}
	if err := p.renderHeader(arguments); err != nil {
		return err
	}
	if err := p.renderBody(arguments); err != nil {
		return err
	}
	if len(p.parts) > maxHidden {
		return Refuse(UnsafeValue, "the request would carry more than "+strconv.Itoa(maxHidden)+" texts that callers may not see; point to one of them")
	}
	p.request.Client, p.request.Trace = p.call.client(), p.call.Trace
	p.request.Fills = p.function.secretly()
	p.request.Hide = append(p.request.Hide, p.function.hidden...)
	p.request.Hide = append(p.request.Hide, p.parts...)
	p.carry()
	return nil
}
