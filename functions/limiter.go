package functions

import (
	"fmt"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"github.com/egret-proxy/egret/configs"
)

// A Limiter keeps requests within a quota. Nobody waits for room: who comes when
// there is none is refused. Nil is no bound. It is safe for concurrent use.
type Limiter struct {
	quota  configs.Quota
	inside atomic.Int64
	rate   *rate.Limiter // nil without a rate
}

// NewLimiter makes a Limiter, nil for a quota that bounds nothing.
func NewLimiter(q configs.Quota) *Limiter {
	if q == (configs.Quota{}) {
		return nil
	}
	l := &Limiter{quota: q}
	if q.Rate.Count > 0 {
		l.rate = rate.NewLimiter(rate.Limit(float64(q.Rate.Count)/q.Rate.Per.Seconds()), q.Rate.Count)
	}
	return l
}

// Enter takes room for one request. When there is none, the refusal says so and
// who has been limited; otherwise it is nil, and the request ends with
// [Limiter.Leave].
func (l *Limiter) Enter(now time.Time, who Limited) *Refusal {
	switch {
	case l == nil:
		return nil
	case !l.take():
		return who.crowded(l.quota.Concurrency)
	case l.rate != nil && !l.rate.AllowN(now, 1):
		l.Leave()
		return who.early(l.quota.Rate, l.untilNext(now))
	}
	return nil
}

// Leave gives the room of a request back.
func (l *Limiter) Leave() {
	if l != nil {
		l.inside.Add(-1)
	}
}

// Inside is how many requests have entered and not left.
func (l *Limiter) Inside() int { return int(l.inside.Load()) }

// take counts one more request, unless there are as many as there may be.
func (l *Limiter) take() bool {
	for {
		n := l.inside.Load()
		if l.quota.Concurrency > 0 && n >= int64(l.quota.Concurrency) {
			return false
		}
		if l.inside.CompareAndSwap(n, n+1) {
			return true
		}
	}
}

// untilNext is how long it takes until the rate permits one request.
func (l *Limiter) untilNext(now time.Time) time.Duration {
	missing := 1 - l.rate.TokensAt(now)
	return time.Duration(missing / float64(l.rate.Limit()) * float64(time.Second))
}

// A Scope is what a limit is about.
type Scope string

// The scopes.
const (
	OfClient   Scope = "client"
	OfFunction Scope = "function"
	OfHost     Scope = "host"
)

// A Limited is who a Limiter limits, as refusals say it.
type Limited struct {
	Scope Scope
	Name  string
	Path  string // of the entry that has the limits, such as "clients[0]"
}

// crowded refuses a request beside too many others. When one of them ends nobody
// knows.
func (w Limited) crowded(most int) *Refusal {
	return w.refusal(fmt.Sprintf("has as many requests under way as it may have: %d", most), ".limits.concurrency", 0)
}

var periods = map[time.Duration]string{time.Second: "s", time.Minute: "m", time.Hour: "h"}

// early refuses a request that comes too soon behind others.
func (w Limited) early(r configs.Rate, wait time.Duration) *Refusal {
	return w.refusal(fmt.Sprintf("has used up its rate of %d/%s", r.Count, periods[r.Per]), ".limits.rate", wait)
}

var subjects = map[Scope]string{OfClient: "client", OfFunction: "Function", OfHost: "host"}

func (w Limited) refusal(what, key string, wait time.Duration) *Refusal {
	refusal := Refuse(TooManyRequests, subjects[w.Scope]+" "+w.Name+" "+what).By(w.Path + key)
	refusal.RetryAfter, refusal.Scope = wait, w.Scope
	return refusal
}
