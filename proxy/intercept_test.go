package proxy_test

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/egret-proxy/egret/proxy/proxytest"
)

// TestIntercepted sends a request with a cache's ID through a tunnel that is
// decrypted: the upstream gets the value, and the client gets it back as the ID.
func TestIntercepted(t *testing.T) {
	e := start(t, open)
	e.Upstream.Handle("api.acme.test", func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte(r.Header.Get("X-Api-Key")))
	})
	got := e.Get("https://api.acme.test/echo?x=%2F", "X-Api-Key", staticID)
	wantOK(t, got)
	if got.Body != staticID {
		t.Errorf("got %q, want the ID", got.Body)
	}
	last := e.Upstream.Last(t)
	if last.Scheme != "https" || last.Header.Get("X-Api-Key") != staticKey || last.Target != "/echo?x=%2F" || last.Host != "api.acme.test" {
		t.Errorf("the upstream got %+v", last)
	}
	if via := last.Header.Get("Via"); !strings.HasPrefix(via, "1.1 egret-") {
		t.Errorf("got Via %q", via)
	}
	records := strings.Join(e.Journal(""), "\n")
	for _, want := range []string{
		`"way":"tunnel","method":"CONNECT","host":"api.acme.test:443","verdict":"allowed","rule":"caches[0].hosts","status":200`,
		`"way":"intercept","method":"GET","host":"api.acme.test","path":"/echo?x"`,
	} {
		if !strings.Contains(records, want) {
			t.Errorf("no record has %s:\n%s", want, records)
		}
	}
}

// TestInterceptedTarget sends requests in a tunnel that name its host, and others.
// What the Host field says is what the next reader may go by.
func TestInterceptedTarget(t *testing.T) {
	e := start(t, open)
	get := func(target string, hosts ...string) string {
		head := "GET " + target + " HTTP/1.1\r\n"
		for _, host := range hosts {
			head += "Host: " + host + "\r\n"
		}
		return head + "\r\n"
	}
	tests := []struct {
		name, request string
		status        int
		code, target  string
	}{
		{"path", get("/a?b=%2f", "api.acme.test"), 200, "", "/a?b=%2f"},
		{"two slashes", get("//evil.test/a", "api.acme.test"), 200, "", "//evil.test/a"},
		{"port written", get("/", "api.acme.test:443"), 200, "", "/"},
		{"capital letters", get("/", "API.Acme.test"), 200, "", "/"},
		{"trailing dot", get("/", "api.acme.test."), 200, "", "/"},
		{"URL", get("https://api.acme.test/a", "api.acme.test"), 200, "", "/a"},
		{"URL with a port", get("https://api.acme.test:443?a", "api.acme.test"), 200, "", "/?a"},
		{"asterisk", strings.Replace(get("*", "api.acme.test"), "GET", "OPTIONS", 1), 200, "", ""},

		{"another host", get("/", "other.test"), 403, "host_rejected", ""},
		{"a host below", get("/", "x.api.acme.test"), 403, "host_rejected", ""},
		{"another port", get("/", "api.acme.test:80"), 403, "host_rejected", ""},
		{"empty port", get("/", "api.acme.test:"), 403, "host_rejected", ""},
		{"user information", get("/", "u@api.acme.test"), 403, "host_rejected", ""},
		{"empty host", get("/", ""), 400, "malformed_request", ""},
		{"list of hosts", get("/", "api.acme.test, other.test"), 400, "malformed_request", ""},
		{"no host", get("/"), 400, "malformed_request", ""},
		{"no host in HTTP/1.0", strings.Replace(get("/"), "1.1", "1.0", 1), 403, "host_rejected", ""},
		{"two hosts", get("/", "api.acme.test", "api.acme.test"), 400, "malformed_request", ""},
		{"URL of another host", get("https://other.test/", "api.acme.test"), 403, "host_rejected", ""},
		{"URL of another port", get("https://api.acme.test:8443/", "api.acme.test"), 403, "host_rejected", ""},
		{"URL of another scheme", get("http://api.acme.test/", "api.acme.test"), 403, "host_rejected", ""},
		{"URL of another scheme and the port", get("http://api.acme.test:443/", "api.acme.test"), 403, "host_rejected", ""},
		{"URL, another Host", get("https://api.acme.test/", "other.test"), 403, "host_rejected", ""},
		{"ftp", get("ftp://api.acme.test/", "api.acme.test"), 400, "malformed_request", ""},
		{"name", get("api.acme.test", "api.acme.test"), 400, "malformed_request", ""},
		{"asterisk for GET", get("*", "api.acme.test"), 400, "malformed_request", ""},
		{"tunnel", strings.Replace(get("other.test:443", "api.acme.test"), "GET", "CONNECT", 1), 405, "method_not_allowed", ""},
		{"TRACE", strings.Replace(get("/", "api.acme.test"), "GET", "TRACE", 1), 405, "method_not_allowed", ""},
		{"egret itself", get("/v1/functions", "127.0.0.1"), 403, "host_rejected", ""},
		{"HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, "malformed_request", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			before := len(e.Upstream.Requests())
			c := e.Tunnel("api.acme.test:443")
			c.Secure("api.acme.test")
			c.Send(tt.request)
			got := c.Answer(http.MethodGet)
			if tt.code != "" {
				wantRefusal(t, got, tt.status, tt.code)
			} else {
				wantOK(t, got)
			}
			requests := e.Upstream.Requests()[before:]
			switch {
			case tt.target == "" && len(requests) > 0:
				t.Errorf("the upstream received %+v", requests)
			case tt.target != "" && (len(requests) != 1 || requests[0].Target != tt.target || requests[0].Host != "api.acme.test"):
				t.Errorf("the upstream received %+v, want one for %s", requests, tt.target)
			}
		})
	}
}

