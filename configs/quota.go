package configs

import (
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// The bounds of a [Quota].
const (
	maxConcurrency = 1_000_000
	maxRate        = 1_000_000
)

var (
	clientQuota   = section[Quota]{theClientLimits, quotaFields}
	upstreamQuota = section[Quota]{theUpstreamLimits, quotaFields}
)

var quotaFields = []field[Quota]{
	{"concurrency", false, decodeConcurrency},
	{"rate", false, decodeRate},
}

func decodeConcurrency(d *decoder, n *node, q *Quota) {
	if v, ok := d.number(n, 1, maxConcurrency); ok {
		q.Concurrency = v
	}
}

// number reads a whole number in a range.
func (d *decoder) number(n *node, least, most int64) (int, bool) {
	v, ok := d.count(n)
	if ok && (v < least || v > most) {
		d.problem(n, fmt.Sprintf("must be between %d and %d", least, most), "")
		ok = false
	}
	return int(v), ok
}

var (
	rateText = regexp.MustCompile(`^([0-9]{1,7})/([smh])$`)
	periods  = map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour}
)

// decodeRate reads a rate such as 10/s.
func decodeRate(d *decoder, n *node, q *Quota) {
	s, ok := d.plain(n)
	if !ok {
		return
	}
	parts := rateText.FindStringSubmatch(s)
	if parts == nil {
		d.problem(n, fmt.Sprintf("%q is no rate", s), "write 10/s, 600/m or 1000/h")
		return
	}
	count, _ := strconv.Atoi(parts[1])
	if count < 1 || count > maxRate {
		d.problem(n, fmt.Sprintf("must be between 1 and %d", maxRate), "")
		return
	}
	q.Rate = Rate{count, periods[parts[2]]}
}
