package proxy_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestChaos sends thousands of requests through egret to an origin that breaks
// every rule it can, and holds each answer against what the origin did: no
// caller gets the bytes of another, no answer that was cut looks whole, and no
// POST arrives twice. EGRET_CHAOS sets the number of requests, and
// EGRET_CHAOS_SEED what they are.
func TestChaos(t *testing.T) {
	const clients = 24
	usual := 20_000
	if testing.Short() || underRace() {
		usual = 4_000
	}
	s := &storm{t: t, seed: uint64(sizeOf(t, "EGRET_CHAOS_SEED", 1)), total: sizeOf(t, "EGRET_CHAOS", usual)}
	s.books = make([]book, s.total)
	upstream := serve(t, s.serveOrigin)
	s.egret = launch(t, plainForward, dialAlways(upstream))

	start := time.Now()
	var next atomic.Int64
	var running sync.WaitGroup
	for range clients {
		running.Go(func() {
			c := &stormClient{storm: s}
			defer c.hangUp()
			for n := int(next.Add(1)) - 1; n < s.total; n = int(next.Add(1)) - 1 {
				c.run(s.errand(n))
			}
		})
	}
	running.Wait()
	took := time.Since(start)

	twice, resent := 0, 0
	for n := range s.books {
		switch times := s.books[n].received.Load(); {
		case times > 1 && s.errand(n).method == "POST":
			s.wrong("twice", "%v was received %d times", s.errand(n), times)
			twice++
		case times > 1:
			resent++
		}
	}
	t.Logf("seed %d: %d requests in %v, %.0f/s; whole %d, refused %d, broken off %d; crossed with the end of a connection %d, resent %d; wrong %d",
		s.seed, s.total, took.Round(time.Millisecond), float64(s.total)/took.Seconds(),
		s.whole.Load(), s.refused.Load(), s.broken.Load(), s.crossed.Load(), resent, s.wrongs.Load())
	for _, outcome := range []*atomic.Int64{&s.whole, &s.refused, &s.broken} {
		if outcome.Load() == 0 {
			t.Error("one of the outcomes was never seen: the origin is not as bad as it should be")
		}
	}
}

// A storm is one run of TestChaos.
type storm struct {
	t     *testing.T
	egret string // its address
	seed  uint64
	total int
	books []book // one for each request

	whole, refused, broken, crossed, wrongs atomic.Int64

	mu   sync.Mutex
	told int
}

// A book is what is known of a request.
type book struct {
	sent     atomic.Int64 // when its client began to send it, in nanoseconds of Unix time
	received atomic.Int64 // how often its head reached the origin
	crossed  atomic.Bool  // it reached the origin on a connection that was already spoilt
}

// wrong notes what must not be, and tells of the first few.
func (s *storm) wrong(kind, format string, args ...any) {
	s.wrongs.Add(1)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.told++; s.told <= 20 {
		s.t.Errorf("%s: %s", kind, fmt.Sprintf(format, args...))
	} else {
		s.t.Fail()
	}
}
