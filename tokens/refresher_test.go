package tokens_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/egret-proxy/egret/caches"
	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/tokens"
)

// A tap is a source under test.
type tap struct {
	id   configs.ID
	name string
	ttl  time.Duration
	slow time.Duration // how long a making takes
	err  atomic.Pointer[error]

	mu    sync.Mutex
	makes []time.Time // when each making began
}

func newTap(name string, ttl time.Duration) *tap {
	return &tap{id: configs.DefaultID(name), name: name, ttl: ttl}
}

func (p *tap) fail(err error) { p.err.Store(&err) }
func (p *tap) heal()          { p.err.Store(nil) }

func (p *tap) made() []time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]time.Time(nil), p.makes...)
}

func (p *tap) make(ctx context.Context) (caches.Entry, error) {
	p.mu.Lock()
	now := time.Now()
	p.makes = append(p.makes, now)
	n := len(p.makes)
	p.mu.Unlock()
	if p.slow > 0 {
		select {
		case <-time.After(p.slow):
		case <-ctx.Done():
			return caches.Entry{}, ctx.Err()
		}
	}
	if err := p.err.Load(); err != nil {
		return caches.Entry{}, *err
	}
	return caches.Entry{Data: fmt.Append(nil, p.name, " ", n), Created: now, Expires: now.Add(p.ttl)}, nil
}

func (p *tap) source(key string) tokens.Source {
	return tokens.Source{ID: p.id, Name: p.name, Key: key, TTL: p.ttl, Make: p.make}
}

// run starts r and gives a function that stops it and waits.
func run(t *testing.T, r *tokens.Refresher) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx) }()
	return func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run = %v, want nil", err)
		}
	}
}

func wantGet(t *testing.T, r *tokens.Refresher, p *tap, want string) {
	t.Helper()
	if e, err := r.Get(t.Context(), p.id, ""); err != nil || string(e.Data) != want {
		t.Errorf("Get %s = %q, %v, want %q", p.name, e.Data, err, want)
	}
}

func wantUnavailable(t *testing.T, r *tokens.Refresher, p *tap) {
	t.Helper()
	if e, err := r.Get(t.Context(), p.id, ""); !errors.Is(err, tokens.ErrUnavailable) {
		t.Errorf("Get %s = %q, %v, want ErrUnavailable", p.name, e.Data, err)
	}
}

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
							time.Sleep(ttl/40 + time.Duration(i)*ttl/137)
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

func TestRefresherOutlivesAnOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newTap("acme", 90*time.Second)
		r := tokens.NewRefresher(caches.NewValues(), tokens.RefresherOptions{})
		r.Set([]tokens.Source{p.source("")})
		defer run(t, r)()
		synctest.Wait()
		start := p.made()[0]
		p.fail(errors.New("down"))

		// The old value serves to the end of its usable life, 5s before it dies.
		for time.Since(start) <= 85*time.Second {
			wantGet(t, r, p, "acme 1")
			time.Sleep(500 * time.Millisecond)
		}
		wantUnavailable(t, r, p)
		makes := p.made()
		if first := makes[1].Sub(start); first < 54*time.Second || first > time.Minute {
			t.Errorf("the first refresh was after %s, want 54s to 60s", first)
		}
		if n := len(makes) - 1; n < 4 || n > 12 {
			t.Errorf("%d attempts in the last 25s to 31s, want 4 to 12: the waits grow", n)
		}

		time.Sleep(10 * time.Minute)
		wantUnavailable(t, r, p)
		if n := len(p.made()) - len(makes); n < 12 || n > 50 {
			t.Errorf("%d attempts in 10 minutes, want 12 to 50: the waits are 15s to 45s at last", n)
		}
		if s := r.Status()[0]; s.Failures != len(p.made())-1 || !s.NextRefresh.After(time.Now()) {
			t.Errorf("Status = %+v, want %d failures and a refresh to come", s, len(p.made())-1)
		}

		p.heal()
		time.Sleep(45 * time.Second)
		if e, err := r.Get(t.Context(), p.id, ""); err != nil || !strings.HasPrefix(string(e.Data), "acme ") {
			t.Errorf("45s after the outage: Get = %q, %v, want a new value", e.Data, err)
		}
		if s := r.Status()[0]; s.Failures != 0 {
			t.Errorf("%d failures, want 0", s.Failures)
		}
	})
}

