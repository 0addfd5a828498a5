package tokens_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/egret-proxy/egret/caches"
	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/tokens"
)

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
			pass(500 * time.Millisecond)
		}
		wantUnavailable(t, r, p)
		makes := p.made()
		if first := makes[1].Sub(start); first < 54*time.Second || first > time.Minute {
			t.Errorf("the first refresh was after %s, want 54s to 60s", first)
		}
		if n := len(makes) - 1; n < 5 || n > 25 {
			t.Errorf("%d attempts in the last 25s to 31s, want 5 to 25: the waits grow, and shrink near the end", n)
		}

		pass(10 * time.Minute)
		wantUnavailable(t, r, p)
		if n := len(p.made()) - len(makes); n < 12 || n > 50 {
			t.Errorf("%d attempts in 10 minutes, want 12 to 50: the waits are 15s to 45s at last", n)
		}
		if s := r.Status()[0]; s.Failures != len(p.made())-1 || !s.NextRefresh.After(time.Now()) {
			t.Errorf("Status = %+v, want %d failures and a refresh to come", s, len(p.made())-1)
		}

		p.heal()
		pass(45 * time.Second)
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
			pass(1800 * time.Millisecond)
			if n := len(p.made()); n < 3 {
				t.Errorf("%d makings in the usable life, want at least 3", n)
			}
		})
	}
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
					pass(10 * time.Millisecond)
				}
				if n := len(p.made()); n < 3 || n > 12 {
					t.Errorf("%d attempts in 10s, want 3 to 12", n)
				}
				p.heal()
				pass(45 * time.Second)
				if _, err := r.Get(t.Context(), p.id, ""); err != nil {
					t.Errorf("Get after the outage = %v, want a value", err)
				}
			})
		})
	}
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
					pass(time.Second)
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
