package caches_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/egret-proxy/egret/caches"
)

func TestFillerHasOneMaker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := caches.NewFiller(time.Minute)
		var makes, shares atomic.Int32
		var all sync.WaitGroup
		for range 100 {
			all.Go(func() {
				e, shared, err := f.Fill(t.Context(), "key", func(context.Context) (caches.Entry, error) {
					makes.Add(1)
					pass(time.Second)
					return entry("made", time.Minute), nil
				})
				if string(e.Data) != "made" || err != nil {
					t.Errorf("Fill = %q, %v, want what was made", e.Data, err)
				}
				if shared {
					shares.Add(1)
				}
			})
		}
		all.Wait()
		if makes.Load() != 1 || shares.Load() != 99 {
			t.Errorf("%d makes, %d shared, want 1 and 99", makes.Load(), shares.Load())
		}
	})
}

func TestFillerKeepsKeysApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := caches.NewFiller(time.Minute)
		start := time.Now()
		var all sync.WaitGroup
		for _, key := range []string{"a", "b"} {
			all.Go(func() {
				e, _, err := f.Fill(t.Context(), key, func(context.Context) (caches.Entry, error) {
					pass(time.Second)
					return entry(key, time.Minute), nil
				})
				if string(e.Data) != key || err != nil {
					t.Errorf("Fill %q = %q, %v", key, e.Data, err)
				}
			})
		}
		all.Wait()
		if took := time.Since(start); took != time.Second {
			t.Errorf("both took %s, want 1s: side by side", took)
		}
	})
}

func TestFillerMakesAgainNextTime(t *testing.T) {
	f := caches.NewFiller(time.Minute)
	for _, want := range []string{"first", "second"} {
		e, shared, err := f.Fill(t.Context(), "key", func(context.Context) (caches.Entry, error) {
			return entry(want, time.Minute), nil
		})
		if string(e.Data) != want || shared || err != nil {
			t.Errorf("Fill = %q, %t, %v, want %q, false, no error", e.Data, shared, err, want)
		}
	}
}

var errGaveUp = errors.New("gave up")

// TestFillerWaiterGivesUp: whether it is the maker's own caller or another one,
// the maker goes on for who is left.
func TestFillerWaiterGivesUp(t *testing.T) {
	for name, quitter := range map[string]int{"the first caller": 0, "a later caller": 1} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := caches.NewFiller(time.Minute)
				var makes atomic.Int32
				errs := make([]error, 3)
				quitting, quit := context.WithCancelCause(t.Context())
				var all sync.WaitGroup
				for i := range errs {
					ctx := t.Context()
					if i == quitter {
						ctx = quitting
					}
					all.Go(func() {
						_, _, errs[i] = f.Fill(ctx, "key", func(ctx context.Context) (caches.Entry, error) {
							makes.Add(1)
							select {
							case <-time.After(time.Second):
								return entry("made", time.Minute), nil
							case <-ctx.Done():
								return caches.Entry{}, ctx.Err()
							}
						})
					})
					synctest.Wait() // so that 0 is the maker's caller
				}
				quit(errGaveUp)
				all.Wait()
				for i, err := range errs {
					var want error
					if i == quitter {
						want = errGaveUp
					}
					if !errors.Is(err, want) {
						t.Errorf("caller %d got error %v, want %v", i, err, want)
					}
				}
				if makes.Load() != 1 {
					t.Errorf("%d makes, want 1", makes.Load())
				}
			})
		})
	}
}

func TestFillerWithoutMakerForTheDone(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, _, err := caches.NewFiller(0).Fill(ctx, "key", func(context.Context) (caches.Entry, error) {
		t.Error("fn was called, want not: nobody waits for it")
		return caches.Entry{}, nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Fill = %v, want context.Canceled", err)
	}
}

func TestFillerBoundsTheMaker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		type key struct{}
		f := caches.NewFiller(5 * time.Second)
		ctx, cancel := context.WithTimeout(context.WithValue(t.Context(), key{}, "value"), time.Second)
		defer cancel()
		start := time.Now()
		var ended error
		_, _, err := f.Fill(ctx, "key", func(ctx context.Context) (caches.Entry, error) {
			if got := ctx.Value(key{}); got != "value" {
				t.Errorf("the maker's context has %v, want the caller's value", got)
			}
			<-ctx.Done()
			ended = ctx.Err()
			return caches.Entry{}, ctx.Err()
		})
		if took := time.Since(start); took != time.Second || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the caller waited %s and got %v, want 1s and its own deadline", took, err)
		}
		f.Wait()
		if took := time.Since(start); took != 5*time.Second || !errors.Is(ended, context.DeadlineExceeded) {
			t.Errorf("the maker ran %s and ended with %v, want 5s and a deadline", took, ended)
		}
	})
}

func TestFillerPanicIsAnErrorForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := caches.NewFiller(time.Minute)
		var all sync.WaitGroup
		for range 3 {
			all.Go(func() {
				e, _, err := f.Fill(t.Context(), "key", func(context.Context) (caches.Entry, error) {
					pass(time.Second)
					panic("s3cret")
				})
				if err == nil || strings.Contains(err.Error(), "s3cret") || e.Data != nil {
					t.Errorf("Fill = %v, %v, want an error without the panic's value", e, err)
				}
			})
		}
		all.Wait()
	})
}

// TestFillerWait: after Wait, and only then, no maker runs. Many short flights
// of one key begin and end under way.
func TestFillerWait(t *testing.T) {
	f := caches.NewFiller(time.Minute)
	var running atomic.Int32
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 200 {
				ctx, cancel := context.WithCancel(t.Context())
				go cancel() // sometimes the caller leaves, the maker never does
				_, _, _ = f.Fill(ctx, "key", func(context.Context) (caches.Entry, error) {
					running.Add(1)
					defer running.Add(-1)
					return entry("x", time.Minute), nil
				})
			}
		})
	}
	all.Wait()
	f.Wait()
	if got := running.Load(); got != 0 {
		t.Errorf("%d makers run after Wait, want 0", got)
	}
}

// Begin starts one maker, which nobody waits for and whose caller may be gone, and
// which others can join.
func TestFillerBegins(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := caches.NewFiller(time.Minute)
		var makes atomic.Int32
		fn := func(ctx context.Context) (caches.Entry, error) {
			makes.Add(1)
			pass(time.Second)
			return entry("made", time.Minute), ctx.Err()
		}
		ctx, giveUp := context.WithCancel(t.Context())
		if f.Making("key") || !f.Begin(ctx, "key", fn) || !f.Making("key") || f.Making("other") {
			t.Error("Begin has begun nothing, or Making does not say so")
		}
		giveUp()
		if f.Begin(t.Context(), "key", fn) {
			t.Error("Begin began a second maker")
		}
		e, shared, err := f.Fill(t.Context(), "key", fn)
		if string(e.Data) != "made" || !shared || err != nil {
			t.Errorf("Fill = %q, shared %t, %v, want what Begin began", e.Data, shared, err)
		}
		if f.Wait(); makes.Load() != 1 || f.Making("key") {
			t.Errorf("%d makes, making %t, want 1 and none", makes.Load(), f.Making("key"))
		}
		begin := time.Now()
		if f.Begin(t.Context(), "key", fn); !f.Making("key") {
			t.Error("Begin has begun nothing the second time")
		}
		if f.Wait(); time.Since(begin) != time.Second {
			t.Errorf("Wait took %s, want 1s", time.Since(begin))
		}
		// A panic ends the maker alone.
		f.Begin(t.Context(), "key", func(context.Context) (caches.Entry, error) { panic("broken") })
		f.Wait()
	})
}
