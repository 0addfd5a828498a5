//go:build unix

package upstream_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/egret-proxy/egret/functions"
	"github.com/egret-proxy/egret/proxy/egress"
	"github.com/egret-proxy/egret/proxy/upstream"
)

// TestReuse: one connection serves the requests of one place, one after the
// other, and of no other place.
func TestReuse(t *testing.T) {
	o := newOrigin(t, answering(ok))
	stock := newStock(t, upstream.Options{IdleTimeout: time.Minute})
	for want, change := range []func(*upstream.Request){
		func(*upstream.Request) {},
		func(r *upstream.Request) { r.Pool = "agent/acme_token" },
		func(r *upstream.Request) { r.Pool = "other/acme_token" },
		func(r *upstream.Request) { r.Grant.Cleartext = true },
		func(r *upstream.Request) { r.Host = "localhost" },
	} {
		for _, stream := range []bool{false, true, false} {
			req := o.get()
			req.Stream = stream
			change(req)
			mustGet(t, stock, req)
			if conns, _ := o.seen(); conns != want+1 {
				t.Fatalf("place %d: the origin saw %d connections, want %d", want, conns, want+1)
			}
		}
	}
}

// TestNotReused: after such an answer the connection is not used again.
func TestNotReused(t *testing.T) {
	for name, answer := range map[string]string{
		"said so":       "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
		"http/1.0":      "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
		"body not read": "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok",
	} {
		t.Run(name, func(t *testing.T) {
			o := newOrigin(t, answering(answer))
			stock := newStock(t, upstream.Options{IdleTimeout: time.Minute})
			for want := 1; want <= 3; want++ {
				req := o.get()
				req.Stream = true
				answer, err := stock.RoundTrip(t.Context(), req)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := io.ReadFull(answer.Body, make([]byte, 2)); err != nil {
					t.Fatal(err)
				}
				answer.Body.Close()
				if conns, _ := o.seen(); conns != want {
					t.Errorf("the origin saw %d connections, want %d", conns, want)
				}
			}
		})
	}
}

// TestStaleConnection: a connection that the upstream closed, or spoke on
// unasked, while it was idle is sorted out before anything is written, so that
// even a POST goes through, and is sent once.
func TestStaleConnection(t *testing.T) {
	for name, spoil := range map[string]func(c net.Conn){
		"closed": func(c net.Conn) { c.Close() },
		"reset":  func(c net.Conn) { _ = c.(*net.TCPConn).SetLinger(0); c.Close() },
		"spoken": func(c net.Conn) { _, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nPOISON") },
	} {
		t.Run(name, func(t *testing.T) {
			spoilt := make(chan struct{})
			o := newOrigin(t, func(o *origin, c net.Conn, r *bufio.Reader) {
				if _, err := o.head(r); err != nil {
					return
				}
				_, _ = io.WriteString(c, ok)
				if conns, _ := o.seen(); conns == 1 {
					<-spoilt
					spoil(c)
					_, _ = io.Copy(io.Discard, r)
				}
			})
			var first net.Conn
			dialer := &egress.Dialer{Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
				c, err := (&net.Dialer{}).DialContext(ctx, network, address)
				if first == nil {
					first = c
				}
				return c, err
			}}
			stock := newStock(t, upstream.Options{Dialer: dialer, IdleTimeout: time.Minute})
			mustGet(t, stock, o.get())
			close(spoilt)
			await(t, "what the origin did", func() bool { return readable(first) })
			mustGet(t, stock, o.post("x"))
			if conns, requests := o.seen(); conns != 2 || requests != 2 {
				t.Errorf("the origin saw %d connections and %d requests, want 2 and 2", conns, requests)
			}
		})
	}
}

// TestPostIsSentOnce: when the upstream takes a request and closes, nobody
// knows what it did.
func TestPostIsSentOnce(t *testing.T) {
	for _, method := range []string{"POST", "GET", "PUT", "HEAD"} {
		t.Run(method, func(t *testing.T) {
			o := newOrigin(t, func(o *origin, c net.Conn, r *bufio.Reader) {
				if _, err := o.head(r); err != nil {
					return
				}
				if _, requests := o.seen(); requests == 1 {
					_, _ = io.WriteString(c, ok)
					_, _ = o.head(r)
				}
			})
			stock := newStock(t, upstream.Options{IdleTimeout: time.Minute})
			mustGet(t, stock, o.get())
			req := o.get()
			req.Method = method
			_, err := stock.RoundTrip(t.Context(), req)
			wantRefusal(t, err, functions.UpstreamProtocol)
			if conns, requests := o.seen(); conns != 1 || requests != 2 {
				t.Errorf("the origin saw %d connections and %d requests, want 1 and 2", conns, requests)
			}
		})
	}
}

// TestIdle: an unused connection is closed after its time, and fasthttp's
// cleaner ends too.
func TestIdle(t *testing.T) {
	before := goleak.IgnoreCurrent()
	ended := make(chan struct{})
	o := newOrigin(t, func(o *origin, c net.Conn, r *bufio.Reader) {
		answering(ok)(o, c, r)
		close(ended)
	})
	stock := newStock(t, upstream.Options{IdleTimeout: 50 * time.Millisecond})
	mustGet(t, stock, o.get())
	select {
	case <-ended:
	case <-time.After(5 * time.Second):
		t.Fatal("the idle connection is still open")
	}
	await(t, "the end of the cleaner", func() bool {
		return goleak.Find(before, goleak.IgnoreAnyFunction("github.com/egret-proxy/egret/proxy/upstream_test.newOrigin.func2")) == nil
	})
}

// TestMaxIdle: the connection that was used the longest ago gives way.
func TestMaxIdle(t *testing.T) {
	o := newOrigin(t, answering(ok))
	stock := newStock(t, upstream.Options{IdleTimeout: time.Minute, MaxIdle: 2})
	for i, step := range []struct {
		pool string
		want int // connections so far
	}{{"a", 1}, {"b", 2}, {"a", 2}, {"c", 3}, {"a", 3}, {"c", 3}, {"b", 4}} {
		req := o.get()
		req.Pool = step.pool
		mustGet(t, stock, req)
		if conns, _ := o.seen(); conns != step.want {
			t.Errorf("step %d: the origin saw %d connections, want %d", i, conns, step.want)
		}
	}
}

// TestTogether: exchanges at the same time have connections of their own.
func TestTogether(t *testing.T) {
	o := newOrigin(t, answering(ok))
	stock := newStock(t, upstream.Options{IdleTimeout: time.Minute})
	errs := make(chan error)
	for range 8 {
		go func() {
			var err error
			for range 50 {
				if err == nil {
					err = outcome(stock, t.Context(), o.get())
				}
			}
			errs <- err
		}()
	}
	for range 8 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	if conns, requests := o.seen(); conns > 8 || requests != 400 {
		t.Errorf("the origin saw %d connections and %d requests, want at most 8 and 400", conns, requests)
	}
}
