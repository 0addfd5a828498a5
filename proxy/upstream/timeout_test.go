package upstream_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/egret-proxy/egret/functions"
	"github.com/egret-proxy/egret/proxy/upstream"
)

// Time limits that are to strike, and that are not.
const (
	short = 50 * time.Millisecond
	long  = time.Minute
)

// TestStall: silence ends with a time-out, by the context, by the deadline of
// the request or by the limits of the transport.
func TestStall(t *testing.T) {
	for _, test := range []struct {
		name          string
		answer        string
		ctx, deadline time.Duration
		head, stall   time.Duration
		proxyError    string
	}{
		{name: "context before the head", ctx: short, proxyError: "http_response_timeout"},
		{name: "context within the body", answer: byLength + canary, ctx: short, proxyError: "http_response_timeout"},
		{name: "deadline before the head", deadline: short, proxyError: "http_response_timeout"},
		{name: "deadline within the head", answer: "HTTP/1.1 200 OK\r\nX: " + canary, deadline: short, proxyError: "http_response_timeout"},
		{name: "deadline within the body", answer: byLength + canary, deadline: short, proxyError: "http_response_timeout"},
		{name: "deadline within a chunk", answer: chunked + "ff\r\n" + canary, deadline: short, proxyError: "http_response_timeout"},
		{name: "head", head: short, proxyError: "http_response_timeout"},
		{name: "within the head", answer: "HTTP/1.1 200 OK\r\nX: " + canary, head: short, proxyError: "http_response_timeout"},
		{name: "behind an interim answer", answer: "HTTP/1.1 103 Early Hints\r\nX: " + canary + "\r\n\r\n", head: short, proxyError: "http_response_timeout"},
		{name: "body stands still", answer: byLength + canary, stall: short, proxyError: "connection_read_timeout"},
		{name: "chunk stands still", answer: chunked + "ff\r\n" + canary, stall: short, proxyError: "connection_read_timeout"},
		{name: "length of a chunk stands still", answer: chunked + "f", stall: short, proxyError: "connection_read_timeout"},
		{name: "rest stands still", answer: "HTTP/1.1 200 OK\r\n\r\n" + canary, stall: short, proxyError: "connection_read_timeout"},
	} {
		for _, how := range []string{"whole", "streamed"} {
			read := readings[how]
			for _, reused := range []bool{false, true} {
				t.Run(test.name+", "+how, func(t *testing.T) {
					t.Parallel()
					o := newOrigin(t, func(o *origin, c net.Conn, r *bufio.Reader) {
						if reused {
							_, _ = o.head(r)
							_, _ = io.WriteString(c, ok)
						}
						stalling(test.answer)(o, c, r)
					})
					transport := newTransport(t, upstream.Options{FirstByteTimeout: or(test.head, long), StallTimeout: or(test.stall, long)})
					if reused {
						mustCall(t, transport, o.get())
					}
					ctx, cancel := context.WithTimeout(t.Context(), or(test.ctx, long))
					defer cancel()
					req := o.get()
					begun := time.Now()
					if test.deadline > 0 {
						req.Deadline = begun.Add(test.deadline)
					}
					_, err := call(ctx, transport, req, read)
					wantProxyError(t, err, functions.UpstreamTimeout, test.proxyError)
					if took := time.Since(begun); took < short/2 || took > long/2 {
						t.Errorf("it took %v, want about %v", took, short)
					}
					if conns, _ := o.seen(); conns != 1 {
						t.Errorf("the origin saw %d connections, want 1", conns)
					}
				})
			}
		}
	}
}

func or(d, otherwise time.Duration) time.Duration {
	if d > 0 {
		return d
	}
	return otherwise
}

// TestPastDeadline: a request whose time is over is not sent.
func TestPastDeadline(t *testing.T) {
	o := newOrigin(t, answering(ok))
	transport := newTransport(t, upstream.Options{})
	req := o.get()
	req.Deadline = time.Now().Add(-time.Second)
	wantRefusal(t, outcome(t.Context(), transport, req), functions.UpstreamTimeout)
	o.wantSeen(t, 0, 0)
	mustCall(t, transport, o.get())
	wantRefusal(t, outcome(t.Context(), transport, req), functions.UpstreamTimeout)
	if _, requests := o.seen(); requests != 1 {
		t.Errorf("the origin saw %d requests, want 1", requests)
	}
}

// TestLongStream: no time-out cuts a stream that goes on.
func TestLongStream(t *testing.T) {
	const pause = 20 * time.Millisecond
	o := newOrigin(t, func(o *origin, c net.Conn, r *bufio.Reader) {
		_, _ = o.head(r)
		_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n")
		tick := time.NewTicker(pause)
		defer tick.Stop()
		for range 40 {
			<-tick.C
			_, _ = io.WriteString(c, "x")
		}
	})
	transport := newTransport(t, upstream.Options{StallTimeout: 20 * pause, FirstByteTimeout: 20 * pause})
	got, err := call(t.Context(), transport, o.get(), readings["streamed"])
	if err != nil {
		t.Fatal(err)
	}
	if got.Body != strings.Repeat("x", 40) {
		t.Errorf("body = %q", got.Body)
	}
}

