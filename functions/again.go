package functions

import (
	"errors"
	"slices"
	"time"
)

// An Again says why a request is sent once more.
type Again string

// The reasons.
const (
	AgainUnsent     Again = "unsent"     // nothing of it was sent
	AgainUnanswered Again = "unanswered" // it was sent, and no whole answer came
	AgainStatus     Again = "status"     // the answer asks for patience
	AgainRenewed    Again = "renewed"    // it was not accepted, and carries another credential now
)

// AllAgain are all reasons.
var AllAgain = []Again{AgainUnsent, AgainUnanswered, AgainStatus, AgainRenewed}

// idempotent are the methods that mean the same when a request is done twice:
// RFC 9110 section 9.2.2.
var idempotent = map[string]bool{"GET": true, "HEAD": true, "OPTIONS": true, "PUT": true, "DELETE": true}

// isRepeatable reports whether a request that an upstream may have done can be
// sent again.
func (f *Function) isRepeatable() bool { return idempotent[f.config.Method] || f.config.IdempotencyKey }

// again says why the request is to be sent once more after what Send gave, and
// how long the upstream wants to be left alone; "" when it is not to be.
func (p *prepared) again(err error) (why Again, rest time.Duration) {
	if err == nil {
		if !slices.Contains(p.function.config.Retry.Statuses, p.answered.Status) || !p.function.isRepeatable() {
			return "", 0
		}
		return AgainStatus, parseRetryAfter(p.answered.field("Retry-After"), time.Now())
	}
	refusal, _ := errors.AsType[*Refusal](err)
	switch {
	case refusal == nil:
		return "", 0
	case refusal.Loss == Unsent:
		return AgainUnsent, 0
	case refusal.Loss == Unanswered && p.function.isRepeatable():
		return AgainUnanswered, 0
	}
	return "", 0
}
