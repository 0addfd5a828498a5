package functions_test

import (
	"math"
	"testing"
	"time"

	"github.com/egret-proxy/egret/functions"
)

var retryAfterNow = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func TestRetryAfter(t *testing.T) {
	for field, want := range map[string]time.Duration{
		"":                                    0,
		"0":                                   0,
		"120":                                 2 * time.Minute,
		"007":                                 7 * time.Second,
		"Sun, 22 Nov 2026 12:00:30 GMT":       30 * time.Second,
		"Sunday, 22-Nov-26 12:00:30 GMT":      30 * time.Second,
		"Sun Nov 22 12:00:30 2026":            30 * time.Second,
		"Sun, 22 Nov 2026 11:59:59 GMT":       0,
		"99999999999":                         math.MaxInt64,
		"999999999999999999999999999":         math.MaxInt64,
		"-1":                                  0,
		"+1":                                  0,
		"1.5":                                 0,
		"1s":                                  0,
		"soon":                                0,
		"1 2":                                 0,
		"Sun, 22 Nov 2026 12:00:30 +0000 GMT": 0,
	} {
		if got := functions.ParseRetryAfter([]byte(field), retryAfterNow); got != want {
			t.Errorf("Retry-After: %s gives %v, want %v", field, got, want)
		}
	}
}

// What an upstream writes there never makes a wait that is negative.
func FuzzRetryAfter(f *testing.F) {
	for _, seed := range []string{"120", "Sun, 22 Nov 2026 12:00:30 GMT", "Sunday, 22-Nov-26 12:00:30 GMT", "Sun Nov 22 12:00:30 2026", "99999999999999999999"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, field []byte) {
		if got := functions.ParseRetryAfter(field, retryAfterNow); got < 0 {
			t.Errorf("Retry-After: %q gives %v, want no time before now", field, got)
		}
	})
}
