package upstream_test

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/egret-proxy/egret/functions"
	"github.com/egret-proxy/egret/proxy/upstream"
)

// overTLS wraps what an origin does into TLS with the certificate of package
// httptest, which is for example.com and 127.0.0.1.
func overTLS(t testing.TB, config *tls.Config, handle script) (*origin, *x509.CertPool) {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	server.StartTLS()
	defer server.Close()
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	if config == nil {
		config = &tls.Config{}
	}
	config.Certificates = server.TLS.Certificates
	return newOrigin(t, func(o *origin, c net.Conn, _ *bufio.Reader) {
		secure := tls.Server(&corked{Conn: c}, config)
		defer secure.Close()
		handle(o, secure, bufio.NewReader(secure))
	}), roots
}

// A corked connection can hold back what is written, so that several records go
// out in one segment.
type corked struct {
	net.Conn
	mu   sync.Mutex
	on   bool
	held []byte
}

func (c *corked) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.on {
		c.held = append(c.held, p...)
		return len(p), nil
	}
	return c.Conn.Write(p)
}

// together runs write, and then sends what it wrote but for the last bytes.
func together(c net.Conn, but int, write func()) {
	below := c.(*tls.Conn).NetConn().(*corked)
	below.mu.Lock()
	below.on = true
	below.mu.Unlock()
	write()
	below.mu.Lock()
	defer below.mu.Unlock()
	below.on = false
	_ = below.SetWriteDeadline(time.Time{}) // which CloseWrite has set
	_, _ = below.Conn.Write(below.held[:len(below.held)-but])
	below.held = nil
}

func (o *origin) secure(host string) *upstream.Request {
	req := o.get()
	req.Scheme, req.Host, req.Port = "https", host, 443
	return req
}

func TestTLS(t *testing.T) {
	for _, test := range []struct {
		name       string
		host       string
		trusted    bool
		config     *tls.Config
		code       functions.Code
		proxyError string
	}{
		{name: "name", host: "example.com", trusted: true},
		{name: "address", host: "127.0.0.1", trusted: true},
		{name: "http/1.1 offered", host: "example.com", trusted: true, config: &tls.Config{NextProtos: []string{"h2", "http/1.1"}}},
		{name: "TLS 1.2", host: "example.com", trusted: true, config: &tls.Config{MaxVersion: tls.VersionTLS12}},
		{name: "no tickets", host: "example.com", trusted: true, config: &tls.Config{SessionTicketsDisabled: true}},
		{name: "untrusted", host: "example.com", code: functions.UpstreamTLS, proxyError: "tls_certificate_error"},
		{name: "wrong name", host: "api.acme.test", trusted: true, code: functions.UpstreamTLS, proxyError: "tls_certificate_error"},
		{name: "old version", host: "example.com", trusted: true, config: &tls.Config{MaxVersion: tls.VersionTLS11}, code: functions.UpstreamTLS},
		{name: "no http/1.1", host: "example.com", trusted: true, config: &tls.Config{NextProtos: []string{"other"}}, code: functions.UpstreamTLS, proxyError: "tls_alert_received"},
	} {
		t.Run(test.name, func(t *testing.T) {
			o, roots := overTLS(t, test.config, answering(ok))
			if !test.trusted {
				roots = x509.NewCertPool()
			}
			transport := newTransport(t, upstream.Options{Dialer: o.to(), RootCAs: roots})
			if test.code == "" {
				for range 3 {
					mustCall(t, transport, o.secure(test.host))
				}
				req := o.secure(test.host)
				req.Stream, req.Length = strings.NewReader(""), 0
				mustCall(t, transport, req)
				o.wantSeen(t, 1, 4)
				return
			}
			r := wantRefusal(t, outcome(t.Context(), transport, o.secure(test.host)), test.code)
			if test.proxyError != "" && r.ProxyError != test.proxyError {
				t.Errorf("ProxyError = %q, want %q", r.ProxyError, test.proxyError)
			}
			if _, requests := o.seen(); requests != 0 {
				t.Errorf("the origin saw %d requests, want 0", requests)
			}
		})
	}
}

// TestTLSApart: with and without TLS are two places.
func TestTLSApart(t *testing.T) {
	o := newOrigin(t, answering(ok))
	transport := newTransport(t, upstream.Options{Dialer: o.to()})
	req := o.secure("example.com")
	req.Scheme = "http"
	mustCall(t, transport, req)
	req.Grant.TLS = true // which Scheme overrules
	mustCall(t, transport, req)
	o.wantSeen(t, 1, 2)
}