// TestInterceptedConnection has one request after another in a tunnel: pipelined,
// with bodies, with a wait for 100 Continue, and one that ends it.
func TestInterceptedConnection(t *testing.T) {
	e := start(t, open)
	e.Upstream.Handle("", func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(w, r.Body) })
	c := e.Tunnel("api.acme.test:443")
	c.Secure("api.acme.test")
	const host = " HTTP/1.1\r\nHost: api.acme.test\r\n"
	inner := "GET /inner" + host + "\r\n"
	c.Send("POST /1" + host + "Content-Length: 3\r\n\r\nabc" +
		"POST /2" + host + "Transfer-Encoding: chunked\r\n\r\n" + fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(inner), inner) +
		"POST /3" + host + "Proxy-Authorization: Basic c2VjcmV0\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n")
	for i, want := range []string{"abc", inner} {
		if got := c.Answer("POST"); got.Body != want {
			t.Fatalf("answer %d: got %q, want %q", i, got.Body, want)
		}
	}
	if got := c.Answer("POST"); got.Status != 100 {
		t.Fatalf("got %d, want 100", got.Status)
	}
	c.Send("x" + "GET /4" + host + "Connection: close\r\n\r\n" + inner)
	if got := c.Answer("POST"); got.Body != "x" {
		t.Fatalf("got %q, want x", got.Body)
	}
	wantOK(t, c.Answer("GET"))
	c.End()
	if got := c.Rest(); strings.Count(got, "Connection: close") != 1 {
		t.Errorf("got %q, want Connection: close", got)
	}
	var got []string
	for _, r := range e.Upstream.Requests() {
		got = append(got, r.Target)
		if r.Header.Get("Proxy-Authorization") != "" {
			t.Error("Proxy-Authorization was passed on")
		}
	}
	if diff := cmp.Diff([]string{"/1", "/2", "/3", "/4"}, got); diff != "" {
		t.Errorf("what the upstream received (-want +got):\n%s", diff)
	}
}

// TestInterceptedHosts has a tunnel to each of very many hosts at once: each has
// its certificate, its upstream and its value.
func TestInterceptedHosts(t *testing.T) {
	const hosts = 200
	var yaml strings.Builder
	yaml.WriteString("admin: 127.0.0.1:0\nlimits: {header_timeout: 1m, tls_timeout: 1m}\ncaches:\n")
	id := func(i int) string { return fmt.Sprintf("00000000-0000-4000-8000-%012d", i) }
	for i := range hosts {
		fmt.Fprintf(&yaml, "  - {name: c%d, id: %s, ttl: 15m, hosts: [h%d.test]}\n", i, id(i), i)
	}
	yaml.WriteString("tokens:\n")
	for i := range hosts {
		fmt.Fprintf(&yaml, "  - {name: t%d, cache: c%d, value: the-value-of-%04d}\n", i, i, i)
	}
	e := proxytest.Start(t, yaml.String())
	e.Upstream.Handle("", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.Host+" "+r.Header.Get("X-Api-Key"))
	})
	for i := range hosts {
		e.Canary.Add(fmt.Sprintf("the-value-of-%04d", i))
	}
	client := e.Client()
	defer client.CloseIdleConnections()
	var all sync.WaitGroup
	for i := range hosts {
		all.Go(func() {
			for range 2 {
				request, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, fmt.Sprintf("https://h%d.test/%d", i, i), nil)
				request.Header.Set("X-Api-Key", id(i))
				response, err := client.Do(request)
				if err != nil {
					t.Error(err)
					return
				}
				text, _ := io.ReadAll(response.Body)
				_ = response.Body.Close()
				if want := fmt.Sprintf("h%d.test %s", i, id(i)); string(text) != want {
					t.Errorf("got %q, want %q", text, want)
				}
			}
		})
	}
	all.Wait()
	for _, r := range e.Upstream.Requests() {
		i, _ := strconv.Atoi(strings.Trim(r.Target, "/"))
		if want := fmt.Sprintf("the-value-of-%04d", i); r.Host != fmt.Sprintf("h%d.test", i) || r.Header.Get("X-Api-Key") != want {
			t.Errorf("%s got %s", r.Host, r.Target)
		}
	}
}

