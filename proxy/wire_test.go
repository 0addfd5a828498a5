package proxy_test

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The tests of this file and its neighbours send raw bytes and read raw bytes:
// docs/wire.md names them, rule by rule.

const everywhere = "listen: 127.0.0.1:0\negress: {default: allow}\n"

// What egret refuses, an origin never hears of.
func TestWireRefused(t *testing.T) {
	p := newTap(t, everywhere)
	forward := func(text ...string) string {
		return lines(append([]string{"POST http://a.test/ HTTP/1.1", "Host: x"}, text...)...)
	}
	tests := []struct {
		name, request string
		status        int
		code          string
	}{
		{"a length and chunks", forward("Content-Length: 5", "Transfer-Encoding: chunked") + "0\r\n\r\n", 400, "malformed_request"},
		{"an unknown coding", forward("Transfer-Encoding: cow"), 501, "not_implemented"},
		{"a coding before chunked", forward("Transfer-Encoding: gzip, chunked") + "0\r\n\r\n", 501, "not_implemented"},
		{"a coding that begins like chunked", forward("Transfer-Encoding: xchunked") + "0\r\n\r\n", 501, "not_implemented"},
		{"identity", forward("Transfer-Encoding: identity"), 501, "not_implemented"},
		{"chunks of HTTP/1.0", lines("POST http://a.test/ HTTP/1.0", "Transfer-Encoding: chunked") + "0\r\n\r\n", 400, "malformed_request"},
		{"a framing field with an underscore", forward("Transfer_Encoding: chunked"), 400, "malformed_request"},
		{"a length with an underscore", forward("content_length: 5", "Content-Length: 5") + "hello", 400, "malformed_request"},
		{"a chunk in hexadecimal with 0x", forward("Transfer-Encoding: chunked") + "0x5\r\nhello\r\n0\r\n\r\n", 400, "malformed_request"},
		{"a chunk that ends in a line feed", forward("Transfer-Encoding: chunked") + "5\r\nhello\n0\r\n\r\n", 400, "malformed_request"},
		{"a folded line", forward("X: a", " b"), 400, "malformed_request"},
		{"a space in a name", forward("X Y: a"), 400, "malformed_request"},
		{"a space behind a name", forward("X : a"), 400, "malformed_request"},
		{"a line feed alone", forward("X: a\nY: b"), 400, "malformed_request"},
		{"a line feed alone after the first line", "GET http://a.test/ HTTP/1.1\nHost: x\r\n\r\n", 400, "malformed_request"},
		{"nothing but line feeds alone", "GET http://a.test/ HTTP/1.1\nHost: x\n\n", 400, "malformed_request"},
		{"a fragment", lines("GET http://a.test/#b HTTP/1.1", "Host: x"), 400, "malformed_request"},
		{"HTTP/1.2", lines("GET http://a.test/ HTTP/1.2", "Host: x"), 505, "version_not_supported"},
		{"HTTP/2.0", lines("GET http://a.test/ HTTP/2.0", "Host: x"), 505, "version_not_supported"},
		{"HTTP/9.9", lines("GET http://a.test/ HTTP/9.9", "Host: x"), 505, "version_not_supported"},
		{"201 fields", forward(strings.TrimSuffix(strings.Repeat("X: y\r\n", 200), "\r\n")), 431, "headers_too_large"},
		{"another expectation than 100-continue", forward("Expect: 200-ok", "Content-Length: 0"), 400, "malformed_request"},
		{"TRACE", lines("TRACE http://a.test/ HTTP/1.1", "Host: x"), 405, "method_not_allowed"},
		{"TRACE with Max-Forwards 0", lines("TRACE http://a.test/ HTTP/1.1", "Host: x", "Max-Forwards: 0"), 405, "method_not_allowed"},
		{"CONNECT to a path", lines("CONNECT /a HTTP/1.1", "Host: x"), 400, "malformed_request"},
		{"CONNECT whose Host names a port", lines("CONNECT a.test HTTP/1.1", "Host: a.test:443"), 400, "malformed_request"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			answers, received := p.send(t, tt.request)
			if heads := finalHeads(answers); len(heads) != 1 || !strings.HasPrefix(heads[0], "HTTP/1.1 ") || !strings.Contains(answers, `"code":"`+tt.code+`"`) {
				t.Fatalf("got %q, want one answer with %s", answers, tt.code)
			}
			if got := statuses(answers)[0]; got != tt.status {
				t.Errorf("got status %d, want %d", got, tt.status)
			}
			if tt.status == http.StatusMethodNotAllowed && !strings.Contains(answers, "\r\nAllow: ") {
				t.Errorf("got %q, want an Allow field", answers)
			}
			for _, text := range received {
				if got := readOne(t, text); got != nil && !got.cut {
					t.Errorf("the origin received %q", text)
				}
			}
		})
	}
}

