package proxy_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/proxy"
	"github.com/egret-proxy/egret/proxy/proxytest"
)

// The IDs of the caches in the tests' configurations.
const (
	tokenID  = "1a1b1c1d-2e2f-4a3b-8c4d-5e5f5a5b5c5d" // acme_token
	staticID = "2b2c2d2e-3a3b-4c4d-8e5f-6a6b6c6d6e6f" // static_key
	resultID = "3f3e3d3c-4b4a-4f5e-8d6c-7b7a7f7e7d7c" // results
)

// staticKey is the value of static_key.
const staticKey = "static-key-5f2c9d1e7b"

// acme has a signed token and a static key for api.acme.test, and a Function
// that uses each.
const acme = `
admin: 127.0.0.1:0
caches:
  - {name: acme_token, id: ` + tokenID + `, ttl: 15m, hosts: ["api.acme.test:*", "*.acme.test", "[2001:db8::1]:*"]}
  - {name: static_key, id: ` + staticID + `, ttl: 15m, hosts: ["api.acme.test:*"]}
  - {name: results, id: ` + resultID + `, ttl: 1m}
tokens:
  - {name: acme_jwt, cache: acme_token, algorithm: HS256, key_type: Secret, key: hmac-secret-0123456789-0123456789-abc, claims: {sub: agent}}
  - {name: static, cache: static_key, value: ` + staticKey + `}
functions:
  - name: order
    instructions: Looks up an order.
    parameters:
      type: object
      required: [id]
      properties: {id: {type: string}, token: {type: string}}
    url: http://api.acme.test/orders/{/id}
    headers: {Authorization: Bearer </token>}
  - name: stored
    parameters: {type: object, properties: {id: {type: string}}}
    url: http://api.acme.test/stored
    query: {id: </id>}
    cache: results
`

// open is acme with a forward proxy that goes everywhere.
const open = acme + `
egress: {default: allow}
`

// jwt finds tokens.
var jwt = regexp.MustCompile(`eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+`)

// start runs a configuration, and makes its credentials known to the canary.
func start(t testing.TB, yaml string, options ...proxytest.Option) *proxytest.Egret {
	t.Helper()
	e := proxytest.Start(t, yaml, options...)
	e.Canary.Add(staticKey, "hmac-secret-0123456789-0123456789-abc")
	return e
}

// wantRefusal checks everything that a refusal has on the wire.
func wantRefusal(t *testing.T, got proxytest.Answer, status int, code string) {
	t.Helper()
	if got.Status != status || got.Code() != code {
		t.Fatalf("got %d %s, want %d %s; body: %s", got.Status, got.Code(), status, code, got.Body)
	}
	if gotStatus := got.Get("status"); gotStatus != fmt.Sprint(status) {
		t.Errorf("got status %s in the body, want %d", gotStatus, status)
	}
	for _, member := range []string{"type", "title", "detail"} {
		if got.Get(member) == "" {
			t.Errorf("the problem has no %s: %s", member, got.Body)
		}
	}
	if field := got.Header.Get("Proxy-Status"); !strings.HasPrefix(field, "egret;error=") || !strings.HasSuffix(field, `;details="`+code+`"`) {
		t.Errorf("got Proxy-Status %q, want one of egret with an error and the details %q", field, code)
	}
	if n := len(got.Header.Values("Date")); n != 1 {
		t.Errorf("got %d Date fields, want 1", n)
	}
}

// wantOK fails the test when a call or a forwarded request did not succeed.
func wantOK(t *testing.T, got proxytest.Answer) {
	t.Helper()
	if got.Status != http.StatusOK {
		t.Fatalf("got status %d, want 200; body: %s", got.Status, got.Body)
	}
}

// serve answers each connection to a new loopback address with handle, and
// gives the address. Connections are closed when handle returns.
func serve(t testing.TB, handle func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = c.Close() }()
				handle(c)
			}()
		}
	}()
	t.Cleanup(func() {
		_ = l.Close()
		<-done
	})
	return l.Addr().String()
}

// unused is a loopback address at which nothing listens.
func unused(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// dialAlways dials one address, whatever is asked for.
func dialAlways(address string) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, _, _ string) (net.Conn, error) {
		var dialer net.Dialer
		return dialer.DialContext(ctx, "tcp", address)
	}
}

// dialling makes egret dial one address for every host.
func dialling(address string) proxytest.Option {
	return func(o *proxy.Options) { o.Dial = dialAlways(address) }
}

// noEnvironment reads no variables.
var noEnvironment = configs.ReadOptions{Getenv: func(string) (string, bool) { return "", false }}

// newServer makes an egret that is not run, and closes it when the test ends.
func newServer(t testing.TB, yaml string) *proxy.Server {
	t.Helper()
	cfg, err := proxy.Parse("egret.yaml", []byte(yaml), noEnvironment)
	if err != nil {
		t.Fatal(err)
	}
	server, err := proxy.New(cfg, proxy.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	return server
}
