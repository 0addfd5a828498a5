package proxy

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/egret-proxy/egret/functions"
)

// A lifetime is a context as others are.
func TestLifetime(t *testing.T) {
	var l lifetime
	l.begin()
	if _, limited := l.Deadline(); limited || l.Value("key") != nil {
		t.Error("the lifetime has a deadline or a value, want neither")
	}
	done := l.Done()
	select {
	case <-done:
		t.Fatal("the lifetime has ended before its end")
	default:
	}
	if err := l.Err(); err != nil {
		t.Fatalf("got error %v before the end, want none", err)
	}
	l.end(errGone)
	l.end(errStopped) // too late to count
	wantEnded(t, &l, errGone)
	if l.Done() != done {
		t.Error("the end has two channels")
	}
	l.begin() // of a request that will not be
	wantEnded(t, &l, errGone)
}

// wantEnded expects that a context has ended with a refusal.
func wantEnded(t *testing.T, ctx context.Context, want *functions.Refusal) {
	t.Helper()
	select {
	case <-ctx.Done():
	case <-time.After(10 * time.Second):
		t.Fatal("the context has not ended")
	}
	for name, err := range map[string]error{"error": ctx.Err(), "cause": context.Cause(ctx)} {
		refusal, ok := errors.AsType[*functions.Refusal](err)
		if !errors.Is(err, context.Canceled) || !ok || refusal != want || err.Error() != want.Error() {
			t.Errorf("got %s %v, want %v that is context.Canceled", name, err, want)
		}
	}
}

// What is derived from a lifetime ends with it, and leaves nothing behind when
// it ends before.
func TestLifetimeDerived(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	var l lifetime
	for range 3 {
		l.begin()
		early, cancel := context.WithTimeout(&l, time.Nanosecond)
		<-early.Done()
		if err := early.Err(); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got error %v, want that of the deadline", err)
		}
		cancel()
	}
	l.begin()
	later, cancel := context.WithTimeout(&l, time.Hour)
	defer cancel()
	value, cancelToo := context.WithCancelCause(later)
	defer cancelToo(nil)
	var called atomic.Bool
	stop := context.AfterFunc(&l, func() { called.Store(true) })
	if !stop() {
		t.Error("what is to follow the end cannot be stopped before it")
	}
	l.end(errStopped)
	wantEnded(t, later, errStopped)
	wantEnded(t, value, errStopped)
	if called.Load() {
		t.Error("what was stopped was called")
	}
}

// A watch is told of the end once, or released.
func TestLifetimeWatch(t *testing.T) {
	var l lifetime
	count := 0
	l.begin()
	release := l.Watch(func() { count++ })
	if !release() || release() {
		t.Error("a watch can be released twice, or not once")
	}
	release = l.Watch(func() { count += 10 })
	l.end(errGone)
	l.end(errGone)
	if release() {
		t.Error("a watch that was told of the end could be released")
	}
	if release := l.Watch(func() { count += 100 }); release() {
		t.Error("a watch on what has ended could be released")
	}
	if count != 110 {
		t.Errorf("the watches counted %d, want 110", count)
	}
}

// The end, watches and waits may meet in any order. A watch is called or
// released, never both, and never neither.
func TestLifetimeRaces(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	for range 2000 {
		var l lifetime
		l.begin()
		var called, released int32
		var running sync.WaitGroup
		running.Go(func() { l.end(errGone) })
		running.Go(func() { l.end(errStopped) })
		running.Go(func() {
			release := l.Watch(func() { atomic.AddInt32(&called, 1) })
			if release() {
				released = 1
			}
		})
		running.Go(func() { <-l.Done() })
		running.Go(func() {
			ctx, cancel := context.WithTimeout(&l, time.Hour)
			defer cancel()
			<-ctx.Done()
		})
		running.Wait()
		if called+released != 1 {
			t.Fatalf("a watch was called %d times and released %d times", called, released)
		}
		if err := l.Err(); !errors.Is(err, errGone) && !errors.Is(err, errStopped) {
			t.Fatalf("got error %v, want one of the two", err)
		}
	}
}
