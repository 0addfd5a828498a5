package liberty

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// units are those of Liberty's durations in English.
var units = map[string]time.Duration{
	"d": 24 * time.Hour, "h": time.Hour, "m": time.Minute, "s": time.Second, "ms": time.Millisecond,
}

var durationPart = regexp.MustCompile(`(\d+)(\D+)`)

// maxDuration is a hundred years, which no token needs.
const maxDuration = 100 * 365 * 24 * time.Hour

// duration reads a duration as Liberty does: a bare number counts units, and
// each part of 1m30s is cut to whole units by itself. So 90m is 1h where the
// unit is an hour; cut says that something was lost.
func duration(s string, unit time.Duration) (value time.Duration, cut, ok bool) {
	s = strings.TrimSpace(s)
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		if n > int64(maxDuration/unit) {
			return 0, false, false
		}
		return time.Duration(max(n, -1)) * unit, false, true
	}
	parts := durationPart.FindAllStringSubmatch(s, -1)
	for _, part := range parts {
		n, err := strconv.ParseInt(part[1], 10, 64)
		each, known := units[strings.ToLower(strings.TrimSpace(part[2]))]
		if err != nil || !known || n > int64(maxDuration/each) {
			return 0, false, false
		}
		whole := time.Duration(n) * each / unit * unit
		cut = cut || whole != time.Duration(n)*each
		if value += whole; value > maxDuration {
			return 0, false, false
		}
	}
	return value, cut, len(parts) > 0
}
