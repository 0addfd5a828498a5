package functions

import (
	"context"
	"net/http"
	"time"

	"github.com/cenkalti/backoff/v5"

	"github.com/egret-proxy/egret/configs"
)

// attempt sends the request of p, and again as far as the Function's retry, the
// meaning of the method and the budget permit it. Each time the values are read
// and the request is rendered anew. The last answer, or the last refusal, is that
// of the call.
func (s *Set) attempt(ctx context.Context, p *prepared) error {
	var waits *backoff.ExponentialBackOff
	renewed := false
	for made := 1; ; {
		if err := s.render(ctx, p); err != nil {
			return err
		}
		p.noteAttempt()
		if len(p.carried) > 0 || made > 1 { // which may have taken a while
			p.request.Hurried = p.request.Hurried || time.Until(p.request.Deadline) < p.function.config.Timeout/2
		}
		err := s.options.Sender.Send(ctx, &p.request, &p.answered)
		p.noteAnswered()
		if err == nil && p.answered.Status == http.StatusUnauthorized && !renewed && s.renew(ctx, p) {
			renewed, p.request.Again = true, AgainRenewed
			continue // a 401 did nothing, whatever the method
		}
		if made >= p.function.config.Retry.Attempts {
			return err
		}
		why, rest := p.again(err)
		if why == "" || ctx.Err() != nil {
			return err
		}
		if waits == nil {
			waits = newWaits(&p.function.config.Retry)
		}
		wait := max(waits.NextBackOff(), rest)
		if wait >= time.Until(p.request.Deadline) {
			return err
		}
		if gone := s.pause(ctx, p, wait); gone != nil {
			return gone
		}
		made++
		p.request.Again = why
	}
}

// newWaits gives the waits between attempts, with full jitter: the first is up to
// Wait, each bound is twice the one before, and none is above MaxWait. The
// library varies an interval by a part of itself to both sides, so all of one
// half as long to both sides is that.
func newWaits(r *configs.Retry) *backoff.ExponentialBackOff {
	waits := &backoff.ExponentialBackOff{
		InitialInterval: r.Wait / 2, MaxInterval: r.MaxWait / 2,
		Multiplier: 2, RandomizationFactor: 1,
	}
	waits.Reset()
	return waits
}

// pause waits before another attempt. It ends with ctx, and when egret gives up
// what is in flight; its error is the reason.
func (s *Set) pause(ctx context.Context, p *prepared, wait time.Duration) error {
	began := time.Now()
	defer func() { p.noteWait(time.Since(began)) }()
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-s.options.Stopped:
		return Refuse(Draining, "egret is stopping")
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// renew has the credentials made anew that the upstream did not accept, and
// reports whether there is another one to send.
func (s *Set) renew(ctx context.Context, p *prepared) (another bool) {
	wait := p.patient(ctx)
	defer wait.end()
	for i := range p.carried {
		c := &p.carried[i]
		if !c.cache.Credential {
			continue
		}
		// A credential that cannot be made leaves the answer as it is. Who makes
		// it has told the operator.
		if renewed, err := s.options.Tokens.Renew(wait, c.cache, c.entry); renewed && err == nil {
			another = true
		}
	}
	return another && time.Until(p.request.Deadline) > 0
}
