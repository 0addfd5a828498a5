package upstream_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"github.com/egret-proxy/egret/proxy/egress"
	"github.com/egret-proxy/egret/proxy/upstream"
)

// canary stands wherever a request or an answer has bytes, and must never be in
// an error.
const canary = "canary-8c1f"

// A script is what an origin does on one connection.
type script func(o *origin, c net.Conn, r *bufio.Reader)

// An origin is an upstream that speaks bytes, not HTTP, so that it can be wrong
// in every way.
type origin struct {
	addr    netip.AddrPort
	handle  script
	running sync.WaitGroup
	over    chan struct{} // closed at the end of the test

	mu    sync.Mutex
	conns []net.Conn // accepted, in order
	heads []string   // of requests, as sent
}

// newOrigin listens on loopback. handle speaks on one connection, which is
// closed when it returns.
func newOrigin(t testing.TB, handle script) *origin {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	o := &origin{addr: listener.Addr().(*net.TCPAddr).AddrPort(), handle: handle, over: make(chan struct{})}
	o.running.Go(func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			o.serve(c)
		}
	})
	t.Cleanup(func() {
		close(o.over)
		listener.Close()
		o.mu.Lock()
		for _, c := range o.conns {
			c.Close()
		}
		o.mu.Unlock()
		o.running.Wait()
	})
	return o
}

// serve speaks on c, in a goroutine of its own.
func (o *origin) serve(c net.Conn) {
	o.mu.Lock()
	o.conns = append(o.conns, c)
	o.mu.Unlock()
	o.running.Go(func() {
		defer c.Close()
		o.handle(o, c, bufio.NewReader(c))
	})
}

// to connects everything to o.
func (o *origin) to() *egress.Dialer {
	return &egress.Dialer{Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, o.addr.String())
	}}
}

// inMemory connects everything to o through pipes, which cannot be looked into.
func (o *origin) inMemory() *egress.Dialer {
	return &egress.Dialer{Dial: func(context.Context, string, string) (net.Conn, error) {
		near, far := net.Pipe()
		o.serve(far)
		return near, nil
	}}
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

// wantSeen checks how many connections and requests there were.
func (o *origin) wantSeen(t *testing.T, conns, requests int) {
	t.Helper()
	if c, r := o.seen(); c != conns || r != requests {
		t.Errorf("the origin saw %d connections and %d requests, want %d and %d", c, r, conns, requests)
	}
}

// last is the head of the last request.
func (o *origin) last() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.heads[len(o.heads)-1]
}

// answering gives the same answer to each request on a connection. Requests
// have no body, or one that is not waited for.
func answering(answer string) script {
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
func once(answer string) script {
	return func(o *origin, c net.Conn, r *bufio.Reader) {
		if _, err := o.head(r); err != nil {
			return
		}
		_, _ = io.WriteString(c, answer)
		_ = c.(interface{ CloseWrite() error }).CloseWrite()
		_, _ = io.Copy(io.Discard, r)
	}
}

// stalling writes what it is told to, then nothing.
func stalling(answer string) script {
	return func(o *origin, c net.Conn, r *bufio.Reader) {
		if _, err := o.head(r); err == nil {
			_, _ = io.WriteString(c, answer)
			_, _ = io.Copy(io.Discard, r)
		}
	}
}

// deaf reads no body, and does not answer.
func deaf(o *origin, _ net.Conn, r *bufio.Reader) {
	_, _ = o.head(r)
	<-o.over
}

// endless answers and never stops.
func endless(head, piece string) script {
	return func(o *origin, c net.Conn, r *bufio.Reader) {
		if _, err := o.head(r); err != nil {
			return
		}
		for _, err := io.WriteString(c, head); err == nil; {
			_, err = io.WriteString(c, piece)
		}
	}
}

// reset closes with RST instead of FIN.
func reset(o *origin, c net.Conn, r *bufio.Reader) {
	_, _ = o.head(r)
	_ = c.(*net.TCPConn).SetLinger(0)
}

// get is a request to o without a body.
func (o *origin) get() *upstream.Request {
	return &upstream.Request{
		Method: "GET", Scheme: "http", Host: o.addr.Addr().String(), Port: o.addr.Port(),
		Authority: "api.acme.test", Target: []byte("/" + canary), Grant: egress.Grant{Literal: true},
	}
}

// post is a request to o with a body.
func (o *origin) post(body string) *upstream.Request {
	req := o.get()
	req.Method, req.Body = "POST", []byte(body)
	return req
}

// upload is a request to o with a body that is still coming.
func (o *origin) upload(body io.Reader, length int64) *upstream.Request {
	req := o.get()
	req.Method, req.Stream, req.Length = "POST", body, length
	return req
}
