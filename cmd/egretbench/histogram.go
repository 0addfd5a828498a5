package main

import (
	"math/bits"
	"time"
)

// A histogram counts latencies in buckets whose width grows with the latency:
// each power of two has 128 of them, so that a quantile is good to 0.8 %. The
// zero value is empty.
type histogram struct {
	buckets [58 * perPower]uint32
	count   int
}

const (
	perPower     = 1 << perPowerBits
	perPowerBits = 7
)

// record counts one latency.
func (h *histogram) record(d time.Duration) {
	h.buckets[bucketOf(uint64(max(0, d)))]++
	h.count++
}

// add counts all that another one counted.
func (h *histogram) add(other *histogram) {
	for i, n := range other.buckets {
		h.buckets[i] += n
	}
	h.count += other.count
}

// quantile gives the latency that the share q of all stays at or below; 0 when
// there are none.
func (h *histogram) quantile(q float64) time.Duration {
	if h.count == 0 {
		return 0
	}
	rank := max(1, int(q*float64(h.count)+0.5))
	seen := 0
	for i, n := range h.buckets {
		if seen += int(n); seen >= rank {
			return time.Duration(topOf(i))
		}
	}
	return time.Duration(topOf(len(h.buckets) - 1))
}

// bucketOf is the bucket that holds v: v itself below perPower, and above that
// the power of two and its first perPowerBits digits behind the leading one.
func bucketOf(v uint64) int {
	if v < perPower {
		return int(v)
	}
	power := bits.Len64(v) - perPowerBits - 1
	return (power+1)*perPower + int(v>>power) - perPower
}

// topOf is the greatest value in a bucket.
func topOf(bucket int) uint64 {
	if bucket < perPower {
		return uint64(bucket)
	}
	power := bucket/perPower - 1
	return (uint64(bucket%perPower+perPower+1) << power) - 1
}
