package proxytest

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"strings"
	"sync"
	"testing"
	"time"
)

// An Upstream answers for every host, in memory, and records what it got.
// Connections to port 443 speak TLS. Until a handler is set, every request is
// answered with 200 and {"ok":true}.
type Upstream struct {
	roots *x509.CertPool
	plain *pipes
	tls   *pipes

	mu       sync.Mutex
	handlers map[string]http.Handler
	requests []Request
	dialled  []string
}

// A Request is a request as the upstream received it.
type Request struct {
	Scheme string // http or https
	Method string
	Host   string // of the Host field
	Target string // path and query, byte for byte
	Header http.Header
	Body   string
	head   string
}

// dump is the whole request as text.
func (r Request) dump() string { return r.head + r.Body }

// RawHead is the head of the request, field by field.
func (r Request) RawHead() string { return r.head }

func newUpstream(t testing.TB) *Upstream {
	authority, err := newAuthority()
	if err != nil {
		t.Fatalf("cannot make certificates: %v", err)
	}
	u := &Upstream{roots: authority.roots, plain: newPipes(), tls: newPipes(), handlers: map[string]http.Handler{}}
	config := &tls.Config{GetCertificate: authority.certificate, NextProtos: []string{"http/1.1"}, MinVersion: tls.VersionTLS12}
	u.serve(t, "http", u.plain)
	u.serve(t, "https", tls.NewListener(u.tls, config))
	return u
}

// serve answers connections until the test ends.
func (u *Upstream) serve(t testing.TB, scheme string, l net.Listener) {
	server := &http.Server{Handler: u.handler(scheme), ReadHeaderTimeout: 10 * time.Second}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(l) // always http.ErrServerClosed
	}()
	t.Cleanup(func() {
		_ = server.Close()
		<-done
	})
}

// Handle sets the handler of a host, "" for all hosts that have none.
func (u *Upstream) Handle(host string, handler http.HandlerFunc) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.handlers[host] = handler
}

// Requests are the requests that were received, in their order.
func (u *Upstream) Requests() []Request {
	u.mu.Lock()
	defer u.mu.Unlock()
	return append([]Request(nil), u.requests...)
}

// Last is the latest request. It fails the test when there is none.
func (u *Upstream) Last(t testing.TB) Request {
	t.Helper()
	requests := u.Requests()
	if len(requests) == 0 {
		t.Fatal("the upstream received nothing")
	}
	return requests[len(requests)-1]
}

// Dialled are the addresses that egret connected to.
func (u *Upstream) Dialled() []string {
	u.mu.Lock()
	defer u.mu.Unlock()
	return append([]string(nil), u.dialled...)
}

func (u *Upstream) handler(scheme string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		head, _ := httputil.DumpRequest(r, false)
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		u.mu.Lock()
		u.requests = append(u.requests, Request{
			Scheme: scheme, Method: r.Method, Host: r.Host, Target: r.RequestURI,
			Header: r.Header.Clone(), Body: string(body), head: string(head),
		})
		handler, ok := u.handlers[r.Host]
		if !ok {
			handler, ok = u.handlers[""]
		}
		u.mu.Unlock()
		if !ok {
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, `{"ok":true}`)
			return
		}
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		handler.ServeHTTP(w, r)
	})
}

// dial connects egret to the upstream, whatever the host.
func (u *Upstream) dial(ctx context.Context, _, address string) (net.Conn, error) {
	u.mu.Lock()
	u.dialled = append(u.dialled, address)
	u.mu.Unlock()
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	if port == "443" {
		return u.tls.dial(ctx)
	}
	return u.plain.dial(ctx)
}

// pipes is a listener in memory.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func newPipes() *pipes { return &pipes{conns: make(chan net.Conn), closed: make(chan struct{})} }

// errRefused is what dialling a listener that is closed gives.
var errRefused = errors.New("the upstream is closed")

func (p *pipes) dial(ctx context.Context) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case p.conns <- theirs:
		return ours, nil
	case <-p.closed:
		return nil, errRefused
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Accept gives the next connection.
func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

// Close ends Accept.
func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

// Addr is the address of a pipe.
func (p *pipes) Addr() net.Addr { return pipeAddr{} }

type pipeAddr struct{}

func (pipeAddr) Network() string { return "pipe" }
func (pipeAddr) String() string  { return "upstream" }
