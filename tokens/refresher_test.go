package tokens_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/egret-proxy/egret/caches"
	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/tokens"
)

// TestRefresherKeepsFresh has readers look at signed tokens over many lives:
// none waits, none gets a value that is dead or nearly so, and each life is
// used to between 60 and 67 hundredths.
func TestRefresherKeepsFresh(t *testing.T) {
	for _, ttl := range []time.Duration{2 * time.Second, 15 * time.Minute} {
		t.Run(ttl.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				token := newToken(t, hs256("", ""), ttl)
				id := configs.DefaultID("acme")
				var made []caches.Entry
				r := tokens.NewRefresher(caches.NewValues(), tokens.RefresherOptions{})
				r.Set([]tokens.Source{{ID: id, Name: "acme", TTL: ttl, Make: func(ctx context.Context) (caches.Entry, error) {
					m, err := token.Make(ctx, time.Now())
					made = append(made, m.Entry())
					return m.Entry(), err
				}}})
				stop := run(t, r)
				synctest.Wait()
				var readers sync.WaitGroup
				for i := range 3 {
					readers.Go(func() {
						for range 2000 {
							read(t, r, id)
							pass(ttl/40 + time.Duration(i)*ttl/137)
						}
					})
				}
				readers.Wait()
				stop()
				if len(made) < 50 {
					t.Errorf("%d values made, want more than 50", len(made))
				}
				for i, e := range made[1:] {
					before := made[i]
					if used := float64(e.Created.Sub(before.Created)) / float64(before.Life()); used < 0.59999 || used > 0.66667 {
						t.Errorf("value %d was made after %.4f of the life before, want 0.6 to 0.6667", i+1, used)
					}
				}
			})
		})
	}
}

func read(t *testing.T, r *tokens.Refresher, id configs.ID) {
	asked := time.Now()
	e, err := r.Get(t.Context(), id, "")
	now := time.Now()
	switch {
	case err != nil:
		t.Errorf("Get = %v", err)
	case !now.Equal(asked):
		t.Errorf("Get took %s, want no time", now.Sub(asked))
	case !e.Usable(now) || e.Expired(now):
		t.Errorf("got a value with %s of %s left", e.Left(now), e.Life())
	}
}

// TestRefresherJitter: values made together are not all made again together.
func TestRefresherJitter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := tokens.NewRefresher(caches.NewValues(), tokens.RefresherOptions{})
		var sources []tokens.Source
		for i := range 20 {
			sources = append(sources, newTap(fmt.Sprint(i), time.Hour).source(""))
		}
		r.Set(sources)
		stop := run(t, r)
		synctest.Wait()
		stop()
		due := map[time.Duration]bool{}
		for _, s := range r.Status() {
			after := s.NextRefresh.Sub(s.Created)
			due[after] = true
			if after > 40*time.Minute || after < 36*time.Minute {
				t.Errorf("%s is due after %s, want 36m to 40m", s.Name, after)
			}
		}
		if len(due) < 10 {
			t.Errorf("20 values are due at %d times, want nearly 20", len(due))
		}
	})
}
