package proxy_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/egret-proxy/egret/proxy/proxytest"
)

// TestConnectTarget sends targets of CONNECT: only a host and a port is one.
func TestConnectTarget(t *testing.T) {
	upstream := unused(t)
	e := proxytest.Start(t, anyHost, dialling(upstream))
	tests := []struct {
		name, target string
		status       int
		code         string
	}{
		// Those that are well formed find nobody.
		{"name and port", "a.test:443", 502, "upstream_unreachable"},
		{"port that is not usual", "a.test:1", 502, "upstream_unreachable"},
		{"greatest port", "a.test:65535", 502, "upstream_unreachable"},
		{"IPv4 address", "192.0.2.1:443", 502, "upstream_unreachable"},
		{"IPv6 address", "[2001:db8::1]:443", 502, "upstream_unreachable"},
		{"capital letters", "A.Test:443", 502, "upstream_unreachable"},
		{"trailing dot", "a.test.:443", 502, "upstream_unreachable"},

		{"no port", "a.test", 400, "malformed_request"},
		{"empty port", "a.test:", 400, "malformed_request"},
		{"port 0", "a.test:0", 400, "malformed_request"},
		{"port out of range", "a.test:65536", 400, "malformed_request"},
		{"huge port", "a.test:99999999999999999999", 400, "malformed_request"},
		{"port with a sign", "a.test:+80", 400, "malformed_request"},
		{"port with a minus", "a.test:-1", 400, "malformed_request"},
		{"port with a leading zero", "a.test:0443", 400, "malformed_request"},
		{"port in letters", "a.test:https", 400, "malformed_request"},
		{"port in hexadecimal", "a.test:0x1bb", 400, "malformed_request"},
		{"two ports", "a.test:443:443", 403, "host_rejected"},
		{"no host", ":443", 400, "malformed_request"},
		{"only a colon", ":", 400, "malformed_request"},
		{"path", "/", 400, "malformed_request"},
		{"path behind", "a.test:443/", 400, "malformed_request"},
		{"query", "a.test:443?a=b", 400, "malformed_request"},
		{"fragment", "a.test:443#a", 400, "malformed_request"},
		{"user information", "user@a.test:443", 400, "malformed_request"},
		{"user and password", "user:pass@a.test:443", 400, "malformed_request"},
		{"scheme", "https://a.test:443", 400, "malformed_request"},
		{"URL", "http://a.test/", 400, "malformed_request"},
		{"asterisk", "*", 400, "malformed_request"},
		{"asterisk for a host", "*:443", 403, "host_rejected"},
		{"space", "a.test:443 b", 400, "malformed_request"},
		{"tab", "a.test:443\tb", 400, "malformed_request"},
		{"two spaces before", " a.test:443", 400, "malformed_request"},
		{"NUL", "a.test\x00:443", 400, "malformed_request"},
		{"UTF-8", "ä.test:443", 400, "malformed_request"},
		{"encoded", "a%2etest:443", 403, "host_rejected"},
		{"underscore and comma", "a,b:443", 403, "host_rejected"},
		{"two dots at the end", "a.test..:443", 403, "host_rejected"},
		{"dot", ".:443", 403, "host_rejected"},
		{"number", "2130706433:443", 403, "host_rejected"},
		{"hexadecimal number", "0x7f000001:443", 403, "host_rejected"},
		{"short address", "127.1:443", 403, "host_rejected"},
		{"IPv6 address without brackets", "2001:db8::1:443", 403, "host_rejected"},
		{"IPv4 address in brackets", "[192.0.2.1]:443", 403, "host_rejected"},
		{"IPv4 address in IPv6", "[::ffff:192.0.2.1]:443", 403, "host_rejected"},
		{"zone", "[fe80::1%25eth0]:443", 403, "host_rejected"},
		{"open bracket", "[::1:443", 403, "host_rejected"},
		{"empty brackets", "[]:443", 403, "host_rejected"},
		{"brackets without a port", "[::1]", 400, "malformed_request"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := e.Connect()
			c.Send("CONNECT " + tt.target + " HTTP/1.1\r\nHost: other.test:80\r\n\r\n")
			wantRefusal(t, c.Answer(http.MethodGet), tt.status, tt.code)
			if c.Alive() {
				t.Error("the connection serves another request")
			}
		})
	}
}