var statusLine = regexp.MustCompile(`(?m)^HTTP/1\.[01] ([0-9]{3}) `)

// statuses are those of all answers in a text.
func statuses(text string) []int {
	var list []int
	for _, match := range statusLine.FindAllStringSubmatch(text, -1) {
		list = append(list, int(match[1][0]-'0')*100+int(match[1][1]-'0')*10+int(match[1][2]-'0'))
	}
	return list
}

// finalHeads are the first lines of the final answers in a text.
func finalHeads(text string) []string {
	return slices.DeleteFunc(statusLine.FindAllString(text, -1), func(line string) bool { return line[9] == '1' })
}

// ownLines are the lines of a head that egret did not write anew, in their
// order.
func ownLines(text string) []string {
	head, _, _ := strings.Cut(text, "\r\n\r\n")
	all := strings.Split(head, "\r\n")
	return append(all[:1:1], slices.DeleteFunc(all[1:], func(line string) bool {
		name, _, _ := strings.Cut(line, ":")
		return slices.Contains([]string{"host", "via", "content-length", "transfer-encoding", "date", "connection"}, strings.ToLower(name))
	})...)
}

// What passes keeps its fields in their order and spelling.
func TestWireRequest(t *testing.T) {
	p := newTap(t, everywhere)
	const get = "GET http://a.test/b?c HTTP/1.1\r\nHost: x\r\n"
	tests := []struct {
		name, request string
		want          []string
	}{
		{
			"fields that others write first",
			lines("POST http://a.test/ HTTP/1.1", "Host: x", "X-A: 1", "content-type: text/x", "USER-agent: me", "Cookie: a=1", "X-B: 2", "cookie: b=2", "accept-Encoding: br", "Content-Length: 0"),
			[]string{"POST / HTTP/1.1", "X-A: 1", "content-type: text/x", "USER-agent: me", "Cookie: a=1", "X-B: 2", "cookie: b=2", "accept-Encoding: br"},
		},
		{
			"Connection cannot name these",
			lines("POST http://a.test/ HTTP/1.1", "Host: x", "Connection: Content-Type, Content-Length, Authorization, Host, Cache-Control", "Content-Type: text/x", "Authorization: me", "Cache-Control: no-cache", "Content-Length: 2") + "hi",
			[]string{"POST / HTTP/1.1", "Content-Type: text/x", "Authorization: me", "Cache-Control: no-cache"},
		},
		{"every Connection line counts", get + lines("Connection: X-A", "X-A: 1", "X-B: 2", "connection: close, x-c", "X-C: 3"), []string{"GET /b?c HTTP/1.1", "X-B: 2"}},
		{"codings that the client takes", get + lines("TE: gzip", "Connection: TE"), []string{"GET /b?c HTTP/1.1"}},
		{"Upgrade", get + lines("Upgrade: websocket", "Connection: x, Upgrade"), []string{"GET /b?c HTTP/1.1", "Upgrade: websocket"}},
		{"Upgrade that is not meant", get + lines("Upgrade: websocket"), []string{"GET /b?c HTTP/1.1"}},
		{"Upgrade to h2c", get + lines("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMA"), []string{"GET /b?c HTTP/1.1"}},
		{"Max-Forwards of OPTIONS", lines("OPTIONS http://a.test/b HTTP/1.1", "Host: x", "Max-Forwards: 5"), []string{"OPTIONS /b HTTP/1.1", "Max-Forwards: 4"}},
		{"Max-Forwards of others", get + lines("Max-Forwards: 0"), []string{"GET /b?c HTTP/1.1", "Max-Forwards: 0"}},
		{"OPTIONS without a path", lines("OPTIONS http://a.test HTTP/1.1", "Host: x"), []string{"OPTIONS * HTTP/1.1"}},
		{"an empty line before it", "\r\n" + get + "\r\n", []string{"GET /b?c HTTP/1.1"}},
		{"a method in lower case", lines("get http://a.test/ HTTP/1.1", "Host: x"), []string{"get / HTTP/1.1"}},
		{"a path that looks like a host", lines("GET http://a.test//evil.test/ HTTP/1.1", "Host: x"), []string{"GET //evil.test/ HTTP/1.1"}},
		{"bytes beyond ASCII", get + lines("X: \xe4\xff"), []string{"GET /b?c HTTP/1.1", "X: \xe4\xff"}},
		{"HTTP/1.0", lines("GET http://a.test/b?c HTTP/1.0", "X: y"), []string{"GET /b?c HTTP/1.1", "X: y"}},
		{"100-continue", lines("POST http://a.test/ HTTP/1.1", "Host: x", "Expect: 100-continue", "Content-Length: 2") + "hi", []string{"POST / HTTP/1.1"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			answers, received := p.send(t, tt.request)
			if len(received) != 1 {
				t.Fatalf("the origin received %q, want one request; the client was told %q", received, answers)
			}
			if diff := cmp.Diff(tt.want, ownLines(received[0])); diff != "" {
				t.Errorf("what the origin received (-want +got):\n%s", diff)
			}
			if !strings.Contains(received[0], "\r\nHost: a.test\r\n") || strings.Count(received[0], "\r\nVia: ") != 1 {
				t.Errorf("the origin received %q, want the target's Host and one Via", received[0])
			}
		})
	}
}

