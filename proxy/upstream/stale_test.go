//go:build unix

package upstream_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/egret-proxy/egret/proxy/egress"
	"github.com/egret-proxy/egret/proxy/upstream"
)

// TestStaleConnection: a connection that the upstream closed, or spoke on
// unasked, while it was idle is sorted out before anything is written, so that
// even a POST goes through, and is sent once.
func TestStaleConnection(t *testing.T) {
	requests := map[string]func(*origin) *upstream.Request{
		"POST":   func(o *origin) *upstream.Request { return o.post("x") },
		"GET":    (*origin).get,
		"stream": func(o *origin) *upstream.Request { return o.upload(strings.NewReader("x"), 1) },
		"chunks": func(o *origin) *upstream.Request { return o.upload(strings.NewReader("x"), -1) },
		"large":  func(o *origin) *upstream.Request { return o.post(strings.Repeat("x", 100_000)) },
	}
	for name, spoil := range map[string]func(c net.Conn){
		"closed":      func(c net.Conn) { c.Close() },
		"half closed": func(c net.Conn) { _ = c.(*net.TCPConn).CloseWrite() },
		"reset":       func(c net.Conn) { _ = c.(*net.TCPConn).SetLinger(0); c.Close() },
		"spoken":      func(c net.Conn) { _, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nPOISON") },
		"one byte":    func(c net.Conn) { _, _ = io.WriteString(c, "\r") },
	} {
		for method, request := range requests {
			t.Run(name+", "+method, func(t *testing.T) {
				spoilt := make(chan struct{})
				o := newOrigin(t, func(o *origin, c net.Conn, r *bufio.Reader) {
					if _, err := o.head(r); err != nil {
						return
					}
					conns, _ := o.seen()
					_, _ = io.WriteString(c, ok)
					if conns == 1 {
						<-spoilt
						spoil(c)
					}
					_, _ = io.Copy(io.Discard, r)
				})
				var first net.Conn
				dialer := &egress.Dialer{Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
					c, err := (&net.Dialer{}).DialContext(ctx, network, address)
					if first == nil {
						first = c
					}
					return c, err
				}}
				transport := newTransport(t, upstream.Options{Dialer: dialer})
				mustCall(t, transport, o.get())
				close(spoilt)
				await(t, "what the origin did", func() bool { return readable(first) })
				mustCall(t, transport, request(o))
				o.wantSeen(t, 2, 2)
			})
		}
	}
}

// TestSeveralStale: as many as there are give way.
func TestSeveralStale(t *testing.T) {
	o := newOrigin(t, answering(ok))
	var all []net.Conn
	dialer := &egress.Dialer{Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := (&net.Dialer{}).DialContext(ctx, network, address)
		all = append(all, c)
		return c, err
	}}
	transport := newTransport(t, upstream.Options{Dialer: dialer})
	answers := make([]upstream.Answer, 5)
	for i := range answers {
		if err := transport.RoundTrip(t.Context(), o.get(), &answers[i]); err != nil {
			t.Fatal(err)
		}
	}
	for i := range answers {
		_, _ = answers[i].Buffered()
		answers[i].Close()
	}
	o.mu.Lock()
	for _, c := range o.conns {
		c.Close()
	}
	o.mu.Unlock()
	for _, c := range all {
		await(t, "the end of an idle connection", func() bool { return readable(c) })
	}
	mustCall(t, transport, o.post("x"))
	o.wantSeen(t, 6, 6)
}
