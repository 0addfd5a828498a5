package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"
)

// fleetReaders draw cache IDs at random and send them through egret, together at
// a bounded rate. Each request has its time; one that cannot be sent then,
// because the one before is not answered or the readers did not get a
// processor, is sent as soon as it can.
type fleetReaders struct {
	settings *fleetSettings
	address  string   // of egret
	hosts    []string // of the origin

	mu      sync.Mutex
	latency histogram // from sending to the answer
	behind  histogram // from the time that a request had to its sending
	errors  int
	first   error
}

// run reads until the duration is over or ctx ends.
func (r *fleetReaders) run(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, r.settings.Duration)
	defer cancel()
	var all sync.WaitGroup
	for i := range r.settings.Readers {
		all.Go(func() { r.read(ctx, i) })
	}
	all.Wait()
}

func (r *fleetReaders) read(ctx context.Context, reader int) {
	every := time.Duration(float64(r.settings.Readers) / float64(r.settings.Rate) * float64(time.Second))
	next := time.Now().Add(every * time.Duration(reader) / time.Duration(r.settings.Readers))
	var c *client
	defer func() {
		if c != nil {
			_ = c.close()
		}
	}()
	for ; ; next = next.Add(every) {
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Until(next)):
		}
		var err error
		if c == nil {
			j := &job{Address: r.address, Want: want{Length: int64(len(smallAnswer)), Text: smallAnswer}}
			if c, err = dial(ctx, nil, j, nil, time.Now().Add(r.settings.Duration+patience)); err != nil {
				r.count(0, 0, err)
				continue
			}
		}
		sent := time.Now()
		c.request = r.request(rand.IntN(r.settings.Tokens)) //nolint:gosec // any will do
		if _, err = c.exchange(); err != nil {
			_ = c.close()
			c = nil
		}
		r.count(sent.Sub(next), time.Since(sent), err)
	}
}

// request asks for a path that names the Token, with its cache ID.
func (r *fleetReaders) request(i int) []byte {
	host := r.hosts[i%len(r.hosts)]
	return fmt.Appendf(nil, "%s http://%s/%d HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\n\r\n", http.MethodGet, host, i, host, fleetID(i))
}

func (r *fleetReaders) count(behind, took time.Duration, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err != nil {
		r.errors++
		if r.first == nil {
			r.first = err
		}
		return
	}
	r.latency.record(took)
	r.behind.record(behind)
}