// TestInterceptedReload changes the configuration while a tunnel is open. What is
// new holds for the next request in it, and the client of the tunnel is who its
// key says now.
func TestInterceptedReload(t *testing.T) {
	with := func(key, rule string) string {
		return acme + "clients: [{name: agent, key: " + key + "}]\negress: {allow: [" + rule + "]}\n"
	}
	const first, second = "client-key-0123456789", "client-key-9876543210"
	rule := `{host: "api.acme.test:443", methods: [GET]}`
	e := start(t, with(first, rule))
	e.Canary.Add(first, second)
	c := e.Tunnel("api.acme.test:443", "Proxy-Authorization: Bearer "+first)
	c.Secure("api.acme.test")
	ask := func(method string, status int, code string) {
		t.Helper()
		c.Send(method + " / HTTP/1.1\r\nHost: api.acme.test\r\nContent-Length: 0\r\n\r\n")
		got := c.Answer(method)
		if got.Status != status || got.Code() != code {
			t.Fatalf("got %d %s, want %d %s", got.Status, got.Code(), status, code)
		}
	}
	ask("GET", 200, "")
	ask("POST", 403, "egress_denied")
	if err := e.Reload(with(first, strings.Replace(rule, "GET", "POST", 1))); err != nil {
		t.Fatal(err)
	}
	ask("POST", 200, "")
	ask("GET", 403, "egress_denied")
	if err := e.Reload(with(second, rule)); err != nil {
		t.Fatal(err)
	}
	ask("GET", 407, "unauthenticated")
	if got := c.Rest(); strings.Count(got, "Connection: close") != 1 {
		t.Errorf("got %q, want the end of the connection", got)
	}
}

// TestInterceptedDrain stops egret with tunnels that are idle and ones that have
// a request in flight. The former end at once, the latter with their answers.
func TestInterceptedDrain(t *testing.T) {
	e := start(t, open)
	const each = 25
	began, proceed := make(chan bool, each), make(chan bool)
	e.Upstream.Handle("", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			began <- true
			<-proceed
		}
		_, _ = io.WriteString(w, "answer")
	})
	var idle, busy []*proxytest.Conn
	for i := range 2 * each {
		c := e.Tunnel("api.acme.test:443")
		if i%5 != 0 {
			c.Secure("api.acme.test")
		}
		if i%2 == 0 {
			idle = append(idle, c)
			continue
		}
		if i%5 == 0 {
			c.Secure("api.acme.test")
		}
		c.Send("GET /slow HTTP/1.1\r\nHost: api.acme.test\r\nX-Api-Key: " + staticID + "\r\n\r\n")
		busy = append(busy, c)
	}
	for range busy {
		<-began
	}
	stopped := make(chan error, 1)
	go func() { stopped <- e.Stop() }()
	for _, c := range idle {
		if rest, err := io.ReadAll(c); err != nil || len(rest) > 0 {
			t.Errorf("an idle tunnel got %q, %v", rest, err)
		}
	}
	close(proceed)
	for _, c := range busy {
		if got := c.Answer("GET"); got.Status != 200 || got.Body != "answer" {
			t.Errorf("got %d %s", got.Status, got.Body)
		}
		if _, err := io.ReadAll(c); err != nil {
			t.Error(err)
		}
	}
	if err := <-stopped; err != nil {
		t.Error(err)
	}
}

// TestInterceptedInTLS has a listener with TLS, so that a tunnel is TLS in TLS.
func TestInterceptedInTLS(t *testing.T) {
	pair := proxytest.NewPair(t, time.Now().Add(time.Hour), "127.0.0.1")
	e := start(t, "listen: {address: 127.0.0.1:0, tls: "+pair.TLS()+"}\n"+open)
	for range 2 {
		got := e.Get("https://api.acme.test/", "X-Api-Key", staticID)
		wantOK(t, got)
	}
	if got := e.Upstream.Last(t).Header.Get("X-Api-Key"); got != staticKey {
		t.Errorf("the upstream got %q", got)
	}
	c := e.Tunnel("api.acme.test:80")
	c.Send("GET / HTTP/1.1\r\nHost: api.acme.test\r\n\r\n")
	wantOK(t, c.Answer("GET"))
}

// TestInterceptedDistrust has clients that do not like egret's certificate, or
// name another server.
func TestInterceptedDistrust(t *testing.T) {
	e := start(t, open)
	c := e.Tunnel("api.acme.test:443")
	if err := c.Handshake(&tls.Config{ServerName: "api.acme.test", RootCAs: x509.NewCertPool()}); err == nil {
		t.Error("who trusts nobody trusts egret")
	}
	eventually(t, "a line in the log", func() bool { return strings.Contains(e.Log(), "egret ca") })
	c = e.Tunnel("api.acme.test:443")
	if err := c.Handshake(&tls.Config{ServerName: "other.test", InsecureSkipVerify: true}); err == nil || !strings.Contains(err.Error(), "unrecognized name") {
		t.Errorf("got %v, want unrecognized name", err)
	}
	c = e.Tunnel("api.acme.test:443")
	c.Send("\x00neither\r\n\r\n")
	wantRefusal(t, c.Answer("GET"), 400, "malformed_request")
	if got := e.Upstream.Dialled(); len(got) > 0 {
		t.Errorf("egret dialled %v", got)
	}
}