// TestRefresherRetriesBeforeTheEnd: however short the life, there is a second
// attempt while the old value can be used.
func TestRefresherRetriesBeforeTheEnd(t *testing.T) {
	for range 20 {
		synctest.Test(t, func(t *testing.T) {
			p := newTap("acme", 2*time.Second)
			r := tokens.NewRefresher(caches.NewValues(), tokens.RefresherOptions{})
			r.Set([]tokens.Source{p.source("")})
			defer run(t, r)()
			synctest.Wait()
			p.fail(errors.New("down"))
			time.Sleep(1800 * time.Millisecond)
			if n := len(p.made()); n < 3 {
				t.Errorf("%d makings in the usable life, want at least 3", n)
			}
		})
	}
}

func TestGetFillsOnce(t *testing.T) {
	for name, running := range map[string]bool{"with Run": true, "without Run": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newTap("acme", time.Minute)
				p.slow = time.Second
				r := tokens.NewRefresher(caches.NewValues(), tokens.RefresherOptions{})
				r.Set([]tokens.Source{p.source("")})
				if running {
					defer run(t, r)()
				}
				var readers sync.WaitGroup
				for range 100 {
					readers.Go(func() { wantGet(t, r, p, "acme 1") })
				}
				readers.Wait()
				if n := len(p.made()); n != 1 {
					t.Errorf("%d makings, want 1", n)
				}
			})
		})
	}
}

func TestGetWithoutRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newTap("acme", time.Minute)
		r := tokens.NewRefresher(caches.NewValues(), tokens.RefresherOptions{})
		wantUnavailable(t, r, p)
		r.Set([]tokens.Source{p.source("")})
		wantGet(t, r, p, "acme 1")
		time.Sleep(55 * time.Second)
		wantGet(t, r, p, "acme 1")
		time.Sleep(1)
		wantGet(t, r, p, "acme 2")
		if _, err := r.Get(t.Context(), p.id, "another key"); !errors.Is(err, tokens.ErrUnavailable) {
			t.Errorf("Get under another key = %v, want ErrUnavailable", err)
		}
	})
}

// TestGetDoesNotHammer: readers of a cache that cannot be filled are answered at
// once, and cause no more attempts than the back-off allows.
func TestGetDoesNotHammer(t *testing.T) {
	for name, running := range map[string]bool{"with Run": true, "without Run": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newTap("acme", time.Minute)
				p.fail(errors.New("down"))
				r := tokens.NewRefresher(caches.NewValues(), tokens.RefresherOptions{})
				r.Set([]tokens.Source{p.source("")})
				if running {
					defer run(t, r)()
				}
				for range 1000 {
					asked := time.Now()
					_, err := r.Get(t.Context(), p.id, "")
					if !errors.Is(err, tokens.ErrUnavailable) || !strings.Contains(err.Error(), "down") || !strings.Contains(err.Error(), `"acme"`) {
						t.Fatalf("Get = %v, want ErrUnavailable with the cache and the cause", err)
					}
					if took := time.Since(asked); took != 0 {
						t.Fatalf("Get took %s, want no time", took)
					}
					time.Sleep(10 * time.Millisecond)
				}
				if n := len(p.made()); n < 3 || n > 12 {
					t.Errorf("%d attempts in 10s, want 3 to 12", n)
				}
				p.heal()
				time.Sleep(45 * time.Second)
				if _, err := r.Get(t.Context(), p.id, ""); err != nil {
					t.Errorf("Get after the outage = %v, want a value", err)
				}
			})
		})
	}
}

func TestGetGivesUpWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newTap("acme", time.Minute)
		p.slow = 10 * time.Second
		r := tokens.NewRefresher(caches.NewValues(), tokens.RefresherOptions{})
		r.Set([]tokens.Source{p.source("")})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := r.Get(ctx, p.id, "")
		if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, tokens.ErrUnavailable) {
			t.Errorf("Get = %v, want the deadline of the caller", err)
		}
		time.Sleep(10 * time.Second)
		wantGet(t, r, p, "acme 1") // the making went on
	})
}

// TestRefresherWithASlowSource: a making that fits into the last third keeps
// nobody waiting; one that does not keeps them waiting, with no dead value.
func TestRefresherWithASlowSource(t *testing.T) {
	for slow, waits := range map[time.Duration]bool{10 * time.Second: false, 25 * time.Second: true} {
		t.Run(slow.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newTap("acme", time.Minute)
				p.slow = slow
				r := tokens.NewRefresher(caches.NewValues(), tokens.RefresherOptions{})
				r.Set([]tokens.Source{p.source("")})
				defer run(t, r)()
				var waited bool
				for i := range 1000 {
					asked := time.Now()
					e, err := r.Get(t.Context(), p.id, "")
					now := time.Now()
					if err != nil || !e.Usable(now) {
						t.Fatalf("Get = %v, %v, want a usable value", e, err)
					}
					waited = waited || i > 0 && now.After(asked)
					time.Sleep(time.Second)
				}
				if waited != waits {
					t.Errorf("a reader waited: %t, want %t", waited, waits)
				}
			})
		})
	}
}

