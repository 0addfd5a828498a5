package configs

import (
	"fmt"
	"strconv"
	"time"
)

// limitTable has a line for each key of limits: what it counts, its default,
// and the range that it may be in.
var limitTable = []limit{
	bound("header_bytes", size, 16*kibi, 4*kibi, mebi, func(l *Limits) *int { return &l.HeaderBytes }),
	bound("header_fields", count, 200, 10, 10_000, func(l *Limits) *int { return &l.HeaderFields }),
	bound("answer_header_bytes", size, 64*kibi, 4*kibi, mebi, func(l *Limits) *int { return &l.AnswerHeaderBytes }),
	bound("connections", count, 10_000, 1, 1_000_000, func(l *Limits) *int { return &l.Connections }),
	bound("connections_per_address", count, 4096, 1, 1_000_000, func(l *Limits) *int { return &l.ConnectionsPerAddress }),
	bound("tunnels", count, 4096, 1, 1_000_000, func(l *Limits) *int { return &l.Tunnels }),
	bound("concurrency", count, 4096, 1, 1_000_000, func(l *Limits) *int { return &l.Concurrency }),
	bound("call_bytes", size, 10*mebi, kibi, gibi, func(l *Limits) *int64 { return &l.CallBytes }),
	bound("call_depth", count, 500, 8, 10_000, func(l *Limits) *int { return &l.CallDepth }),
	bound("answer_bytes", size, 10*mebi, kibi, gibi, func(l *Limits) *int64 { return &l.AnswerBytes }),
	bound("header_timeout", period, 10*time.Second, shortest, 10*time.Minute, func(l *Limits) *time.Duration { return &l.HeaderTimeout }),
	bound("body_timeout", period, time.Minute, shortest, longest, func(l *Limits) *time.Duration { return &l.BodyTimeout }),
	bound("write_timeout", period, time.Minute, shortest, longest, func(l *Limits) *time.Duration { return &l.WriteTimeout }),
	bound("idle_timeout", period, 75*time.Second, shortest, longest, func(l *Limits) *time.Duration { return &l.IdleTimeout }),
	bound("connect_timeout", period, 10*time.Second, shortest, 10*time.Minute, func(l *Limits) *time.Duration { return &l.ConnectTimeout }),
	bound("tls_timeout", period, 10*time.Second, shortest, 10*time.Minute, func(l *Limits) *time.Duration { return &l.TLSTimeout }),
	bound("first_byte_timeout", period, time.Minute, shortest, longest, func(l *Limits) *time.Duration { return &l.FirstByteTimeout }),
	bound("stall_timeout", period, 5*time.Minute, shortest, longest, func(l *Limits) *time.Duration { return &l.StallTimeout }),
	bound("tunnel_idle_timeout", period, 10*time.Minute, shortest, longest, func(l *Limits) *time.Duration { return &l.TunnelIdleTimeout }),
	bound("upstream_idle_timeout", period, 10*time.Second, shortest, longest, func(l *Limits) *time.Duration { return &l.UpstreamIdleTimeout }),
	bound("upstream_idle", count, 256, 1, 100_000, func(l *Limits) *int { return &l.UpstreamIdle }),
}

// The range of a timeout that has no reason for another. Below it, a healthy
// network is too slow; above it, nobody waits.
const (
	shortest = 100 * time.Millisecond
	longest  = 24 * time.Hour
)

// A limit is one key of limits.
type limit struct {
	key                   string
	measure               measure
	standard, least, most int64
	get                   func(*Limits) int64
	set                   func(*Limits, int64)
}

// A measure is how the value of a limit is read and shown.
type measure struct {
	read func(*decoder, *node) (int64, bool)
	show func(int64) string
}

var (
	count = measure{(*decoder).count, func(v int64) string { return strconv.FormatInt(v, 10) }}
	size  = measure{(*decoder).size, sizeText}

	period = measure{
		func(d *decoder, n *node) (int64, bool) {
			v, ok := d.period(n)
			return int64(v), ok
		},
		func(v int64) string { return DurationText(time.Duration(v)) },
	}
)

// bound makes the line of a limit that stands in a field of [Limits].
func bound[T int | int64 | time.Duration](key string, m measure, standard, least, most T, in func(*Limits) *T) limit {
	return limit{
		key: key, measure: m, standard: int64(standard), least: int64(least), most: int64(most),
		get: func(l *Limits) int64 { return int64(*in(l)) },
		set: func(l *Limits, v int64) { *in(l) = T(v) },
	}
}

// decode reads the limit and holds it against its range.
func (one limit) decode(d *decoder, n *node, l *Limits) {
	v, ok := one.measure.read(d, n)
	switch {
	case !ok:
	case v < one.least || v > one.most:
		d.problem(n, fmt.Sprintf("must be between %s and %s", one.measure.show(one.least), one.measure.show(one.most)), "")
	default:
		one.set(l, v)
	}
}
