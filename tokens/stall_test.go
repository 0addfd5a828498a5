package tokens_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/egret-proxy/egret/caches"
	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/tokens"
)

// stalled is a source that answers only when it is told to end.
func stalled(name string) tokens.Source {
	return tokens.Source{ID: configs.DefaultID(name), Name: name, TTL: time.Minute, Make: func(ctx context.Context) (caches.Entry, error) {
		<-ctx.Done()
		return caches.Entry{}, ctx.Err()
	}}
}

// TestStalledSources: sources that do not answer cost the others the patience
// of the Refresher once, and nothing from then on.
func TestStalledSources(t *testing.T) {
	for name, c := range map[string]struct {
		slow   int
		first  time.Duration // until all others have their first value
		maxAge time.Duration // of their values, from then on
	}{
		// Eight stalled ones, of which two at a time use up 250ms.
		"room for all":     {8, time.Second, 40 * time.Second},
		"room for some":    {7, 30 * time.Second, 40 * time.Second},
		"room for nothing": {1, 90 * time.Second, 40 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var sources []tokens.Source
				for i := range 8 {
					sources = append(sources, stalled(fmt.Sprint("stalled ", i)))
				}
				others := crowd(100, time.Minute, time.Millisecond)
				r := tokens.NewRefresher(caches.NewValues(), tokens.RefresherOptions{Workers: 2, Slow: c.slow})
				r.Set(append(sources, others...))
				defer run(t, r)()
				healthy := func(within time.Duration) (n int) {
					for s := range r.Statuses() {
						if !s.Created.IsZero() && time.Since(s.Created) <= within {
							n++
						}
					}
					return n
				}
				pass(c.first + 100*time.Millisecond)
				if n := healthy(time.Minute); n != 100 {
					t.Fatalf("%d of the others have a value after %s, want all 100", n, c.first)
				}
				for range 300 {
					pass(time.Second)
					if n := healthy(c.maxAge + 100*time.Millisecond); n != 100 {
						t.Fatalf("%d of the others have a value that is no older than %s, want all 100", n, c.maxAge)
					}
				}
				for s := range r.Statuses() {
					if s.Created.IsZero() && s.Failures < 2 {
						t.Errorf("%s was tried %d times, want it to be tried again and again", s.Name, s.Failures)
					}
				}
			})
		})
	}
}

// TestSlowSourceBecomesFast: a source that has recovered shares the workers of
// all others again.
func TestSlowSourceBecomesFast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var slow atomic.Bool
		slow.Store(true)
		acme := crowdSource("acme", time.Minute, 0)
		quick := acme.Make
		acme.Make = func(ctx context.Context) (caches.Entry, error) {
			if slow.Load() {
				pass(10 * time.Second)
			}
			return quick(ctx)
		}
		r := tokens.NewRefresher(caches.NewValues(), tokens.RefresherOptions{Workers: 1, Slow: 1})
		r.Set([]tokens.Source{acme})
		defer run(t, r)()
		wantAge := func(most time.Duration) {
			t.Helper()
			s := r.Status()[0]
			if age := time.Since(s.Created); age > most {
				t.Errorf("the value is %s old, want %s at most", age, most)
			}
		}
		pass(10*time.Second + 1)
		wantAge(1)
		slow.Store(false)
		pass(40 * time.Second)
		wantAge(4 * time.Second)
		r.Set([]tokens.Source{acme, stalled("stalled")}) // takes the only slow place
		for range 200 {
			pass(time.Second)
			wantAge(41 * time.Second)
		}
	})
}