func TestRefresherBoundsAMaking(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newTap("acme", time.Hour)
		p.slow = 1000 * time.Hour
		r := tokens.NewRefresher(caches.NewValues(), tokens.RefresherOptions{MakeTimeout: 3 * time.Second})
		r.Set([]tokens.Source{p.source("")})
		start := time.Now()
		wantUnavailable(t, r, p)
		if took := time.Since(start); took != 3*time.Second {
			t.Errorf("Get took %s, want 3s", took)
		}
		if s := r.Status()[0]; s.Failures != 1 {
			t.Errorf("%d failures, want 1", s.Failures)
		}
	})
}

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
		r := tokens.NewRefresher(caches.NewValues(), tokens.RefresherOptions{Workers: 3})
		r.Set(sources)
		if r.Tried() || r.Warm() {
			t.Errorf("Tried, Warm = %t, %t before Run, want neither", r.Tried(), r.Warm())
		}
		defer run(t, r)()
		time.Sleep(4*time.Second - 1)
		if r.Tried() || r.Warm() {
			t.Errorf("Tried, Warm = %t, %t just before the end, want neither", r.Tried(), r.Warm())
		}
		time.Sleep(1)
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
		time.Sleep(time.Second)
		synctest.Wait()
		if !r.Warm() {
			t.Error("not Warm though all have a value")
		}
	})
}

func TestSetKeepsTheUnchanged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		kept, changed, gone, added := newTap("kept", time.Hour), newTap("changed", time.Hour), newTap("gone", time.Hour), newTap("added", time.Hour)
		values := caches.NewValues()
		r := tokens.NewRefresher(values, tokens.RefresherOptions{})
		r.Set([]tokens.Source{kept.source("k"), changed.source("old"), gone.source("g")})
		defer run(t, r)()
		synctest.Wait()
		due := r.Status()[0].NextRefresh

		time.Sleep(10 * time.Minute)
		again := newTap("kept", time.Hour) // the same definition, made by a new runtime
		r.Set([]tokens.Source{again.source("k"), changed.source("new"), added.source("a"), added.source("a")})
		synctest.Wait()
		status := r.Status()
		if len(status) != 3 || !status[0].NextRefresh.Equal(due) {
			t.Errorf("Status = %+v, want three with the first due at %s as before", status, due)
		}
		if n := len(again.made()); n != 0 {
			t.Errorf("the unchanged source was made %d times, want 0", n)
		}
		for _, c := range []struct {
			p         *tap
			key, want string
		}{
			{kept, "k", "kept 1"},
			{changed, "new", "changed 2"},
			{changed, "old", "changed 1"}, // for calls that began before the change
			{added, "a", "added 1"},
			{gone, "g", "gone 1"},
		} {
			if e, err := r.Get(t.Context(), c.p.id, c.key); err != nil || string(e.Data) != c.want {
				t.Errorf("Get %s %q = %q, %v, want %q", c.p.name, c.key, e.Data, err, c.want)
			}
		}
		if diff := cmp.Diff([]string{"changed 1", "changed 2"}, values.Live(changed.id, nil)); diff != "" {
			t.Errorf("live values of a changed source (-want +got):\n%s", diff)
		}

		time.Sleep(time.Hour)
		if n := len(gone.made()); n != 1 {
			t.Errorf("the removed source was made %d times, want 1", n)
		}
		if _, err := r.Get(t.Context(), gone.id, "g"); !errors.Is(err, tokens.ErrUnavailable) {
			t.Errorf("Get of a removed source = %v, want ErrUnavailable", err)
		}
		if n := len(again.made()); n == 0 {
			t.Error("the unchanged source is not made by the new function")
		}
		if n := len(kept.made()); n != 1 {
			t.Errorf("the old function was called %d times, want 1", n)
		}
	})
}

// TestSetDuringAMaking: what is being made while its source is removed or kept
// is neither lost nor made twice.
func TestSetDuringAMaking(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		kept, gone := newTap("kept", time.Hour), newTap("gone", time.Hour)
		kept.slow, gone.slow = 10*time.Second, 10*time.Second
		r := tokens.NewRefresher(caches.NewValues(), tokens.RefresherOptions{})
		r.Set([]tokens.Source{kept.source(""), gone.source("")})
		defer run(t, r)()
		time.Sleep(5 * time.Second)
		r.Set([]tokens.Source{kept.source("")})
		time.Sleep(5 * time.Second)
		wantGet(t, r, kept, "kept 1")
		wantGet(t, r, gone, "gone 1")
		time.Sleep(10 * time.Hour)
		if n := len(gone.made()); n != 1 {
			t.Errorf("the removed source was made %d times, want 1", n)
		}
		if n := len(kept.made()); n < 14 || n > 17 {
			t.Errorf("the kept source was made %d times in 10h, want 14 to 17", n)
		}
	})
}