// A life is a context that is watched without a goroutine.
type life struct {
	context.Context
	mu    sync.Mutex
	cause error
	watch func()
	free  func() bool
}

func newLife() *life {
	l := &life{Context: context.Background()}
	l.free = l.release
	return l
}

func (l *life) Watch(f func()) (release func() bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.cause != nil {
		f()
		return l.free
	}
	l.watch = f
	return l.free
}

func (l *life) release() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	watched := l.watch != nil
	l.watch = nil
	return watched
}

func (l *life) Err() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.cause
}

// end ends l; as a context it gives a cause that is [context.Canceled] too.
func (l *life) end(cause error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cause = errors.Join(context.Canceled, cause)
	if l.watch != nil {
		l.watch()
		l.watch = nil
	}
}

var _ upstream.Lifetime = (*life)(nil)

// endings are the ways in which a context ends. Each gives a context, and what
// ends it with a cause.
var endings = map[string]func(*testing.T) (context.Context, func(error)){
	"context": func(t *testing.T) (context.Context, func(error)) {
		ctx, cancel := context.WithCancelCause(t.Context())
		return ctx, cancel
	},
	"lifetime": func(*testing.T) (context.Context, func(error)) {
		l := newLife()
		return l, l.end
	},
}

// TestCancel: a caller that goes away ends the exchange at once, wherever it
// stands, and the upstream sees it.
func TestCancel(t *testing.T) {
	gone := functions.Refuse(functions.RequestTimeout, "the caller has gone")
	for name, answer := range map[string]string{
		"head": "", "within the head": "HTTP/1.1 200", "body": byLength + canary, "chunk": chunked + "ff\r\n" + canary, "rest": "HTTP/1.1 200 OK\r\n\r\n" + canary,
	} {
		for kind, ending := range endings {
			for _, cause := range []error{gone, nil} {
				t.Run(name+", "+kind, func(t *testing.T) {
					seen, closed := make(chan struct{}), make(chan struct{})
					o := newOrigin(t, func(o *origin, c net.Conn, r *bufio.Reader) {
						_, _ = o.head(r)
						_, _ = io.WriteString(c, answer)
						close(seen)
						_, _ = io.Copy(io.Discard, r)
						close(closed)
					})
					ctx, cancel := ending(t)
					go func() {
						<-seen
						cancel(cause)
					}()
					err := outcome(ctx, newTransport(t, upstream.Options{}), o.get())
					if cause != nil && !errors.Is(err, cause) {
						t.Errorf("got %v, want the cause of the cancellation", err)
					}
					if cause == nil && !errors.Is(err, context.Canceled) {
						t.Errorf("got %v, want it to be context.Canceled", err)
					}
					happens(t, "the end of the connection", closed)
				})
			}
		}
	}
}

// TestCancelledBefore: a call that is over is not sent.
func TestCancelledBefore(t *testing.T) {
	for kind, ending := range endings {
		t.Run(kind, func(t *testing.T) {
			o := newOrigin(t, answering(ok))
			transport := newTransport(t, upstream.Options{})
			mustCall(t, transport, o.get())
			ctx, cancel := ending(t)
			cancel(nil)
			wantRefusal(t, outcome(ctx, transport, o.get()), functions.UpstreamTimeout)
			o.wantSeen(t, 1, 1)
		})
	}
}

// TestCancelledBehind: a context that ends between the end of the body and
// Close costs the connection, and a later end does not.
func TestCancelledBehind(t *testing.T) {
	for kind, ending := range endings {
		for _, closedFirst := range []bool{false, true} {
			t.Run(kind, func(t *testing.T) {
				o := newOrigin(t, answering(ok))
				transport := newTransport(t, upstream.Options{})
				ctx, cancel := ending(t)
				var answer upstream.Answer
				if err := transport.RoundTrip(ctx, o.get(), &answer); err != nil {
					t.Fatal(err)
				}
				if _, err := answer.ReadAll(nil, 9); err != nil {
					t.Fatal(err)
				}
				if closedFirst {
					answer.Close()
				}
				cancel(nil)
				answer.Close()
				mustCall(t, transport, o.get())
				want := 2
				if closedFirst {
					want = 1
				}
				o.wantSeen(t, want, 2)
			})
		}
	}
}

// TestCancelWhileDialling: the end of the context ends that as well.
func TestCancelWhileDialling(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	gone := functions.Refuse(functions.RequestTimeout, "the caller has gone")
	o := newOrigin(t, answering(ok))
	dialer := o.to()
	dialer.Dial = func(ctx context.Context, _, _ string) (net.Conn, error) {
		cancel(gone)
		<-ctx.Done()
		return nil, ctx.Err()
	}
	if err := outcome(ctx, newTransport(t, upstream.Options{Dialer: dialer}), o.get()); !errors.Is(err, gone) {
		t.Errorf("got %v, want the cause of the cancellation", err)
	}
	o.wantSeen(t, 0, 0)
}
