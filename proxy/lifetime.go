package proxy

import (
	"context"
	"sync"
	"time"

	"github.com/egret-proxy/egret/functions"
)

// A lifetime is the context of a request. It ends when the client goes away, or
// when egret gives up what is still in flight; fasthttp's own ends already when
// its server begins to stop. It belongs to a connection and is used for one of
// its requests after another, so that a request costs no allocation.
type lifetime struct {
	mu    sync.Mutex
	cause error
	done  chan struct{} // made when somebody asks for it
	watch func()        // called at the end
	free  func() bool   // release, bound once
}

// begin makes the lifetime that of a new request.
func (l *lifetime) begin() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.free == nil {
		l.free = l.release
	}
	l.done, l.watch = nil, nil
}

// end ends the lifetime. Only the first cause counts, and it holds for the
// requests that follow as well: there will be none.
func (l *lifetime) end(cause *functions.Refusal) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.cause != nil {
		return
	}
	l.cause = &endedError{cause}
	if l.done != nil {
		close(l.done)
	}
	if l.watch != nil {
		l.watch()
		l.watch = nil
	}
}

// Watch is as in [upstream.Lifetime]: one function at a time.
func (l *lifetime) Watch(f func()) (release func() bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.cause != nil {
		f()
		return l.free
	}
	l.watch = f
	return l.free
}

func (l *lifetime) release() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	watched := l.watch != nil
	l.watch = nil
	return watched
}

// Deadline is as in [context.Context]: there is none.
func (l *lifetime) Deadline() (time.Time, bool) { return time.Time{}, false }

// Value is as in [context.Context]: there is none.
func (l *lifetime) Value(any) any { return nil }

// Done is as in [context.Context].
func (l *lifetime) Done() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.done == nil {
		l.done = make(chan struct{})
		if l.cause != nil {
			close(l.done)
		}
	}
	return l.done
}

// Err is as in [context.Context]. It is [context.Canceled], and the refusal that
// the client gets, if there is still one.
func (l *lifetime) Err() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.cause
}

// An endedError is the end of a lifetime.
type endedError struct{ refusal *functions.Refusal }

func (e *endedError) Error() string { return e.refusal.Error() }

// Unwrap gives what the end is.
func (e *endedError) Unwrap() []error { return []error{context.Canceled, e.refusal} }
