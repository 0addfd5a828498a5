package main

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

func TestHistogramQuantile(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	tests := map[string]func() time.Duration{
		"all alike":      func() time.Duration { return 1234567 },
		"a few ns":       func() time.Duration { return time.Duration(random.IntN(100)) },
		"even":           func() time.Duration { return time.Duration(random.IntN(1_000_000)) },
		"over 8 decades": func() time.Duration { return time.Duration(random.ExpFloat64() * random.ExpFloat64() * 1e8) },
	}
	for name, draw := range tests {
		t.Run(name, func(t *testing.T) {
			var first, second histogram
			var all []time.Duration
			for i := range 10_000 {
				d := draw()
				all = append(all, d)
				[]*histogram{&first, &second}[i%2].record(d)
			}
			first.add(&second)
			slices.Sort(all)
			for _, q := range []float64{0, 0.01, 0.5, 0.99, 1} {
				exact := all[max(0, int(q*10_000+0.5)-1)]
				got := first.quantile(q)
				if got < exact || float64(got-exact) > 0.008*float64(exact)+1 {
					t.Errorf("quantile %v is %v, want %v or up to 0.8 %% more", q, got, exact)
				}
			}
		})
	}
}

func TestHistogramEdges(t *testing.T) {
	var h histogram
	if got := h.quantile(0.5); got != 0 {
		t.Errorf("the median of nothing is %v, want 0", got)
	}
	h.record(-time.Second)
	if got := h.quantile(1); got != 0 {
		t.Errorf("a negative latency counts as %v, want 0", got)
	}
	const longest = time.Duration(1<<63 - 1)
	h.record(longest)
	if got := h.quantile(1); got != longest {
		t.Errorf("the longest latency counts as %v, want %v", got, longest)
	}
}

// Each bucket begins where the one before it ends.
func TestHistogramBuckets(t *testing.T) {
	for b := range len(histogram{}.buckets) {
		top := topOf(b)
		if bucketOf(top) != b {
			t.Fatalf("bucket %d ends with %d, which is in bucket %d", b, top, bucketOf(top))
		}
		if next := bucketOf(top + 1); top < 1<<62 && next != b+1 {
			t.Fatalf("bucket %d ends with %d, and %d is in bucket %d", b, top, top+1, next)
		}
	}
}