// An answer keeps its fields in their order and spelling.
func TestWireAnswer(t *testing.T) {
	p := newTap(t, everywhere)
	tests := []struct {
		name, answer string
		want         []string
	}{
		{
			"fields that others write first",
			lines("HTTP/1.1 200 OK", "X-A: 1", "server: S", "Set-Cookie: a=1", "content-TYPE: text/x", "X-B: 2", "set-cookie: b=2", "content-encoding: x", "Content-Length: 0"),
			[]string{"HTTP/1.1 200 OK", "X-A: 1", "server: S", "Set-Cookie: a=1", "content-TYPE: text/x", "X-B: 2", "set-cookie: b=2", "content-encoding: x"},
		},
		{
			"fields that only an origin may change",
			lines("HTTP/1.1 401 Unauthorized", "Allow: GET, FOO", "WWW-Authenticate: Basic realm=\"x\"", "Vary: a", "Age: 5", "ETag: W/\"x\"", "Content-Length: 0"),
			[]string{"HTTP/1.1 401 Unauthorized", "Allow: GET, FOO", "WWW-Authenticate: Basic realm=\"x\"", "Vary: a", "Age: 5", "ETag: W/\"x\""},
		},
		{
			"every Connection line counts",
			lines("HTTP/1.1 200 OK", "Connection: X-A", "X-A: 1", "X-B: 2", "connection: close, x-c", "X-C: 3", "Keep-Alive: timeout=5", "Upgrade: h2c", "Content-Length: 0"),
			[]string{"HTTP/1.1 200 OK", "X-B: 2"},
		},
		{"HTTP/1.0", lines("HTTP/1.0 200 OK", "X: y") + "hello", []string{"HTTP/1.1 200 OK", "X: y"}},
		{"204", lines("HTTP/1.1 204 No Content", "X: y"), []string{"HTTP/1.1 204 No Content", "X: y"}},
		{"304", lines("HTTP/1.1 304 Not Modified", "ETag: \"x\"", "Content-Length: 5"), []string{"HTTP/1.1 304 Not Modified", "ETag: \"x\""}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p.answerWith(tt.answer)
			got, _ := p.send(t, lines("GET http://a.test/ HTTP/1.1", "Host: x"))
			if diff := cmp.Diff(tt.want, ownLines(got)); diff != "" {
				t.Errorf("what the client received (-want +got):\n%s", diff)
			}
			if n := strings.Count(got, "\r\nVia: 1.1 egret-") + strings.Count(got, "\r\nVia: 1.0 egret-"); n != 1 {
				t.Errorf("got %d Via fields of egret in %q, want one", n, got)
			}
			if n := strings.Count(strings.ToLower(got), "\r\ndate: "); n != 1 {
				t.Errorf("got %d Date fields in %q, want one", n, got)
			}
		})
	}
}