// TestSetFindsOldValues: a refresher that is given values from before uses them.
func TestSetFindsOldValues(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newTap("acme", time.Hour)
		values := caches.NewValues()
		now := time.Now()
		values.Put(p.id, "", caches.Entry{Data: []byte("from before"), Created: now, Expires: now.Add(time.Hour)})
		time.Sleep(30 * time.Minute)
		r := tokens.NewRefresher(values, tokens.RefresherOptions{})
		r.Set([]tokens.Source{p.source("")})
		defer run(t, r)()
		synctest.Wait()
		wantGet(t, r, p, "from before")
		if !r.Tried() || !r.Warm() {
			t.Errorf("Tried, Warm = %t, %t, want both", r.Tried(), r.Warm())
		}
		time.Sleep(10 * time.Minute)
		wantGet(t, r, p, "acme 1")
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

func TestRefresherSettlesStrangeSources(t *testing.T) {
	now := func() time.Time { return time.Now() }
	for name, c := range map[string]struct {
		make     func() (caches.Entry, error)
		wantLife time.Duration // 0: unavailable
	}{
		"panics":             {func() (caches.Entry, error) { panic("s3cret") }, 0},
		"makes a dead value": {func() (caches.Entry, error) { return caches.Entry{Data: []byte("x"), Expires: now()}, nil }, 0},
		"makes nothing":      {func() (caches.Entry, error) { return caches.Entry{}, nil }, 0},
		"lives longer than the ttl": {func() (caches.Entry, error) {
			return caches.Entry{Data: []byte("x"), Created: now(), Expires: now().Add(time.Hour)}, nil
		}, time.Minute},
		"does not tell when it was made": {func() (caches.Entry, error) {
			return caches.Entry{Data: []byte("x"), Expires: now().Add(30 * time.Second)}, nil
		}, 30 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var log strings.Builder
				var attempts []tokens.Attempt
				r := tokens.NewRefresher(caches.NewValues(), tokens.RefresherOptions{
					Log:     slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})),
					Observe: func(a tokens.Attempt) { attempts = append(attempts, a) },
				})
				id := configs.DefaultID("acme")
				r.Set([]tokens.Source{{ID: id, Name: "acme", TTL: time.Minute, Make: func(context.Context) (caches.Entry, error) { return c.make() }}})
				e, err := r.Get(t.Context(), id, "")
				if c.wantLife == 0 && !errors.Is(err, tokens.ErrUnavailable) || c.wantLife > 0 && (err != nil || e.Life() != c.wantLife) {
					t.Errorf("Get = %v, %v, want a life of %s", e, err, c.wantLife)
				}
				failed := c.wantLife == 0
				if len(attempts) != 1 || (attempts[0].Err != nil) != failed || attempts[0].Name != "acme" || attempts[0].ID != id {
					t.Errorf("attempts = %+v, want one with an error: %t", attempts, failed)
				}
				if s := r.Status()[0]; (s.Failures == 1) != failed || s.Expires.IsZero() != failed {
					t.Errorf("Status = %+v, want failed: %t", s, failed)
				}
				if failed != strings.Contains(log.String(), "level=WARN") || strings.Contains(log.String()+fmt.Sprint(err), "s3cret") {
					t.Errorf("log %q and error %v, want a warning: %t, and no secret", log.String(), err, failed)
				}
			})
		})
	}
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
					time.Sleep(time.Duration(i+1) * 30 * time.Millisecond)
				}
			})
		}
		all.Wait()
		r.Set([]tokens.Source{taps[0].source("")})
		time.Sleep(time.Minute)
		wantUsable := func() {
			if e, err := r.Get(t.Context(), taps[0].id, ""); err != nil || !e.Usable(time.Now()) {
				t.Errorf("Get = %v, %v, want a usable value", e, err)
			}
		}
		wantUsable()
	})
}

func BenchmarkRefresherGet(b *testing.B) {
	p := newTap("acme", time.Hour)
	r := tokens.NewRefresher(caches.NewValues(), tokens.RefresherOptions{})
	r.Set([]tokens.Source{p.source("digest")})
	b.ReportAllocs()
	for b.Loop() {
		if _, err := r.Get(b.Context(), p.id, "digest"); err != nil {
			b.Fatal(err)
		}
	}
}
