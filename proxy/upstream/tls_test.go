package upstream_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/egret-proxy/egret/functions"
	"github.com/egret-proxy/egret/proxy/egress"
	"github.com/egret-proxy/egret/proxy/upstream"
)

// overTLS wraps what an origin does into TLS with the certificate of package
// httptest, which is for example.com and 127.0.0.1.
func overTLS(t *testing.T, config *tls.Config, handle func(*origin, net.Conn, *bufio.Reader)) (*origin, *x509.CertPool) {
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
		secure := tls.Server(c, config)
		defer secure.Close()
		handle(o, secure, bufio.NewReader(secure))
	}), roots
}

// to connects everything to o.
func (o *origin) to() *egress.Dialer {
	return &egress.Dialer{Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, o.addr.String())
	}}
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
			stock := newStock(t, upstream.Options{Dialer: o.to(), RootCAs: roots, IdleTimeout: time.Minute})
			req := o.get()
			req.Scheme, req.Host, req.Port = "https", test.host, 443
			if test.code == "" {
				mustGet(t, stock, req)
				mustGet(t, stock, req)
				if conns, _ := o.seen(); conns != 1 {
					t.Errorf("the origin saw %d connections, want 1", conns)
				}
				return
			}
			_, err := stock.RoundTrip(t.Context(), req)
			if r := wantRefusal(t, err, test.code); test.proxyError != "" && r.ProxyError != test.proxyError {
				t.Errorf("ProxyError = %q, want %q", r.ProxyError, test.proxyError)
			}
			if _, requests := o.seen(); requests != 0 {
				t.Errorf("the origin saw %d requests, want 0", requests)
			}
		})
	}
}

func TestNoTLS(t *testing.T) {
	o := newOrigin(t, func(_ *origin, c net.Conn, r *bufio.Reader) {
		_, _ = r.Peek(1)
		_, _ = io.WriteString(c, "HTTP/1.1 400 Bad Request\r\nX: "+canary+"\r\n\r\n")
	})
	req := o.get()
	req.Scheme = "https"
	_, err := newStock(t, upstream.Options{Dialer: o.to()}).RoundTrip(t.Context(), req)
	if r := wantRefusal(t, err, functions.UpstreamTLS); r.ProxyError != "tls_protocol_error" {
		t.Errorf("ProxyError = %q, want tls_protocol_error", r.ProxyError)
	}
}

func TestTLSStalls(t *testing.T) {
	o := newOrigin(t, func(_ *origin, _ net.Conn, r *bufio.Reader) { _, _ = io.Copy(io.Discard, r) })
	req := o.get()
	req.Scheme = "https"
	_, err := newStock(t, upstream.Options{Dialer: o.to(), TLSTimeout: 50 * time.Millisecond}).RoundTrip(t.Context(), req)
	wantRefusal(t, err, functions.UpstreamTimeout)
}

// TestTLSTruncated: an end without close_notify may be the work of somebody in
// between, RFC 8446 section 6.1, so that a body that only the end of the
// connection ends is incomplete.
func TestTLSTruncated(t *testing.T) {
	for name, farewell := range map[string]bool{"close_notify": true, "cut": false} {
		t.Run(name, func(t *testing.T) {
			o, roots := overTLS(t, &tls.Config{}, func(o *origin, c net.Conn, r *bufio.Reader) {
				if _, err := o.head(r); err != nil {
					return
				}
				_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\n\r\nok")
				if !farewell {
					_ = c.(*tls.Conn).NetConn().Close()
				}
			})
			req := o.get()
			req.Scheme, req.Host = "https", "example.com"
			err := outcome(newStock(t, upstream.Options{Dialer: o.to(), RootCAs: roots}), t.Context(), req)
			if farewell && err != nil {
				t.Errorf("got %v, want an answer", err)
			}
			if !farewell {
				wantRefusal(t, err, functions.UpstreamProtocol)
			}
		})
	}
}
