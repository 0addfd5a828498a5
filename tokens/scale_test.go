package tokens_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/egret-proxy/egret/caches"
	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/tokens"
)

// crowdSource is a source that needs a processor for cost.
func crowdSource(name string, ttl, cost time.Duration) tokens.Source {
	return tokens.Source{ID: configs.DefaultID(name), Name: name, TTL: ttl, Make: func(context.Context) (caches.Entry, error) {
		pass(cost)
		now := time.Now()
		return caches.Entry{Data: []byte(name), Created: now, Expires: now.Add(ttl)}, nil
	}}
}

func crowd(n int, ttl, cost time.Duration) []tokens.Source {
	sources := make([]tokens.Source, n)
	for i := range sources {
		sources[i] = crowdSource(fmt.Sprint(i), ttl, cost)
	}
	return sources
}

// TestCrowdIsNeverLate has 100,000 values with a life of a minute, and two
// workers with about twice the time that they need. All are made at once at the
// start; from then on each second has about as many makings as any other, and
// none is late.
func TestCrowdIsNeverLate(t *testing.T) {
	n := 100_000
	if testing.Short() || underRace {
		n = 10_000
	}
	const ttl = time.Minute
	cost := time.Duration(float64(30*time.Second) / float64(n)) // of 19s that each worker has for its half
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		perSecond := map[int]int{}
		start := time.Now()
		r := tokens.NewRefresher(caches.NewValues(), tokens.RefresherOptions{Workers: 2, Observe: func(a tokens.Attempt) {
			mu.Lock()
			defer mu.Unlock()
			perSecond[int(time.Since(start)/time.Second)]++
			if a.Late || a.Err != nil {
				t.Errorf("%s: late %t, error %v, want neither", a.Name, a.Late, a.Err)
			}
		}})
		r.Set(crowd(n, ttl, cost))
		defer run(t, r)()
		pass(16 * time.Second)
		if !r.Tried() || !r.Warm() {
			t.Fatalf("Tried, Warm = %t, %t after 16s, want both: 15s of work for each worker", r.Tried(), r.Warm())
		}
		for range 100 {
			pass(time.Second)
			if !r.Warm() {
				t.Error("not Warm any more")
			}
		}
		least := ttl
		for s := range r.Statuses() {
			least = min(least, time.Until(s.Expires))
		}
		if least < ttl/3-time.Second {
			t.Errorf("one value has %s left, want all to have a third of a minute, or a second less", least)
		}
		mu.Lock()
		defer mu.Unlock()
		var rates []int
		for second := 20; second < 115; second++ {
			rates = append(rates, perSecond[second])
		}
		mean := n / 38 // each is made again after 36s to 40s
		if low, high := slices.Min(rates), slices.Max(rates); low < mean/2 || high > mean*3/2 {
			t.Errorf("%d to %d makings in a second, want about %d in each: %v", low, high, mean, rates)
		}
	})
}

// TestReaderGoesFirst: who asks for a value while a crowd is made for the first
// time waits for that value alone.
func TestReaderGoesFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const cost = 10 * time.Millisecond
		sources := crowd(10_000, time.Hour, cost)
		r := tokens.NewRefresher(caches.NewValues(), tokens.RefresherOptions{Workers: 1})
		r.Set(sources)
		defer run(t, r)()
		pass(time.Second)
		for i := 500; i < 10_000; i += 1000 {
			asked := time.Now()
			if _, err := r.Get(t.Context(), sources[i].ID, ""); err != nil {
				t.Errorf("Get = %v, want a value", err)
			}
			if took := time.Since(asked); took > cost {
				t.Errorf("Get took %s, want %s at most: there are 100s of makings to come", took, cost)
			}
		}
		if r.Tried() {
			t.Error("all have been tried, want most of them to come")
		}
	})
}

// TestCrowdAfterAClockStep: when the wall clock is set forward past the end of
// all values, all are made again, each once; when it is set back, none is.
func TestCrowdAfterAClockStep(t *testing.T) {
	for name, c := range map[string]struct {
		step time.Duration
		want int
	}{
		"an hour forward": {time.Hour, 10_000},
		"an hour back":    {-time.Hour, 0},
	} {
		t.Run(name, func(t *testing.T) {
			var mu sync.Mutex
			made := map[string]int{}
			r := tokens.NewRefresher(caches.NewValues(), tokens.RefresherOptions{Observe: func(a tokens.Attempt) {
				mu.Lock()
				defer mu.Unlock()
				made[a.Name]++
			}})
			r.Set(crowd(10_000, 50*time.Minute, 0))
			defer run(t, r)()
			count := func(times int) (n int) {
				mu.Lock()
				defer mu.Unlock()
				for _, m := range made {
					if m == times {
						n++
					}
				}
				return n
			}
			await(t, "all are made", func() bool { return r.Tried() })
			look := r.Looks()
			look(stepped(time.Now(), c.step))
			await(t, "all are made again", func() bool { return count(2) >= c.want })
			if again, more := count(2), 10_000-count(1)-count(2); again != c.want || more > 0 {
				t.Errorf("%d were made twice and %d more often, want %d and none", again, more, c.want)
			}
		})
	}
}

// await polls until ok is true, or fails the test.
func await(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for start := time.Now(); !ok(); pass(time.Millisecond) {
		if time.Since(start) > 20*time.Second {
			t.Fatalf("waited in vain: %s", what)
		}
	}
}

// TestWarmSeesAShorterLife: what was seen of all values does not hide that one
// of them got a successor that ends first.
func TestWarmSeesAShorterLife(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		acme := crowdSource("acme", time.Hour, 0)
		life, long := atomic.Int64{}, acme.Make
		life.Store(int64(time.Hour))
		acme.Make = func(ctx context.Context) (caches.Entry, error) {
			e, err := long(ctx)
			e.Expires = e.Created.Add(time.Duration(life.Load()))
			return e, err
		}
		r := tokens.NewRefresher(caches.NewValues(), tokens.RefresherOptions{})
		r.Set([]tokens.Source{acme, crowdSource("other", 2*time.Hour, 0)})
		stop := run(t, r)
		synctest.Wait()
		if !r.Warm() {
			t.Error("not Warm though all have a value")
		}
		life.Store(int64(2 * time.Second))
		pass(41 * time.Minute)
		stop() // the value from 2s before is the last one
		pass(3 * time.Second)
		if r.Warm() {
			t.Error("Warm though the value of acme is dead")
		}
	})
}
