package tokens_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/egret-proxy/egret/caches"
	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/tokens"
)

// renewing is a Refresher of one tap.
func renewing(t *testing.T, p *tap, change func(*tokens.Source)) *tokens.Refresher {
	t.Helper()
	s := p.source("")
	if change != nil {
		change(&s)
	}
	r := tokens.NewRefresher(caches.NewValues(), tokens.RefresherOptions{})
	r.Set([]tokens.Source{s})
	return r
}

// used is the value that a cache has now, for a request.
func used(t *testing.T, r *tokens.Refresher, p *tap) caches.Entry {
	t.Helper()
	e, err := r.Get(t.Context(), p.id, "")
	if err != nil {
		t.Fatalf("Get %s = %v", p.name, err)
	}
	return e
}

func wantRenew(t *testing.T, r *tokens.Refresher, p *tap, e caches.Entry, want bool) {
	t.Helper()
	if got, err := r.Renew(t.Context(), p.id, "", e); err != nil || got != want {
		t.Errorf("Renew %s after %q = %v, %v, want %v", p.name, e.Data, got, err, want)
	}
}

// A value is made out of turn once in 30 seconds, with Run and without it, and
// the schedule goes on from there.
func TestRenew(t *testing.T) {
	for name, running := range map[string]bool{"with Run": true, "without Run": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newTap("acme", time.Hour)
				r := renewing(t, p, nil)
				if running {
					defer run(t, r)()
					synctest.Wait()
				}
				first := used(t, r, p)
				wantRenew(t, r, p, first, true)
				wantGet(t, r, p, "acme 2")
				second := used(t, r, p)
				wantRenew(t, r, p, first, true) // it is there already
				wantRenew(t, r, p, second, false)
				pass(30*time.Second - 1)
				wantRenew(t, r, p, second, false)
				pass(1)
				wantRenew(t, r, p, second, true)
				wantGet(t, r, p, "acme 3")
				if n := len(p.made()); n != 3 {
					t.Errorf("%d makings, want 3", n)
				}
				if s := r.Status()[0]; s.NextRefresh.Sub(s.Created) < 36*time.Minute {
					t.Errorf("the next one is due %v after the last, want 36m or more", s.NextRefresh.Sub(s.Created))
				}
			})
		})
	}
}

// However many are refused with one value, one new value is made, and all of
// them go on with that.
func TestRenewOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newTap("acme", time.Hour)
		r := renewing(t, p, nil)
		old := used(t, r, p)
		p.slow = time.Second
		var again atomic.Int32
		var all sync.WaitGroup
		for i := range 100 {
			all.Go(func() {
				pass(time.Duration(i) * 15 * time.Millisecond) // some while it is made, some behind that
				if ok, err := r.Renew(t.Context(), p.id, "", old); ok && err == nil {
					again.Add(1)
				}
			})
		}
		all.Wait()
		if n := len(p.made()); n != 2 || again.Load() != 100 {
			t.Errorf("%d makings, and %d of 100 go on, want 2 and all", n, again.Load())
		}
	})
}

// A making that is under way anyway is the one that is waited for.
func TestRenewJoins(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newTap("acme", time.Minute)
		r := renewing(t, p, nil)
		old := used(t, r, p)
		pass(59 * time.Second) // it is spent
		p.slow = time.Second
		go func() { _, _ = r.Get(t.Context(), p.id, "") }()
		synctest.Wait()
		wantRenew(t, r, p, old, true)
		if n := len(p.made()); n != 2 {
			t.Errorf("%d makings, want 2", n)
		}
		wantRenew(t, r, p, used(t, r, p), true) // that one was not out of turn
	})
}

func TestNotRenewed(t *testing.T) {
	for _, c := range []struct {
		name   string
		source func(*tokens.Source)
		tap    func(*tap)
		wait   time.Duration
		want   bool
		made   int
	}{
		{"younger than min_age", func(s *tokens.Source) { s.MinAge = 10 * time.Minute }, nil, 10*time.Minute - 1, false, 1},
		{"as old as min_age", func(s *tokens.Source) { s.MinAge = 10 * time.Minute }, nil, 10 * time.Minute, true, 2},
		{"another is not good at once", nil, func(p *tap) { p.early = time.Minute }, 2 * time.Minute, false, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newTap("acme", time.Hour)
				if c.tap != nil {
					c.tap(p)
				}
				r := renewing(t, p, c.source)
				_, _ = r.Get(t.Context(), p.id, "")
				pass(c.wait)
				wantRenew(t, r, p, used(t, r, p), c.want)
				if n := len(p.made()); n != c.made {
					t.Errorf("%d makings, want %d", n, c.made)
				}
			})
		})
	}
}

// What makes the same again has made nothing that is worth another request.
func TestRenewedTheSame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newTap("acme", time.Hour)
		r := renewing(t, p, func(s *tokens.Source) {
			s.Make = func(context.Context) (caches.Entry, error) {
				return caches.Entry{Data: []byte("ever the same"), Created: time.Now(), Expires: time.Now().Add(time.Hour)}, nil
			}
		})
		wantRenew(t, r, p, used(t, r, p), false)
	})
}

// A failure is told once; the value that was not accepted serves on, and who
// comes while it is too early to try again does not try.
func TestRenewFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newTap("acme", time.Hour)
		r := renewing(t, p, nil)
		old := used(t, r, p)
		down := errors.New("down")
		p.fail(down)
		if ok, err := r.Renew(t.Context(), p.id, "", old); ok || !errors.Is(err, down) || !errors.Is(err, tokens.ErrUnavailable) {
			t.Errorf("Renew = %v, %v, want the failure", ok, err)
		}
		wantGet(t, r, p, "acme 1")
		p.heal()
		wantRenew(t, r, p, old, false)
		if n := len(p.made()); n != 2 {
			t.Errorf("%d makings, want 2", n)
		}
	})
}

func TestRenewGivesUpWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newTap("acme", time.Hour)
		r := renewing(t, p, nil)
		old := used(t, r, p)
		p.slow = 10 * time.Second
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if ok, err := r.Renew(ctx, p.id, "", old); ok || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Renew = %v, %v, want the deadline of the caller", ok, err)
		}
		if ok, err := r.Renew(ctx, p.id, "", old); ok || err == nil {
			t.Errorf("Renew of who is gone = %v, %v, want the deadline of the caller", ok, err)
		}
		pass(10 * time.Second)
		wantGet(t, r, p, "acme 2") // the making went on
		if ok, err := r.Renew(t.Context(), configs.DefaultID("unknown"), "", old); ok || err != nil {
			t.Errorf("Renew of what nobody makes = %v, %v, want false", ok, err)
		}
	})
}
