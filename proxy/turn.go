package proxy

import (
	"context"

	"github.com/egret-proxy/egret/functions"
)

// A turn is the permission to send one request of a Function to its host.
type turn struct {
	tell    func(outcome error) // nil without a circuit
	limiter *functions.Limiter
}

// enter asks the circuit of the host, and then its limits.
func (rt *runtime) enter(to *destination) (turn, error) {
	tell, refusal := to.breaker.enter()
	if refusal != nil {
		if to.upstream != nil {
			refusal.Rule = to.upstream.Path + ".circuit"
		}
		return turn{}, refusal
	}
	limiter, refusal := rt.enterHost(to, to.shown)
	if refusal != nil {
		if tell != nil {
			tell(errUnknown)
		}
		return turn{}, refusal
	}
	return turn{tell, limiter}, nil
}

// leave ends the turn, and tells the circuit what became of the request.
func (t turn) leave(ctx context.Context, r *functions.Request, status int, err error) {
	t.limiter.Leave()
	if t.tell != nil {
		t.tell(outcomeOf(ctx, r, status, err))
	}
}
