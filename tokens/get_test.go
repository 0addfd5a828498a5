package tokens_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/egret-proxy/egret/caches"
	"github.com/egret-proxy/egret/tokens"
)

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
		pass(55 * time.Second)
		wantGet(t, r, p, "acme 1")
		pass(1)
		wantGet(t, r, p, "acme 2")
		if _, err := r.Get(t.Context(), p.id, "another key"); !errors.Is(err, tokens.ErrUnavailable) {
			t.Errorf("Get under another key = %v, want ErrUnavailable", err)
		}
	})
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
		pass(10 * time.Second)
		wantGet(t, r, p, "acme 1") // the making went on
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
