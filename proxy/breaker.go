package proxy

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/sony/gobreaker/v2"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/functions"
)

// A breaker is the circuit of one host and port: after so many requests of
// Functions that failed one after another, none is sent for a while, and then one
// is tried. It outlives a reload. Nil lets all requests pass.
type breaker struct {
	shown   string // the host, as people read it
	circuit configs.Circuit
	log     *slog.Logger
	gate    *gobreaker.TwoStepCircuitBreaker[struct{}]

	changes atomic.Uint64 // of the state
	shared  atomic.Pointer[permit]
	opening atomic.Pointer[opening] // the last one, nil before the first
}

// A permit is the permission to send a request, and how its outcome is told. While
// the circuit is closed all requests have the same one, which saves making it.
type permit struct {
	tell    func(outcome error)
	changes uint64 // when it was made
}

// An opening is when a circuit opened.
type opening struct {
	until  time.Time
	failed int // requests, one after another
}

// The outcomes of a request. That of a request that was answered is nil.
var (
	errFailed  = errors.New("the host has failed")
	errUnknown = errors.New("nothing is known of the host")
)

func newBreaker(shown string, c configs.Circuit, log *slog.Logger) *breaker {
	b := &breaker{shown: shown, circuit: c, log: log}
	b.gate = gobreaker.NewTwoStepCircuitBreaker[struct{}](gobreaker.Settings{
		Timeout:       c.Open,
		ReadyToTrip:   func(counts gobreaker.Counts) bool { return int(counts.ConsecutiveFailures) >= c.Failures },
		OnStateChange: func(_ string, from, to gobreaker.State) { b.changed(from, to) },
		IsExcluded:    func(outcome error) bool { return errors.Is(outcome, errUnknown) },
	})
	return b
}

// enter asks whether a request may be sent. Who may sends it, and tells the
// outcome.
func (b *breaker) enter() (tell func(outcome error), refusal *functions.Refusal) {
	if b == nil {
		return nil, nil
	}
	if p := b.shared.Load(); p != nil && p.changes == b.changes.Load() {
		return p.tell, nil
	}
	changes := b.changes.Load()
	tell, err := b.gate.Allow()
	if err != nil {
		return nil, b.refusal(time.Now())
	}
	if b.gate.State() == gobreaker.StateClosed && b.changes.Load() == changes {
		b.shared.Store(&permit{tell, changes})
	}
	return tell, nil
}

// changed notes a change of the state. It runs while the gate is locked.
func (b *breaker) changed(from, to gobreaker.State) {
	b.changes.Add(1)
	switch to {
	case gobreaker.StateOpen:
		failed := b.circuit.Failures
		if before := b.opening.Load(); before != nil && from == gobreaker.StateHalfOpen {
			failed = before.failed + 1
		}
		b.opening.Store(&opening{until: time.Now().Add(b.circuit.Open), failed: failed})
		if from == gobreaker.StateClosed {
			b.log.Warn("circuit opened", "host", b.shown, "failures", failed, "open", b.circuit.Open.String())
		}
	case gobreaker.StateClosed:
		b.log.Info("circuit closed", "host", b.shown)
	case gobreaker.StateHalfOpen:
	}
}

// refusal is that of a request that is not sent.
func (b *breaker) refusal(now time.Time) *functions.Refusal {
	last := b.opening.Load()
	refusal := functions.Refuse(functions.CircuitOpen, fmt.Sprintf("host %s is not asked for a while, because %d requests to it have failed one after another", b.shown, last.failed))
	refusal.RetryAfter = last.until.Sub(now)
	return refusal
}

// isOpen reports whether requests are kept from the host, but for one.
func (b *breaker) isOpen() bool { return b.gate.State() != gobreaker.StateClosed }

// failing are the codes of a host that is not there, or answers in no way that
// one could use.
var failing = map[functions.Code]bool{
	functions.UpstreamUnreachable: true, functions.UpstreamTLS: true,
	functions.UpstreamProtocol: true, functions.UpstreamTimeout: true,
}

// outcomeOf is what became of a request of a Function, as its circuit counts it.
// A caller who went away, or had less patience than the Function, says nothing of
// the host, and neither does a refusal of egret's own.
func outcomeOf(ctx context.Context, r *functions.Request, status int, err error) error {
	if err == nil {
		switch status {
		case 502, 503, 504:
			return errFailed
		case 0:
			return errUnknown // of a panic
		}
		return nil
	}
	refusal, ok := errors.AsType[*functions.Refusal](err)
	switch {
	case !ok || ctx.Err() != nil:
		return errUnknown
	case refusal.Code == functions.UpstreamTooLarge:
		return nil
	case refusal.Code == functions.UpstreamTimeout && r.Hurried && !time.Now().Before(r.Deadline):
		return errUnknown
	case failing[refusal.Code]:
		return errFailed
	}
	return errUnknown
}
