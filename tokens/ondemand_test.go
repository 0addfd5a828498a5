package tokens_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/egret-proxy/egret/caches"
	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/tokens"
)

// TestOnDemand: such a value is made when it is asked for and there is none, and
// whether it is there or not, nobody who waits for all values waits for it.
func TestOnDemand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		made, id := 0, configs.DefaultID("access")
		var fails error
		source := tokens.Source{ID: id, Name: "access", TTL: time.Minute, OnDemand: true, Make: func(context.Context) (caches.Entry, error) {
			made++
			return caches.Entry{Data: []byte("value"), Created: time.Now(), Expires: time.Now().Add(time.Minute)}, fails
		}}
		r := tokens.NewRefresher(caches.NewValues(), tokens.RefresherOptions{})
		r.Set([]tokens.Source{source})
		stop := run(t, r)
		want := func(when string, n int) {
			t.Helper()
			if synctest.Wait(); made != n || !r.Tried() || !r.Warm() {
				t.Errorf("%s: made %d times, tried %t, warm %t, want %d, true and true", when, made, r.Tried(), r.Warm(), n)
			}
		}
		pass(time.Hour)
		want("before somebody asks", 0)
		for range 3 {
			read(t, r, id)
		}
		want("after three have asked", 1)
		r.Set([]tokens.Source{source})
		pass(time.Hour)
		want("when it is dead", 1)
		fails = errors.New("no answer")
		for range 2 {
			if _, err := r.Get(t.Context(), id, ""); !errors.Is(err, tokens.ErrUnavailable) {
				t.Errorf("Get = %v, want %v", err, tokens.ErrUnavailable)
			}
		}
		want("after a failure, which is not repeated at once", 2)
		pass(time.Hour)
		want("long after a failure", 2)
		fails = nil
		read(t, r, id)
		want("when it is asked for again", 3)
		r.Set(nil)
		want("when it is removed", 3)
		stop()
	})
}

// TestSourceTimeout: one making may take longer than others.
func TestSourceTimeout(t *testing.T) {
	for name, test := range map[string]struct{ own, want time.Duration }{
		"its own":               {time.Minute, time.Minute},
		"that of the refresher": {0, 30 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := tokens.NewRefresher(caches.NewValues(), tokens.RefresherOptions{})
				r.Set([]tokens.Source{{Timeout: test.own, Make: func(ctx context.Context) (caches.Entry, error) {
					<-ctx.Done()
					return caches.Entry{}, ctx.Err()
				}}})
				asked := time.Now()
				_, err := r.Get(t.Context(), configs.ID{}, "")
				if took := time.Since(asked); took != test.want || !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("Get = %v after %s, want the end after %s", err, took, test.want)
				}
			})
		})
	}
}