func TestNoTLS(t *testing.T) {
	o := newOrigin(t, func(_ *origin, c net.Conn, r *bufio.Reader) {
		_, _ = r.Peek(1)
		_, _ = io.WriteString(c, "HTTP/1.1 400 Bad Request\r\nX: "+canary+"\r\n\r\n")
	})
	err := outcome(t.Context(), newTransport(t, upstream.Options{Dialer: o.to()}), o.secure("example.com"))
	wantProxyError(t, err, functions.UpstreamTLS, "tls_protocol_error")
}

func TestTLSStalls(t *testing.T) {
	o := newOrigin(t, func(_ *origin, _ net.Conn, r *bufio.Reader) { _, _ = io.Copy(io.Discard, r) })
	err := outcome(t.Context(), newTransport(t, upstream.Options{Dialer: o.to(), TLSTimeout: short}), o.secure("example.com"))
	wantProxyError(t, err, functions.UpstreamTimeout, "connection_timeout")
	req := o.secure("example.com")
	req.Deadline = time.Now().Add(short)
	err = outcome(t.Context(), newTransport(t, upstream.Options{Dialer: o.to()}), req)
	wantProxyError(t, err, functions.UpstreamTimeout, "http_response_timeout")
}

// versions are those that differ in how a connection ends.
var versions = map[string]uint16{"1.2": tls.VersionTLS12, "1.3": tls.VersionTLS13}

// TestTLSEnd: an end without close_notify may be the work of somebody in
// between, RFC 8446 section 6.1, so that a body that only the end of the
// connection ends is incomplete. A close_notify that comes along with bytes
// takes nothing of them away.
func TestTLSEnd(t *testing.T) {
	body := strings.Repeat("0123456789", 1000)
	for version, max := range versions {
		for _, test := range []struct {
			name, answer string
			notify       bool
			whole        bool
		}{
			{"rest", "HTTP/1.1 200 OK\r\n\r\n" + body, true, true},
			{"rest that is cut", "HTTP/1.1 200 OK\r\n\r\n" + body, false, false},
			{"length", "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 10000\r\n\r\n" + body, true, true},
			{"length that is cut", "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 10000\r\n\r\n" + body, false, true},
			{"chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2710\r\n" + body + "\r\n0\r\n\r\n", true, true},
			{"short length", "HTTP/1.1 200 OK\r\nContent-Length: 10001\r\n\r\n" + body, true, false},
			{"no last chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2710\r\n" + body + "\r\n", true, false},
		} {
			for _, at := range []int{len(test.answer), 19, len(test.answer) - 1} {
				for how, read := range readings {
					t.Run(version+", "+test.name+", "+how, func(t *testing.T) {
						o, roots := overTLS(t, &tls.Config{MaxVersion: max}, func(o *origin, c net.Conn, r *bufio.Reader) {
							if _, err := o.head(r); err != nil {
								return
							}
							_, _ = io.WriteString(c, test.answer[:len(test.answer)-at])
							together(c, 0, func() {
								_, _ = io.WriteString(c, test.answer[len(test.answer)-at:])
								if test.notify {
									_ = c.(*tls.Conn).CloseWrite()
								}
							})
							_ = c.(*tls.Conn).NetConn().Close()
						})
						got, err := call(t.Context(), newTransport(t, upstream.Options{Dialer: o.to(), RootCAs: roots}), o.secure("example.com"), read)
						if !test.whole {
							wantProxyError(t, err, functions.UpstreamProtocol, "http_response_incomplete")
							return
						}
						if err != nil {
							t.Fatalf("cut %d before the end: got %v, want an answer", at, err)
						}
						if got.Body != body {
							t.Errorf("cut %d before the end: the body has %d bytes, want %d", at, len(got.Body), len(body))
						}
					})
				}
			}
		}
	}
}

// poisoning answers plainly, but each request from one on with records, of which
// all but the last bytes arrive together.
func poisoning(from int, records []string, but int) script {
	return func(o *origin, c net.Conn, r *bufio.Reader) {
		for served := 1; ; served++ {
			if _, err := o.head(r); err != nil {
				return
			}
			if served < from {
				_, _ = io.WriteString(c, ok)
				continue
			}
			together(c, but, func() {
				for _, record := range records {
					_, _ = io.WriteString(c, record)
				}
			})
		}
	}
}

