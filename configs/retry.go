package configs

import "time"

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
	f.Retry.MaxWait = max(f.Retry.MaxWait, f.Retry.Wait)
}
