package proxy_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestGate sends what is not, or not certainly, one request. RFC 9112 wants
// most of it refused; the rest is refused because another reader of the same
// bytes may see something else in them.
func TestGate(t *testing.T) {
	e := start(t, open)
	const host = "Host: 127.0.0.1\r\n"
	api := func(lines string) string { return "GET /v1/functions HTTP/1.1\r\n" + host + lines + "\r\n" }
	tests := []struct {
		name    string
		request string
		status  int
		code    string
		alive   bool // the connection serves the next request
	}{
		{"content length and transfer encoding", api("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n") + "0\r\n\r\n", 400, "malformed_request", false},
		{"transfer encoding identity", api("Transfer-Encoding: identity\r\n"), 501, "not_implemented", false},
		{"transfer encoding identity with a length", api("Transfer-Encoding: identity\r\nContent-Length: 2\r\n") + "{}", 400, "malformed_request", false},
		{"transfer encoding gzip", api("Transfer-Encoding: gzip, chunked\r\n"), 501, "not_implemented", false},
		{"transfer encoding twice", api("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), 400, "malformed_request", false},
		{"transfer encoding with a tab", api("Transfer-Encoding:\tchunked\x0b\r\n"), 400, "malformed_request", false},
		{"transfer encoding of HTTP/1.0", "GET /v1/functions HTTP/1.0\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, "malformed_request", false},
		{"two content lengths", api("Content-Length: 2\r\nContent-Length: 3\r\n"), 400, "malformed_request", false},
		{"equal content lengths", api("Content-Length: 2\r\nContent-Length: 2\r\n") + "{}", 400, "malformed_request", false},
		{"a list of content lengths", api("Content-Length: 2, 2\r\n") + "{}", 400, "malformed_request", false},
		{"content length with a sign", api("Content-Length: +2\r\n") + "{}", 400, "malformed_request", false},
		{"content length out of range", api("Content-Length: 99999999999999999999\r\n"), 400, "malformed_request", false},
		{"empty content length", api("Content-Length:\r\n"), 400, "malformed_request", false},
		{"field name with a space inside", api("Content Length: 5\r\n"), 400, "malformed_request", false},
		{"field name with a space behind", api("X-Foo : bar\r\n"), 400, "malformed_request", false},
		{"field name with a slash", api("X/Foo: bar\r\n"), 400, "malformed_request", false},
		{"empty field name", api(": bar\r\n"), 400, "malformed_request", false},
		{"line without a colon", api("X-Foo\r\n"), 400, "malformed_request", false},
		{"folded line", api("X-Foo: a\r\n b\r\n"), 400, "malformed_request", false},
		{"folded line with a tab", api("X-Foo: a\r\n\tb\r\n"), 400, "malformed_request", false},
		{"first line folded", "GET /v1/functions HTTP/1.1\r\n X-Foo: a\r\n" + host + "\r\n", 400, "malformed_request", false},
		{"bare line feed", api("X-Foo: a\nX-Bar: b\r\n"), 400, "malformed_request", false},
		{"bare carriage return", api("X-Foo: a\rX-Bar: b\r\n"), 400, "malformed_request", false},
		{"NUL in a value", api("X-Foo: a\x00b\r\n"), 400, "malformed_request", false},
		{"DEL in a value", api("X-Foo: a\x7fb\r\n"), 400, "malformed_request", false},
		{"two hosts", api(host), 400, "malformed_request", false},
		{"no host", "GET /v1/functions HTTP/1.1\r\n\r\n", 400, "malformed_request", false},
		{"too many fields", api(strings.Repeat("X: y\r\n", 201)), 431, "headers_too_large", false},
		{"too long a field", api("X-Foo: " + strings.Repeat("x", 17<<10) + "\r\n"), 431, "headers_too_large", false},

		{"HTTP/2.0", "GET /v1/functions HTTP/2.0\r\n" + host + "\r\n", 505, "version_not_supported", false},
		{"HTTP/9.9", "GET /v1/functions HTTP/9.9\r\n" + host + "\r\n", 505, "version_not_supported", false},
		{"the beginning of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, "malformed_request", false},
		{"no version", "GET /v1/functions\r\n" + host + "\r\n", 400, "malformed_request", false},
		{"version in lower case", "GET /v1/functions http/1.1\r\n" + host + "\r\n", 400, "malformed_request", false},
		{"TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400, "malformed_request", false},
		{"method with a slash", "GE/T /v1/functions HTTP/1.1\r\n" + host + "\r\n", 400, "malformed_request", false},
		{"two spaces before the target", "GET  /v1/functions HTTP/1.1\r\n" + host + "\r\n", 400, "malformed_request", false},

		{"space in the target", "GET http://api.acme.test/a b HTTP/1.1\r\n" + host + "\r\n", 400, "malformed_request", false},
		{"tab in the target", "GET http://api.acme.test/a\tb HTTP/1.1\r\n" + host + "\r\n", 400, "malformed_request", false},
		{"quote in the target", "GET http://api.acme.test/\"a HTTP/1.1\r\n" + host + "\r\n", 400, "malformed_request", false},
		{"backslash in the target", "GET http://api.acme.test\\@evil.test/ HTTP/1.1\r\n" + host + "\r\n", 400, "malformed_request", false},
		{"UTF-8 in the target", "GET http://api.acme.test/ä HTTP/1.1\r\n" + host + "\r\n", 400, "malformed_request", false},
		{"bad percent", "GET http://api.acme.test/%zz HTTP/1.1\r\n" + host + "\r\n", 400, "malformed_request", false},
		{"percent at the end", "GET http://api.acme.test/%4 HTTP/1.1\r\n" + host + "\r\n", 400, "malformed_request", false},
		{"fragment", "GET http://api.acme.test/#x HTTP/1.1\r\n" + host + "\r\n", 400, "malformed_request", false},
		{"user information", "GET http://user:pass@api.acme.test/ HTTP/1.1\r\n" + host + "\r\n", 400, "malformed_request", true},
		{"empty user information", "GET http://@api.acme.test/ HTTP/1.1\r\n" + host + "\r\n", 400, "malformed_request", true},
		{"no host in the target", "GET http:///a HTTP/1.1\r\n" + host + "\r\n", 400, "malformed_request", true},
		{"port without a host", "GET http://:80/a HTTP/1.1\r\n" + host + "\r\n", 400, "malformed_request", true},
		{"empty port", "GET http://api.acme.test:/a HTTP/1.1\r\n" + host + "\r\n", 400, "malformed_request", true},
		{"port 0", "GET http://api.acme.test:0/a HTTP/1.1\r\n" + host + "\r\n", 400, "malformed_request", true},
		{"port with a leading zero", "GET http://api.acme.test:080/a HTTP/1.1\r\n" + host + "\r\n", 400, "malformed_request", true},
		{"port out of range", "GET http://api.acme.test:65536/a HTTP/1.1\r\n" + host + "\r\n", 400, "malformed_request", true},
		{"host with a comma", "GET http://a,b/ HTTP/1.1\r\n" + host + "\r\n", 403, "host_rejected", true},
		{"host with a semicolon", "GET http://good.test;evil.test/ HTTP/1.1\r\n" + host + "\r\n", 403, "host_rejected", true},
		{"host with an encoded dot", "GET http://api%2eacme.test/ HTTP/1.1\r\n" + host + "\r\n", 400, "malformed_request", false},
		{"host as a number", "GET http://2130706433/ HTTP/1.1\r\n" + host + "\r\n", 403, "host_rejected", true},
		{"host in hexadecimal", "GET http://0x7f.1/ HTTP/1.1\r\n" + host + "\r\n", 403, "host_rejected", true},
		{"host in octal", "GET http://0177.0.0.1/ HTTP/1.1\r\n" + host + "\r\n", 403, "host_rejected", true},
		{"short IPv4 address", "GET http://127.1/ HTTP/1.1\r\n" + host + "\r\n", 403, "host_rejected", true},
		{"IPv4 address in brackets", "GET http://[127.0.0.1]/ HTTP/1.1\r\n" + host + "\r\n", 400, "malformed_request", false},
		{"IPv4 address in IPv6", "GET http://[::ffff:127.0.0.1]/ HTTP/1.1\r\n" + host + "\r\n", 403, "host_rejected", true},
		{"IPv6 address without brackets", "GET http://::1/ HTTP/1.1\r\n" + host + "\r\n", 400, "malformed_request", false},
		{"zone", "GET http://[fe80::1%25eth0]/ HTTP/1.1\r\n" + host + "\r\n", 403, "host_rejected", true},
		{"two dots at the end", "GET http://api.acme.test../ HTTP/1.1\r\n" + host + "\r\n", 403, "host_rejected", true},
		{"ftp", "GET ftp://api.acme.test/ HTTP/1.1\r\n" + host + "\r\n", 501, "not_implemented", true},
		{"a name for a target", "GET example HTTP/1.1\r\n" + host + "\r\n", 400, "malformed_request", false},
		{"asterisk for another method", "GET * HTTP/1.1\r\n" + host + "\r\n", 400, "malformed_request", false},

		{"tunnel without a port", "CONNECT api.acme.test HTTP/1.1\r\n" + host + "\r\n", 400, "malformed_request", false},
		{"tunnel with an empty port", "CONNECT api.acme.test: HTTP/1.1\r\n" + host + "\r\n", 400, "malformed_request", false},
		{"tunnel without a host", "CONNECT :443 HTTP/1.1\r\n" + host + "\r\n", 400, "malformed_request", false},
		{"tunnel with a path", "CONNECT api.acme.test:443/a HTTP/1.1\r\n" + host + "\r\n", 400, "malformed_request", false},
		{"tunnel to a URL", "CONNECT http://api.acme.test:443/ HTTP/1.1\r\n" + host + "\r\n", 400, "malformed_request", false},
		{"tunnel to a path", "CONNECT /v1/functions HTTP/1.1\r\n" + host + "\r\n", 400, "malformed_request", false},
		{"tunnel with user information", "CONNECT u:p@api.acme.test:443 HTTP/1.1\r\n" + host + "\r\n", 400, "malformed_request", false},
		{"tunnel to a number", "CONNECT 2130706433:443 HTTP/1.1\r\n" + host + "\r\n", 403, "host_rejected", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := e.Connect()
			c.Send(tt.request)
			got := c.Answer(http.MethodGet)
			wantRefusal(t, got, tt.status, tt.code)
			if alive := c.Alive(); alive != tt.alive {
				t.Errorf("the connection serves another request: %t, want %t", alive, tt.alive)
			}
		})
	}
	if got := e.Upstream.Requests(); len(got) != 0 {
		t.Errorf("the upstream received %d requests, want none: %v", len(got), got)
	}
}

// TestSmuggling refuses requests whose body is a request. It must never be run
// as one, whether it came with the head or after the answer.
func TestSmuggling(t *testing.T) {
	e := start(t, acme+"clients: [{name: agent, key: client-key-0123456789}]\n")
	const inner = "GET http://api.acme.test/smuggled HTTP/1.1\r\nHost: x\r\nProxy-Authorization: Bearer client-key-0123456789\r\n\r\n"
	length := fmt.Sprintf("Content-Length: %d\r\n\r\n", len(inner))
	chunked := fmt.Sprintf("Transfer-Encoding: chunked\r\n\r\n%x\r\n", len(inner))
	tests := []struct{ name, head, body string }{
		{"unauthenticated, with a length", "POST http://api.acme.test/ HTTP/1.1\r\nHost: x\r\n" + length, inner},
		{"unauthenticated, chunked", "POST http://api.acme.test/ HTTP/1.1\r\nHost: x\r\n" + chunked, inner + "\r\n0\r\n\r\n"},
		{"unauthenticated GET with a length", "GET http://api.acme.test/ HTTP/1.1\r\nHost: x\r\n" + length, inner},
		{"call, unauthenticated", "POST /v1/functions/order HTTP/1.1\r\nHost: x\r\n" + length, inner},
		{"call, unauthenticated and chunked", "POST /v1/functions/order HTTP/1.1\r\nHost: x\r\n" + chunked, inner + "\r\n0\r\n\r\n"},
		{"no such path", "PUT /elsewhere HTTP/1.1\r\nHost: x\r\n" + length, inner},
		{"tunnel", "CONNECT api.acme.test:443 HTTP/1.1\r\nHost: x\r\n" + length, inner},
		{"tunnel without a body", "CONNECT api.acme.test:443 HTTP/1.1\r\nHost: x\r\n\r\n", inner},
		{"two framings", "POST /v1/functions/order HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", inner},
		{"name with a space", "GET /v1/functions HTTP/1.1\r\nHost: x\r\nContent Length: 5\r\n\r\n", inner},
		{"bare line feed", "GET /v1/functions HTTP/1.1\r\nHost: x\r\nX: y\nContent-Length: 5\r\n\r\n", inner},
		{"bad chunk", "POST http://api.acme.test/ HTTP/1.1\r\nHost: x\r\nProxy-Authorization: Bearer client-key-0123456789\r\nTransfer-Encoding: chunked\r\n\r\n0x3\r\n", inner},
		{"chunk ends without a line feed", "POST http://api.acme.test/ HTTP/1.1\r\nHost: x\r\nProxy-Authorization: Bearer client-key-0123456789\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcX\r\n", inner},
		{"too long a head", "GET /v1/functions HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("x", 17<<10) + "\r\n\r\n", inner},
	}
	for _, tt := range tests {
		for _, late := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, late %t", tt.name, late), func(t *testing.T) {
				before := len(e.Upstream.Requests())
				c := e.Connect()
				if late {
					c.Send(tt.head)
					c.Send(tt.body)
				} else {
					c.Send(tt.head + tt.body)
				}
				c.Send(inner)
				c.End()
				if got := c.Rest(); strings.Count(got, "HTTP/1.1 ") != 1 {
					t.Errorf("got more or less than one answer: %q", got)
				}
				for _, request := range e.Upstream.Requests()[before:] {
					t.Errorf("the upstream received %s %s", request.Method, request.Target)
				}
			})
		}
	}
}

// A request with a body that was read to its end leaves the connection open,
// refused or not, and the next request on it is the next request.
func TestPipelining(t *testing.T) {
	e := start(t, open)
	c := e.Connect()
	call := func(body string) string {
		return fmt.Sprintf("POST /v1/functions/order HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
	}
	c.Send(call(`{"id":"1","token":"t"}`) + call(`{"id":1}`) + "GET http://api.acme.test/a HTTP/1.1\r\nHost: x\r\n\r\n" + call(`{"id":"2","token":"t"}`))
	for i, want := range []int{200, 422, 200, 200} {
		if got := c.Answer(http.MethodPost); got.Status != want {
			t.Fatalf("answer %d: got status %d, want %d; body: %s", i, got.Status, want, got.Body)
		}
	}
	want := []string{"/orders/1", "/a", "/orders/2"}
	var got []string
	for _, request := range e.Upstream.Requests() {
		got = append(got, request.Target)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("what the upstream received (-want +got):\n%s", diff)
	}
}