// TestConnectBody refuses a CONNECT with a body, and one that could have one.
func TestConnectBody(t *testing.T) {
	e := proxytest.Start(t, anyHost)
	for _, field := range []string{"Content-Length: 0", "Content-Length: 2", "Transfer-Encoding: chunked"} {
		c := e.Connect()
		c.Send("CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n" + field + "\r\n\r\n")
		wantRefusal(t, c.Answer(http.MethodGet), 400, "malformed_request")
	}
}

const keyed = `
admin: 127.0.0.1:0
clients: [{name: agent, key: client-key-0123456789}]
egress: {default: allow}
`

// TestConnectAsks repeats, on the same connection, a CONNECT without a key with
// one, as clients do that were asked for it. Nothing else may follow.
func TestConnectAsks(t *testing.T) {
	e := proxytest.Start(t, keyed, dialling(echoing(t)))
	const without = "CONNECT a.test:443 HTTP/1.1\r\nHost: x\r\n"
	ask := func(t *testing.T, lines string) *proxytest.Conn {
		t.Helper()
		c := e.Connect()
		c.Send(without + lines)
		got := c.Answer(http.MethodGet)
		wantRefusal(t, got, 407, "unauthenticated")
		if n := len(got.Header.Values("Proxy-Authenticate")); n != 2 {
			t.Errorf("got %d challenges, want 2", n)
		}
		return c
	}
	t.Run("again", func(t *testing.T) {
		c := ask(t, "\r\n")
		c.Tunnel("a.test:443", "Proxy-Authorization: Bearer client-key-0123456789")
		c.Send("\x00hello")
		c.End()
		if got := c.Rest(); !strings.HasSuffix(got, "\r\n\r\n\x00hello") {
			t.Errorf("got %q", got)
		}
	})
	t.Run("again, and HTTP inside", func(t *testing.T) {
		e := start(t, acme+keyed[len("\nadmin: 127.0.0.1:0\n"):])
		c := e.Connect()
		c.Send(without + "\r\n")
		wantRefusal(t, c.Answer(http.MethodGet), 407, "unauthenticated")
		c.Tunnel("api.acme.test:80", "Proxy-Authorization: Bearer client-key-0123456789")
		for range 2 {
			c.Send("GET / HTTP/1.1\r\nHost: api.acme.test\r\n\r\n")
			wantOK(t, c.Answer(http.MethodGet))
		}
	})
	t.Run("another request", func(t *testing.T) {
		c := ask(t, "\r\n")
		before := c.Received()
		c.Send("GET http://a.test/ HTTP/1.1\r\nHost: a.test\r\nProxy-Authorization: Bearer client-key-0123456789\r\n\r\n")
		c.End()
		if got := c.Rest(); got != before {
			t.Errorf("got %q more", got[len(before):])
		}
	})
	t.Run("bytes behind", func(t *testing.T) {
		c := ask(t, "\r\nCONNECT a.test:443 HTTP/1.1\r\n")
		if c.Alive() {
			t.Error("the connection goes on")
		}
	})
	t.Run("close", func(t *testing.T) {
		if ask(t, "Connection: close\r\n\r\n").Alive() {
			t.Error("the connection goes on")
		}
	})
}

// TestConnectOld opens tunnels with heads that are about the connection to egret
// and not about the tunnel.
func TestConnectOld(t *testing.T) {
	e := proxytest.Start(t, anyHost, dialling(echoing(t)))
	for _, head := range []string{
		"CONNECT a.test:443 HTTP/1.0\r\n\r\n",
		"CONNECT a.test:443 HTTP/1.0\r\nProxy-Connection: close\r\n\r\n",
		"CONNECT a.test:443 HTTP/1.1\r\nHost: b.test\r\nConnection: close\r\n\r\n",
		"CONNECT a.test:443 HTTP/1.1\r\n\r\n",
	} {
		c := e.Connect()
		c.Send(head + "\x00early ") // behind the head, before the answer
		c.Established()
		c.Send("late")
		c.End()
		if got := c.Rest(); !strings.HasSuffix(got, "\r\n\r\n\x00early late") {
			t.Errorf("%q: got %q", head, got)
		}
	}
}