// wantPlain sends some requests, each of which is to get its own answer.
func wantPlain(t *testing.T, transport *upstream.Transport, o *origin, times int, read reading) {
	t.Helper()
	for range times {
		got, err := call(t.Context(), transport, o.secure("example.com"), read)
		if err != nil || got.Body != "ok" {
			t.Fatalf("got %v, %v, want ok", got, err)
		}
	}
}

// TestTLSPoison: what comes behind an answer is not taken for the next one, be
// it in the same record, in one of its own that crypto/tls may hold already, or
// in a part of one.
func TestTLSPoison(t *testing.T) {
	const poison = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nPOISON"
	for version, max := range versions {
		for _, test := range []struct {
			name    string
			records []string
			but     int
		}{
			{"same record", []string{ok + poison}, 0},
			{"record of its own", []string{ok, poison}, 0},
			{"empty record between", []string{ok, "", poison}, 0},
			{"part of a record", []string{ok, poison}, 10},
			{"begin of a record", []string{ok, "x"}, 19},
			{"chunked", []string{chunked + "2\r\nok\r\n0\r\n\r\n", poison}, 0},
		} {
			for how, read := range readings {
				t.Run(version+", "+test.name+", "+how, func(t *testing.T) {
					o, roots := overTLS(t, &tls.Config{MaxVersion: max}, poisoning(1, test.records, test.but))
					wantPlain(t, newTransport(t, upstream.Options{Dialer: o.to(), RootCAs: roots}), o, 3, read)
					o.wantSeen(t, 3, 3)
				})
			}
		}
	}
}

// TestTLSPoisonLater is TestTLSPoison on a connection that has served requests
// before, of which more is known.
func TestTLSPoisonLater(t *testing.T) {
	const poison = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nPOISON"
	half := len(ok) / 2
	for version, max := range versions {
		for _, test := range []struct {
			name    string
			records []string
			but     int
			conns   int
		}{
			{"one record", []string{ok}, 0, 1},
			{"two records", []string{ok[:half], ok[half:]}, 0, 1},
			{"empty records around", []string{"", ok, ""}, 0, 1},
			{"same record", []string{ok + poison}, 0, 3},
			{"same record as the end", []string{ok[:half], ok[half:] + poison}, 0, 3},
			{"record of its own", []string{ok, poison}, 0, 3},
			{"record of its own behind two", []string{ok[:half], ok[half:], poison}, 0, 3},
			{"empty record between", []string{ok, "", poison}, 0, 3},
			{"part of a record", []string{ok, poison}, 10, 3},
			{"begin of a record", []string{ok, "x"}, 19, 3},
			{"chunked", []string{chunked + "2\r\nok\r\n0\r\n\r\n", poison}, 0, 3},
		} {
			for how, read := range readings {
				t.Run(version+", "+test.name+", "+how, func(t *testing.T) {
					o, roots := overTLS(t, &tls.Config{MaxVersion: max}, poisoning(3, test.records, test.but))
					wantPlain(t, newTransport(t, upstream.Options{Dialer: o.to(), RootCAs: roots}), o, 9, read)
					o.wantSeen(t, test.conns, 9)
				})
			}
		}
	}
}

// TestHTTP2Alone: an upstream that speaks HTTP/2 whatever was agreed upon.
func TestHTTP2Alone(t *testing.T) {
	for name, config := range map[string]*tls.Config{"nothing agreed": nil, "offered": {NextProtos: []string{"h2"}}} {
		t.Run(name, func(t *testing.T) {
			o, roots := overTLS(t, config, func(_ *origin, c net.Conn, r *bufio.Reader) {
				_, _ = io.WriteString(c, "\x00\x00\x06\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x64")
				_, _ = io.Copy(io.Discard, r)
			})
			err := outcome(t.Context(), newTransport(t, upstream.Options{Dialer: o.to(), RootCAs: roots}), o.secure("example.com"))
			wantProxyError(t, err, functions.UpstreamProtocol, "http_protocol_error")
			r := wantRefusal(t, err, functions.UpstreamProtocol)
			if want := "the upstream speaks HTTP/2 alone, and egret speaks HTTP/1.1 to upstreams"; r.Detail != want {
				t.Errorf("got detail %q, want %q", r.Detail, want)
			}
		})
	}
}
