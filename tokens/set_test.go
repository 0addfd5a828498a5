package tokens_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/egret-proxy/egret/caches"
	"github.com/egret-proxy/egret/tokens"
)

func TestSetKeepsTheUnchanged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		kept, changed, gone, added := newTap("kept", time.Hour), newTap("changed", time.Hour), newTap("gone", time.Hour), newTap("added", time.Hour)
		values := caches.NewValues()
		r := tokens.NewRefresher(values, tokens.RefresherOptions{})
		r.Set([]tokens.Source{kept.source("k"), changed.source("old"), gone.source("g")})
		defer run(t, r)()
		synctest.Wait()
		due := r.Status()[0].NextRefresh

		pass(10 * time.Minute)
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

		pass(time.Hour)
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
		pass(5 * time.Second)
		r.Set([]tokens.Source{kept.source("")})
		pass(5 * time.Second)
		synctest.Wait()
		wantGet(t, r, kept, "kept 1")
		wantGet(t, r, gone, "gone 1")
		pass(10 * time.Hour)
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
		pass(30 * time.Minute)
		r := tokens.NewRefresher(values, tokens.RefresherOptions{})
		r.Set([]tokens.Source{p.source("")})
		defer run(t, r)()
		synctest.Wait()
		wantGet(t, r, p, "from before")
		if !r.Tried() || !r.Warm() {
			t.Errorf("Tried, Warm = %t, %t, want both", r.Tried(), r.Warm())
		}
		pass(10 * time.Minute)
		wantGet(t, r, p, "acme 1")
	})
}
