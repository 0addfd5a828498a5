package upstream_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/egret-proxy/egret/functions"
	"github.com/egret-proxy/egret/proxy/egress"
	"github.com/egret-proxy/egret/proxy/upstream"
)

// canary stands wherever a request or an answer has bytes, and must never be in
// an error.
const canary = "canary-8c1f"

// An origin is an upstream that speaks bytes, not HTTP, so that it can be wrong
// in every way.
type origin struct {
	addr netip.AddrPort

	mu    sync.Mutex
	conns []net.Conn // accepted, in order
	heads []string   // of requests, as sent
}

// newOrigin listens on loopback. handle speaks on one connection, which is
// closed when it returns. When the test ends, after the transports that it
// makes later are closed, no goroutine may be left; the sleeping cleaner of
// fasthttp's client is known, and has a test of its own.
func newOrigin(t *testing.T, handle func(o *origin, c net.Conn, r *bufio.Reader)) *origin {
	t.Helper()
	before := goleak.IgnoreCurrent()
	t.Cleanup(func() {
		goleak.VerifyNone(t, before, goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*HostClient).connsCleaner"))
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	o := &origin{addr: listener.Addr().(*net.TCPAddr).AddrPort()}
	var running sync.WaitGroup
	running.Go(func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			o.mu.Lock()
			o.conns = append(o.conns, c)
			o.mu.Unlock()
			running.Go(func() {
				defer c.Close()
				handle(o, c, bufio.NewReader(c))
			})
		}
	})
	t.Cleanup(func() {
		listener.Close()
		o.mu.Lock()
		for _, c := range o.conns {
			c.Close()
		}
		o.mu.Unlock()
		running.Wait()
	})
	return o
}

// head reads a request up to the empty line, and keeps it.
func (o *origin) head(r *bufio.Reader) (string, error) {
	var head strings.Builder
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return "", err
		}
		head.WriteString(line)
		if line == "\r\n" {
			o.mu.Lock()
			o.heads = append(o.heads, head.String())
			o.mu.Unlock()
			return head.String(), nil
		}
	}
}

func (o *origin) seen() (conns, requests int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.conns), len(o.heads)
}

// last is the header of the last request.
func (o *origin) last() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.heads[len(o.heads)-1]
}

// answering gives the same answer to each request on a connection. Requests
// have no body, or one that is not waited for.
func answering(answer string) func(*origin, net.Conn, *bufio.Reader) {
	return func(o *origin, c net.Conn, r *bufio.Reader) {
		for {
			if _, err := o.head(r); err != nil {
				return
			}
			if _, err := io.WriteString(c, answer); err != nil {
				return
			}
		}
	}
}

// once gives one answer and ends its side. What it has not read stays unread
// only when the other side closes, so that nothing turns its end into a reset.
func once(answer string) func(*origin, net.Conn, *bufio.Reader) {
	return func(o *origin, c net.Conn, r *bufio.Reader) {
		if _, err := o.head(r); err != nil {
			return
		}
		_, _ = io.WriteString(c, answer)
		_ = c.(*net.TCPConn).CloseWrite()
		_, _ = io.Copy(io.Discard, r)
	}
}

// newStock makes a transport that is closed when the test ends.
func newStock(t *testing.T, options upstream.Options) *upstream.Stock {
	t.Helper()
	if options.Dialer == nil {
		options.Dialer = &egress.Dialer{Guard: egress.NewGuard(nil, nil)}
	}
	stock, err := upstream.NewStock(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stock.Close)
	return stock
}

// get is a request to o without a body.
func (o *origin) get() *upstream.Request {
	return &upstream.Request{
		Method: "GET", Scheme: "http", Host: o.addr.Addr().String(), Port: o.addr.Port(),
		Authority: "api.acme.test", Target: "/" + canary, Grant: egress.Grant{Literal: true},
	}
}

// post is a request to o with a body.
func (o *origin) post(body string) *upstream.Request {
	req := o.get()
	req.Method, req.Body, req.ContentLength = "POST", strings.NewReader(body), int64(len(body))
	return req
}

// mustGet performs req, whose answer must be ok.
func mustGet(t *testing.T, stock *upstream.Stock, req *upstream.Request) {
	t.Helper()
	answer, err := stock.RoundTrip(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	if body := bodyOf(t, answer); body != "ok" {
		t.Fatalf("body = %q, want ok", body)
	}
}

// wantRefusal checks an error, and that no byte of the traffic is in it.
func wantRefusal(t *testing.T, err error, code functions.Code) *functions.Refusal {
	t.Helper()
	r, ok := errors.AsType[*functions.Refusal](err)
	if !ok || r.Code != code {
		t.Fatalf("got error %v, want %s", err, code)
	}
	if strings.Contains(r.Error(), canary) || strings.Contains(r.Detail, canary) {
		t.Errorf("the error has bytes of the traffic: %v", err)
	}
	if r.Detail == "" {
		t.Errorf("the refusal %s has no detail", r.Code)
	}
	return r
}

// await polls until done, which must become true.
func await(t *testing.T, what string, done func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-ctx.Done():
			t.Fatalf("%s did not happen", what)
		case <-tick.C:
		}
	}
}
