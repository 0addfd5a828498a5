package main

import "time"

// A tally is what one goroutine counted.
type tally struct {
	latency  histogram
	requests int
	bytes    int64
}

func (t *tally) record(took time.Duration, length int64) {
	t.latency.record(took)
	t.requests++
	t.bytes += length
}

// add counts all that another one counted.
func (t *tally) add(other *tally) {
	t.latency.add(&other.latency)
	t.requests += other.requests
	t.bytes += other.bytes
}
