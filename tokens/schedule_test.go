package tokens_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
	"unsafe"

	"github.com/egret-proxy/egret/caches"
	"github.com/egret-proxy/egret/tokens"
)

func TestRefresherBoundsItsWorkers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var now, most atomic.Int32
		var sources []tokens.Source
		for i := range 10 {
			p := newTap(fmt.Sprint(i), time.Hour)
			p.slow = time.Second
			s := p.source("")
			s.Make = func(ctx context.Context) (caches.Entry, error) {
				most.Store(max(most.Load(), now.Add(1)))
				defer now.Add(-1)
				return p.make(ctx)
			}
			sources = append(sources, s)
		}
		r := tokens.NewRefresher(caches.NewValues(), tokens.RefresherOptions{Workers: 3, Patience: time.Minute})
		r.Set(sources)
		if r.Tried() || r.Warm() {
			t.Errorf("Tried, Warm = %t, %t before Run, want neither", r.Tried(), r.Warm())
		}
		defer run(t, r)()
		pass(4*time.Second - 1)
		if r.Tried() || r.Warm() {
			t.Errorf("Tried, Warm = %t, %t just before the end, want neither", r.Tried(), r.Warm())
		}
		pass(1)
		synctest.Wait()
		if !r.Tried() || !r.Warm() {
			t.Errorf("Tried, Warm = %t, %t after 4s, want both: ten makings of 1s by three workers", r.Tried(), r.Warm())
		}
		if most.Load() != 3 {
			t.Errorf("%d makings at the same time, want 3", most.Load())
		}
	})
}

func TestTriedIsNotWarm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		good, bad := newTap("good", time.Hour), newTap("bad", time.Hour)
		bad.fail(errors.New("down"))
		r := tokens.NewRefresher(caches.NewValues(), tokens.RefresherOptions{})
		if !r.Tried() || !r.Warm() {
			t.Errorf("Tried, Warm = %t, %t without sources, want both", r.Tried(), r.Warm())
		}
		r.Set([]tokens.Source{good.source(""), bad.source("")})
		defer run(t, r)()
		synctest.Wait()
		if !r.Tried() || r.Warm() {
			t.Errorf("Tried, Warm = %t, %t, want Tried alone", r.Tried(), r.Warm())
		}
		bad.heal()
		pass(time.Second)
		synctest.Wait()
		if !r.Warm() {
			t.Error("not Warm though all have a value")
		}
	})
}

func TestRunEndsWithItsMakings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ahead, onTheSpot := newTap("ahead", time.Hour), newTap("on the spot", time.Hour)
		ahead.slow, onTheSpot.slow = time.Hour, time.Hour
		r := tokens.NewRefresher(caches.NewValues(), tokens.RefresherOptions{Workers: 1, MakeTimeout: 10 * time.Hour})
		r.Set([]tokens.Source{ahead.source(""), onTheSpot.source("")})
		stop := run(t, r)
		synctest.Wait()
		got := make(chan error, 1)
		go func() {
			_, err := r.Get(t.Context(), onTheSpot.id, "")
			got <- err
		}()
		synctest.Wait()
		start := time.Now()
		stop()
		if took := time.Since(start); took != 0 {
			t.Errorf("Run ended %s after its context, want at once", took)
		}
		if err := <-got; !errors.Is(err, tokens.ErrUnavailable) || !errors.Is(err, context.Canceled) {
			t.Errorf("Get = %v, want ErrUnavailable and context.Canceled", err)
		}
		for _, s := range r.Status() {
			if s.Failures != 0 {
				t.Errorf("%s has %d failures, want 0: it was cut off", s.Name, s.Failures)
			}
		}
		ahead.slow = 0
		defer run(t, r)() // it can run again
		synctest.Wait()
		wantGet(t, r, ahead, "ahead 2")
	})
}

func TestRunTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := tokens.NewRefresher(caches.NewValues(), tokens.RefresherOptions{})
		defer run(t, r)()
		synctest.Wait()
		if err := r.Run(t.Context()); err == nil {
			t.Error("a second Run = nil, want an error")
		}
	})
}

// TestRefresherInParallel is for the race detector.
func TestRefresherInParallel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		taps := []*tap{newTap("a", 2*time.Second), newTap("b", 3*time.Second), newTap("c", 5*time.Second)}
		r := tokens.NewRefresher(caches.NewValues(), tokens.RefresherOptions{Workers: 2})
		defer run(t, r)()
		var all sync.WaitGroup
		for i := range 4 {
			all.Go(func() {
				for n := range 200 {
					var sources []tokens.Source
					for j, p := range taps {
						if (i+n+j)%4 != 0 {
							sources = append(sources, p.source(fmt.Sprint((n/10)%3)))
						}
					}
					r.Set(sources)
					_, _ = r.Get(t.Context(), taps[n%3].id, fmt.Sprint((n/10)%3))
					_, _, _ = r.Status(), r.Tried(), r.Warm()
					pass(time.Duration(i+1) * 30 * time.Millisecond)
				}
			})
		}
		all.Wait()
		r.Set([]tokens.Source{taps[0].source("")})
		pass(time.Minute)
		wantUsable := func() {
			if e, err := r.Get(t.Context(), taps[0].id, ""); err != nil || !e.Usable(time.Now()) {
				t.Errorf("Get = %v, %v, want a usable value", e, err)
			}
		}
		wantUsable()
	})
}

// stepped is t as it were if the wall clock had been set forward by d, and the
// monotonic clock not. Package time has no door for that. The wall reading of a
// time with both is seconds above 30 bits of nanoseconds.
func stepped(t time.Time, d time.Duration) time.Time {
	if t == t.Round(0) {
		panic("a time without monotonic reading cannot be stepped")
	}
	*(*uint64)(unsafe.Pointer(&t)) += uint64(d/time.Second) << 30
	return t
}

// TestScheduleNoticesAClockStep: a value that the wall clock has killed is made
// again, though its time has not come. The times of a synctest bubble have one
// clock only, so this test has real ones, and polls.
func TestScheduleNoticesAClockStep(t *testing.T) {
	p := newTap("acme", time.Hour)
	r := tokens.NewRefresher(caches.NewValues(), tokens.RefresherOptions{})
	r.Set([]tokens.Source{p.source("")})
	wantGet(t, r, p, "acme 1")
	defer run(t, r)()
	look := r.Looks()
	look(time.Now())
	look(stepped(time.Now(), -24*time.Hour))
	if due := time.Until(r.Status()[0].NextRefresh); due < 30*time.Minute || len(p.made()) != 1 {
		t.Errorf("due in %s after %d makings, want half an hour and more after 1: nothing was lost", due, len(p.made()))
	}
	look(stepped(time.Now(), 2*time.Hour))
	for start := time.Now(); len(p.made()) < 2; pass(time.Millisecond) {
		if time.Since(start) > 10*time.Second {
			t.Fatal("not made again 10s after the clock was set forward")
		}
	}
}
