package functions

import (
	"context"
	"time"
)

// perform asks the upstream within the Function's timeout. The answer is then the
// current one of p.
func (s *Set) perform(ctx context.Context, p *prepared) error {
	now := time.Now()
	p.request.Deadline = now.Add(p.function.config.Timeout)
	p.noteBegin(now)
	err := s.send(ctx, p)
	if err == nil {
		return nil
	}
	wait := &patience{Context: ctx, deadline: p.request.Deadline}
	defer wait.end()
	return asRefusal(wait, err)
}

// send reads the values, renders the request and sends it.
func (s *Set) send(ctx context.Context, p *prepared) error {
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
	p.request.Client, p.request.Trace = p.call.client(), p.call.Trace
	p.request.Hide = append(p.request.Hide, p.function.hidden...)
	p.request.Hide = append(p.request.Hide, p.parts...)
	p.carry()
	if err := s.options.Sender.Send(ctx, &p.request, &p.answered); err != nil {
		return err
	}
	p.current = &p.answered
	return nil
}
