package configs

import (
	"slices"
	"time"
)

// The bounds and defaults of a [Retry] that is written.
const (
	defaultAttempts = 3
	maxAttempts     = 10
	defaultWait     = 200 * time.Millisecond
	defaultMaxWait  = 5 * time.Second
)

// retryStatuses are the statuses that are temporary: RFC 6585 section 4, RFC 9110
// sections 15.6.3 to 15.6.5.
var retryStatuses = []int{429, 502, 503, 504}

var retry = section[Retry]{aRetry, []field[Retry]{
	{"attempts", false, decodeAttempts},
	{"statuses", false, func(d *decoder, n *node, r *Retry) { r.Statuses = d.statuses(n) }},
	{"wait", false, func(d *decoder, n *node, r *Retry) { r.Wait = d.duration(n, time.Millisecond) }},
	{"max_wait", false, func(d *decoder, n *node, r *Retry) { r.MaxWait = d.duration(n, time.Millisecond) }},
}}

func decodeAttempts(d *decoder, n *node, r *Retry) {
	if v, ok := d.number(n, 1, maxAttempts); ok {
		r.Attempts = v
	}
}

// decodeRetry reads the mapping, or the number of attempts alone.
func decodeRetry(d *decoder, n *node, f *functionEntry) {
	f.Retry = Retry{Attempts: defaultAttempts, Statuses: retryStatuses, Wait: defaultWait, MaxWait: defaultMaxWait}
	if n.kind == number {
		decodeAttempts(d, n, &f.Retry)
		return
	}
	retry.decode(d, n, &f.Retry)
	if m := n.member("max_wait"); m != nil && f.Retry.MaxWait > 0 && f.Retry.MaxWait < f.Retry.Wait {
		d.problem(m, "is shorter than wait", "it is the longest of the waits, and wait the first one")
	}
	f.Retry.MaxWait = max(f.Retry.MaxWait, f.Retry.Wait)
}

// idempotentMethods can be done twice: RFC 9110 section 9.2.2.
var idempotentMethods = []string{"GET", "HEAD", "OPTIONS", "PUT", "DELETE"}

// warnRetry warns of a retry that does less than it says, or nothing.
func (d *decoder) warnRetry(f *functionEntry) {
	r := &f.Retry
	n := f.node.member("retry")
	if r.Attempts < 2 || n == nil || d.reported(f.Path) {
		return
	}
	if written := n.member("statuses"); written != nil && !f.IdempotencyKey && !slices.Contains(idempotentMethods, f.Method) {
		d.warn(written.path, "no status has "+f.Method+" sent again, because the first request may have been done", "set idempotency_key where the service knows it, or leave out statuses")
	}
	if wait := n.member("wait"); wait != nil && r.Wait >= f.Timeout {
		d.warn(wait.path, "may be longer than the timeout of the whole call, so that nothing is sent again", "")
	}
}
