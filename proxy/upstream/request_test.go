package upstream_test

import (
	"bufio"
	"io"
	"net"
	"net/http/httputil"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/egret-proxy/egret/functions"
	"github.com/egret-proxy/egret/proxy/upstream"
	"github.com/egret-proxy/egret/proxy/wire"
)

// TestRequestBytes: what is sent is what was asked for, to the byte.
func TestRequestBytes(t *testing.T) {
	var header wire.Lines
	for _, f := range [][2]string{
		{"x-first", "1"},
		{"Cookie", "a=1"},
		{"USER-agent", "agent/1"},
		{"content-TYPE", "text/plain"},
		{"X-First", "2"},
		{"cookie", "b=2; c"},
		{"Authorization", "Bearer \u00fc"},
		{"accept", ""},
	} {
		header.Add(f[0], f[1])
	}
	const written = "x-first: 1\r\nCookie: a=1\r\nUSER-agent: agent/1\r\ncontent-TYPE: text/plain\r\nX-First: 2\r\ncookie: b=2; c\r\nAuthorization: Bearer \u00fc\r\naccept: \r\n"
	stream := func(text string, length int64) func(*upstream.Request) {
		return func(r *upstream.Request) { r.Stream, r.Length = strings.NewReader(text), length }
	}
	body := func(text string) func(*upstream.Request) {
		return func(r *upstream.Request) { r.Body = []byte(text) }
	}
	for _, test := range []struct {
		name, method, target string
		body                 func(*upstream.Request)
		framing, sent        string
	}{
		{name: "plain", method: "GET", target: "/a"},
		{name: "odd path", method: "GET", target: "/a//b/./c/../%2F%2e%2e/d%20e+f;g=h"},
		{name: "two slashes", method: "GET", target: "//evil.test/a"},
		{name: "colon", method: "GET", target: "/http://evil.test:8080/@x"},
		{name: "empty query", method: "GET", target: "/a?"},
		{name: "odd query", method: "GET", target: "/a?b&c=%2f&d=1+2&&=&e=/?f"},
		{name: "any method", method: "pUrGe", target: "/"},
		{name: "asterisk", method: "OPTIONS", target: "*"},
		{name: "body", method: "POST", target: "/a", body: body("hello"), framing: "Content-Length: 5\r\n", sent: "hello"},
		{name: "empty body", method: "PUT", target: "/a", body: body(""), framing: "Content-Length: 0\r\n"},
		{name: "no body", method: "POST", target: "/a"},
		{name: "body of get", method: "GET", target: "/a", body: body("hello"), framing: "Content-Length: 5\r\n", sent: "hello"},
		{name: "stream", method: "POST", target: "/a", body: stream("hello", 5), framing: "Content-Length: 5\r\n", sent: "hello"},
		{name: "empty stream", method: "POST", target: "/a", body: stream("", 0), framing: "Content-Length: 0\r\n"},
		{name: "unknown length", method: "POST", target: "/a", body: stream("hello", -1), framing: "Transfer-Encoding: chunked\r\n", sent: "5\r\nhello\r\n0\r\n\r\n"},
		{name: "empty and unknown", method: "POST", target: "/a", body: stream("", -1), framing: "Transfer-Encoding: chunked\r\n", sent: "0\r\n\r\n"},
		{name: "longer than announced", method: "POST", target: "/a", body: stream("hello and more", 5), framing: "Content-Length: 5\r\n", sent: "hello"},
	} {
		t.Run(test.name, func(t *testing.T) {
			sent := make(chan string, 1)
			o := newOrigin(t, func(o *origin, c net.Conn, r *bufio.Reader) {
				if _, err := o.head(r); err != nil {
					return
				}
				text := make([]byte, len(test.sent))
				_, _ = io.ReadFull(r, text)
				_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok")
				rest, _ := io.ReadAll(r)
				sent <- string(text) + string(rest)
			})
			req := o.get()
			req.Method, req.Target, req.Header = test.method, []byte(test.target), header
			if test.body != nil {
				test.body(req)
			}
			mustCall(t, newTransport(t, upstream.Options{}), req)
			want := test.method + " " + test.target + " HTTP/1.1\r\nHost: api.acme.test\r\n" + written + test.framing + "\r\n"
			if diff := cmp.Diff(want, o.last()); diff != "" {
				t.Errorf("the head sent differs (-want +got):\n%s", diff)
			}
			if got := <-sent; got != test.sent {
				t.Errorf("behind the head came %q, want %q", got, test.sent)
			}
		})
	}
}

