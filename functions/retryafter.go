package functions

import (
	"math"
	"net/http"
	"strconv"
	"time"
)

// parseRetryAfter reads the field Retry-After, RFC 9110 section 10.2.3: seconds,
// or a date, which is now or later. What is neither is as good as none.
func parseRetryAfter(field []byte, now time.Time) time.Duration {
	if len(field) == 0 {
		return 0
	}
	if isDigits(field) {
		seconds, err := strconv.ParseInt(string(field), 10, 64)
		if err != nil || seconds > int64(math.MaxInt64/time.Second) {
			return math.MaxInt64 // nobody waits so long
		}
		return time.Duration(seconds) * time.Second
	}
	date, err := http.ParseTime(string(field))
	if err != nil {
		return 0
	}
	return max(0, date.Sub(now))
}

func isDigits[Text ~string | ~[]byte](text Text) bool {
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return false
		}
	}
	return true
}
