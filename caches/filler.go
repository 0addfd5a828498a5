package caches

import (
	"context"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

const defaultFill = time.Minute

// A Filler lets one caller make an entry while the others who need the same one
// wait for it.
type Filler struct {
	timeout time.Duration
	group   singleflight.Group

	mu     sync.Mutex
	makers map[string]struct{} // the keys that are being made
	idle   *sync.Cond          // makers has become empty
}

// NewFiller makes a Filler whose makers have timeout to finish; if that is not
// positive, a minute.
func NewFiller(timeout time.Duration) *Filler {
	if timeout <= 0 {
		timeout = defaultFill
	}
	f := &Filler{timeout: timeout, makers: map[string]struct{}{}}
	f.idle = sync.NewCond(&f.mu)
	return f
}

// Fill gives the entry that fn makes for key. While one fn runs for key, other
// calls wait for its result, and shared is true for them.
//
// A caller whose ctx ends stops waiting and gets its error; the maker goes on
// for the others. So the context of fn has the values of the first caller's,
// not its end: it ends with the timeout of the Filler. A panic in fn becomes an
// error for all.
func (f *Filler) Fill(ctx context.Context, key string, fn func(context.Context) (Entry, error)) (e Entry, shared bool, err error) {
	if ctx.Err() != nil {
		return Entry{}, false, context.Cause(ctx)
	}
	made := false
	done := f.start(key, f.maker(ctx, func(ctx context.Context) (Entry, error) {
		made = true
		return fn(ctx)
	}))
	select {
	case r := <-done:
		e, _ = r.Val.(Entry)
		return e, !made, r.Err
	case <-ctx.Done():
		return Entry{}, false, context.Cause(ctx)
	}
}

// Making reports whether an entry is being made for key.
func (f *Filler) Making(key string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	_, making := f.makers[key]
	return making
}

// Begin is Fill for a caller who does not want the entry, and does not wait. It
// reports false, and does nothing, when one is being made for key.
func (f *Filler) Begin(ctx context.Context, key string, fn func(context.Context) (Entry, error)) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, making := f.makers[key]; making {
		return false
	}
	f.startLocked(key, f.maker(ctx, fn))
	return true
}

// Wait returns when no maker is running.
func (f *Filler) Wait() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for len(f.makers) > 0 {
		f.idle.Wait()
	}
}

// maker is fn with the values of ctx and a time of its own.
func (f *Filler) maker(ctx context.Context, fn func(context.Context) (Entry, error)) func() (any, error) {
	return func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), f.timeout)
		defer cancel()
		return guard(ctx, fn)
	}
}

// start makes fn the maker of key, or joins the one that there is.
func (f *Filler) start(key string, fn func() (any, error)) <-chan singleflight.Result {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.startLocked(key, fn)
}

func (f *Filler) startLocked(key string, fn func() (any, error)) <-chan singleflight.Result {
	f.makers[key] = struct{}{}
	return f.group.DoChan(key, func() (any, error) {
		defer f.finish(key)
		return fn()
	})
}

// finish forgets the maker of key. The group forgets it under the same lock:
// a call that comes now must start a maker of its own, which makers then has.
func (f *Filler) finish(key string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.group.Forget(key)
	delete(f.makers, key)
	if len(f.makers) == 0 {
		f.idle.Broadcast()
	}
}

// guard calls fn and makes an error of a panic. The panic's value is not shown:
// it may hold what was being made.
func guard(ctx context.Context, fn func(context.Context) (Entry, error)) (e Entry, err error) {
	defer func() {
		if p := recover(); p != nil {
			e, err = Entry{}, fmt.Errorf("cannot make an entry: panic of type %T", p)
		}
	}()
	return fn(ctx)
}