// TestStatedLength: a Content-Length that the header has already keeps its
// place there, and is not written twice.
func TestStatedLength(t *testing.T) {
	o := newOrigin(t, answering(ok))
	for _, stream := range []bool{false, true} {
		req := o.post("hello")
		if stream {
			req = o.upload(strings.NewReader("hello"), 5)
		}
		req.Header.Add("content-length", "5")
		req.Header.Add("X-Last", "1")
		req.HasLength = true
		mustCall(t, newTransport(t, upstream.Options{}), req)
		want := "POST /" + canary + " HTTP/1.1\r\nHost: api.acme.test\r\ncontent-length: 5\r\nX-Last: 1\r\n\r\n"
		if diff := cmp.Diff(want, o.last()); diff != "" {
			t.Errorf("stream %v: the head sent differs (-want +got):\n%s", stream, diff)
		}
	}
}

// TestRequestBody: the body arrives whole, with and without a length, on a new
// connection and on one that is used again.
func TestRequestBody(t *testing.T) {
	text := strings.Repeat("0123456789", 200_000)
	for _, test := range []struct {
		name string
		body func(*upstream.Request)
	}{
		{"there already", func(r *upstream.Request) { r.Body = []byte(text) }},
		{"stream", func(r *upstream.Request) { r.Stream, r.Length = strings.NewReader(text), int64(len(text)) }},
		{"chunked", func(r *upstream.Request) { r.Stream, r.Length = strings.NewReader(text), -1 }},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := make(chan string, 1)
			o := newOrigin(t, func(o *origin, c net.Conn, r *bufio.Reader) {
				for {
					head, err := o.head(r)
					if err != nil {
						return
					}
					got <- readBody(head, r, len(text))
					_, _ = io.WriteString(c, ok)
				}
			})
			transport := newTransport(t, upstream.Options{})
			for range 3 {
				req := o.get()
				req.Method = "POST"
				test.body(req)
				mustCall(t, transport, req)
				if body := <-got; body != text {
					t.Errorf("the body has %d bytes, want %d, or differs", len(body), len(text))
				}
			}
		})
	}
}

// readBody reads length bytes, or chunks.
func readBody(head string, r *bufio.Reader, length int) string {
	if !strings.Contains(head, "chunked") {
		b, _ := io.ReadAll(io.LimitReader(r, int64(length)))
		return string(b)
	}
	b, _ := io.ReadAll(httputil.NewChunkedReader(r))
	_, _ = r.ReadString('\n')
	return string(b)
}

// TestBrokenRequest: what would be two requests, or none, is never dialled.
func TestBrokenRequest(t *testing.T) {
	for name, spoil := range map[string]func(*upstream.Request){
		"scheme":         func(r *upstream.Request) { r.Scheme = "HTTPS" },
		"no scheme":      func(r *upstream.Request) { r.Scheme = "" },
		"no host":        func(r *upstream.Request) { r.Host = "" },
		"two framings":   func(r *upstream.Request) { r.Stream, r.Length, r.HasLength = strings.NewReader("x"), -1, true },
		"method":         func(r *upstream.Request) { r.Method = "GET /" },
		"no method":      func(r *upstream.Request) { r.Method = "" },
		"authority":      func(r *upstream.Request) { r.Authority = "a\r\nX: 1" },
		"no authority":   func(r *upstream.Request) { r.Authority = "" },
		"target":         func(r *upstream.Request) { r.Target = []byte("/a b") },
		"line in target": func(r *upstream.Request) { r.Target = []byte("/a\nX:1") },
		"no target":      func(r *upstream.Request) { r.Target = nil },
		"percent sign":   func(r *upstream.Request) { r.Target = []byte("/%zz") },
		"field name":     func(r *upstream.Request) { r.Header.Add("X-K\r\nX: inj", canary) },
		"field value":    func(r *upstream.Request) { r.Header.Add("X-K", canary+"\r\nX: 1") },
		"line feed":      func(r *upstream.Request) { r.Header.Add("X-K", canary+"\nX: 1") },
		"empty line":     func(r *upstream.Request) { r.Header.Add("X-K", canary+"\r\n") },
	} {
		t.Run(name, func(t *testing.T) {
			o := newOrigin(t, answering(ok))
			req := o.get()
			spoil(req)
			wantRefusal(t, outcome(t.Context(), newTransport(t, upstream.Options{}), req), functions.Internal)
			o.wantSeen(t, 0, 0)
		})
	}
}

func TestClosedTransport(t *testing.T) {
	o := newOrigin(t, answering(ok))
	transport := newTransport(t, upstream.Options{})
	transport.Close()
	wantRefusal(t, outcome(t.Context(), transport, o.get()), functions.Draining)
	_, err := upstream.New(upstream.Options{})
	if err == nil || err.Error() != "cannot make a transport: no dialer is set" {
		t.Errorf("New without a dialer gives %v", err)
	}
}
