package functions

import (
	"context"
	"slices"
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
	p.remember()
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
	p.request.Hide = append(p.request.Hide, p.earlier...)
	return nil
}

// remember notes what the request hid when it was sent before: the upstream knows
// it now, and could echo it in the answer to the next attempt. Most often it is the
// same each time.
func (p *prepared) remember() {
	own := p.request.Hide[:len(p.request.Hide)-len(p.earlier)]
	before := p.earlier[max(0, len(p.earlier)-len(own)):]
	if !slices.EqualFunc(before, own, func(a, b Hidden) bool { return a.Value.Reveal() == b.Value.Reveal() }) {
		p.earlier = append(p.earlier, own...)
	}
}
