package upstream_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/egret-proxy/egret/functions"
	"github.com/egret-proxy/egret/proxy/egress"
	"github.com/egret-proxy/egret/proxy/upstream"
)

// TestRepeat: when the upstream takes a request on a kept connection and closes
// without a byte, nobody knows what it did. Only what changes nothing goes out
// once more, on a new connection.
func TestRepeat(t *testing.T) {
	plain := func(method string) func(*origin) *upstream.Request {
		return func(o *origin) *upstream.Request {
			req := o.get()
			req.Method = method
			return req
		}
	}
	ends := map[string]script{
		"closed": func(_ *origin, _ net.Conn, _ *bufio.Reader) {},
		"reset":  func(_ *origin, c net.Conn, _ *bufio.Reader) { resetOf(c) },
	}
	for name, end := range ends {
		for _, test := range []struct {
			name    string
			request func(*origin) *upstream.Request
			again   bool
		}{
			{"GET", plain("GET"), true},
			{"HEAD", plain("HEAD"), true},
			{"OPTIONS", plain("OPTIONS"), true},
			{"empty GET", func(o *origin) *upstream.Request { r := o.get(); r.Body = []byte{}; return r }, true},
			{"GET with what is good for one use", func(o *origin) *upstream.Request { r := o.get(); r.Once = true; return r }, false},
			{"GET with a body", func(o *origin) *upstream.Request { r := o.get(); r.Body = []byte("x"); return r }, false},
			{"GET with a stream", func(o *origin) *upstream.Request {
				r := o.get()
				r.Stream, r.Length = strings.NewReader("x"), 1
				return r
			}, false},
			{"POST", func(o *origin) *upstream.Request { return o.post("x") }, false},
			{"POST without a body", plain("POST"), false},
			{"PUT", plain("PUT"), false},
			{"DELETE", plain("DELETE"), false},
			{"get", plain("get"), false},
			{"chunks", func(o *origin) *upstream.Request { return o.upload(strings.NewReader("x"), -1) }, false},
		} {
			t.Run(name+", "+test.name, func(t *testing.T) {
				overSocketsAndPipes(t, func(t *testing.T, dialer func(*origin) *egress.Dialer) {
					o := newOrigin(t, func(o *origin, c net.Conn, r *bufio.Reader) {
						for {
							if _, err := o.head(r); err != nil {
								return
							}
							if _, requests := o.seen(); requests == 2 {
								end(o, c, r)
								return
							}
							_, _ = io.WriteString(c, ok[:len(ok)-2])
							if !strings.HasPrefix(o.last(), "HEAD") {
								_, _ = io.WriteString(c, ok[len(ok)-2:])
							}
						}
					})
					transport := newTransport(t, upstream.Options{Dialer: dialer(o)})
					mustCall(t, transport, o.get())
					if test.again {
						mustCall(t, transport, test.request(o))
						o.wantSeen(t, 2, 3)
						return
					}
					wantProxyError(t, outcome(t.Context(), transport, test.request(o)), functions.UpstreamProtocol, "connection_terminated")
					o.wantSeen(t, 1, 2)
				})
			})
		}
	}
}

func resetOf(c net.Conn) {
	if socket, ok := c.(*net.TCPConn); ok {
		_ = socket.SetLinger(0)
	}
}

// TestRepeatedOnce: what fails the second time as well has failed.
func TestRepeatedOnce(t *testing.T) {
	o := newOrigin(t, func(o *origin, c net.Conn, r *bufio.Reader) {
		_, _ = o.head(r)
		if _, requests := o.seen(); requests == 1 {
			_, _ = io.WriteString(c, ok)
			_, _ = o.head(r)
		}
	})
	transport := newTransport(t, upstream.Options{})
	mustCall(t, transport, o.get())
	wantProxyError(t, outcome(t.Context(), transport, o.get()), functions.UpstreamProtocol, "connection_terminated")
	o.wantSeen(t, 2, 3)
}

// TestNotRepeated: neither a new connection, nor one byte of an answer, nor
// silence lets a GET be sent again.
func TestNotRepeated(t *testing.T) {
	for _, test := range []struct {
		name          string
		before, after string
		code          functions.Code
		hangs         bool
	}{
		{name: "new connection", code: functions.UpstreamProtocol},
		{name: "one byte", before: ok, after: "H", code: functions.UpstreamProtocol},
		{name: "interim answer", before: ok, after: "HTTP/1.1 100 Continue\r\n\r\n", code: functions.UpstreamProtocol},
		{name: "not well formed", before: ok, after: "\n", code: functions.UpstreamProtocol},
		{name: "silence", before: ok, code: functions.UpstreamTimeout, hangs: true},
	} {
		t.Run(test.name, func(t *testing.T) {
			overSocketsAndPipes(t, func(t *testing.T, dialer func(*origin) *egress.Dialer) {
				o := newOrigin(t, func(o *origin, c net.Conn, r *bufio.Reader) {
					if test.before != "" {
						_, _ = o.head(r)
						_, _ = io.WriteString(c, test.before)
					}
					_, _ = o.head(r)
					_, _ = io.WriteString(c, test.after)
					if test.hangs {
						_, _ = io.Copy(io.Discard, r)
					}
				})
				transport := newTransport(t, upstream.Options{Dialer: dialer(o), FirstByteTimeout: 4 * short})
				want := 1
				if test.before != "" {
					mustCall(t, transport, o.get())
					want = 2
				}
				wantRefusal(t, outcome(t.Context(), transport, o.get()), test.code)
				o.wantSeen(t, 1, want)
			})
		})
	}
}

// A racing connection is closed by the other side in the moment in which it is
// written to: between the look at it and the Write.
type racing struct {
	net.Conn
	lost *atomic.Bool
}

func (r racing) Write(p []byte) (int, error) {
	if r.lost.Load() {
		return 0, io.ErrClosedPipe
	}
	return r.Conn.Write(p)
}

// TestNothingWritten: of what was not written nothing can have been done.
func TestNothingWritten(t *testing.T) {
	for method, request := range map[string]func(*origin) *upstream.Request{
		"POST": func(o *origin) *upstream.Request { return o.post("x") },
		"GET":  (*origin).get,
		"PUT":  func(o *origin) *upstream.Request { r := o.get(); r.Method = "PUT"; return r },
	} {
		t.Run(method, func(t *testing.T) {
			o := newOrigin(t, answering(ok))
			var lost atomic.Bool
			dials := 0
			dialer := &egress.Dialer{Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
				c, err := (&net.Dialer{}).DialContext(ctx, network, o.addr.String())
				if dials++; dials == 1 {
					return racing{c, &lost}, err
				}
				return c, err
			}}
			transport := newTransport(t, upstream.Options{Dialer: dialer})
			mustCall(t, transport, o.get())
			lost.Store(true)
			mustCall(t, transport, request(o))
			o.wantSeen(t, 2, 2)
		})
	}
}
