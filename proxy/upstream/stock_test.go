package upstream_test

import (
	"bufio"
	"errors"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/egret-proxy/egret/functions"
	"github.com/egret-proxy/egret/proxy/upstream"
	"github.com/egret-proxy/egret/templates"
)

const ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

// TestRequestBytes: what is sent is what was asked for, to the byte.
func TestRequestBytes(t *testing.T) {
	fields := []templates.Field{
		{Name: "x-first", Value: "1"},
		{Name: "Cookie", Value: "a=1"},
		{Name: "USER-agent", Value: "agent/1"},
		{Name: "content-TYPE", Value: "text/plain"},
		{Name: "X-First", Value: "2"},
		{Name: "cookie", Value: "b=2; c"},
		{Name: "Authorization", Value: "Bearer \u00fc"},
		{Name: "accept", Value: ""},
	}
	written := "x-first: 1\r\nCookie: a=1\r\nUSER-agent: agent/1\r\ncontent-TYPE: text/plain\r\nX-First: 2\r\ncookie: b=2; c\r\nAuthorization: Bearer \u00fc\r\naccept: \r\n"
	for _, test := range []struct {
		name, method, target string
		body                 io.Reader
		length               int64
		want                 string
	}{
		{"plain", "GET", "/a", nil, 0, ""},
		{"odd path", "GET", "/a//b/./c/../%2F%2e%2e/d%20e+f;g=h", nil, 0, ""},
		{"two slashes", "GET", "//evil.test/a", nil, 0, ""},
		{"colon", "GET", "/http://evil.test:8080/@x", nil, 0, ""},
		{"empty query", "GET", "/a?", nil, 0, ""},
		{"odd query", "GET", "/a?b&c=%zz&d=1+2&&=&e=/?f", nil, 0, ""},
		{"any method", "pUrGe", "/", nil, 0, "Content-Length: 0\r\n"},
		{"asterisk", "OPTIONS", "*", nil, 0, "Content-Length: 0\r\n"},
		{"body", "POST", "/a", strings.NewReader("hello"), 5, "Content-Length: 5\r\n"},
		{"empty body", "PUT", "/a", strings.NewReader(""), 0, "Content-Length: 0\r\n"},
		{"body of get", "GET", "/a", strings.NewReader("hello"), 5, "Content-Length: 5\r\n"},
		{"unknown length", "POST", "/a", strings.NewReader("hello"), -1, "Transfer-Encoding: chunked\r\n"},
		{"longer than announced", "POST", "/a", strings.NewReader("hello and more"), 5, "Content-Length: 5\r\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := newOrigin(t, once(ok))
			req := o.get()
			req.Method, req.Target, req.Header, req.Body, req.ContentLength = test.method, test.target, fields, test.body, test.length
			if _, err := newStock(t, upstream.Options{}).RoundTrip(t.Context(), req); err != nil {
				t.Fatal(err)
			}
			want := test.method + " " + test.target + " HTTP/1.1\r\nHost: api.acme.test\r\n" + written + test.want + "\r\n"
			if diff := cmp.Diff(want, o.last()); diff != "" {
				t.Errorf("the header sent differs (-want +got):\n%s", diff)
			}
		})
	}
}

// TestRequestBody: the body arrives whole, with and without a length.
func TestRequestBody(t *testing.T) {
	sent := strings.Repeat("0123456789", 20_000)
	for name, length := range map[string]int64{"length": int64(len(sent)), "chunked": -1} {
		t.Run(name, func(t *testing.T) {
			got := make(chan string, 1)
			o := newOrigin(t, func(o *origin, c net.Conn, r *bufio.Reader) {
				if _, err := o.head(r); err != nil {
					return
				}
				got <- readBody(r, length)
				_, _ = io.WriteString(c, ok)
			})
			req := o.post(sent)
			req.ContentLength = length
			if _, err := newStock(t, upstream.Options{}).RoundTrip(t.Context(), req); err != nil {
				t.Fatal(err)
			}
			if body := <-got; body != sent {
				t.Errorf("the body has %d bytes, want %d, or differs", len(body), len(sent))
			}
		})
	}
}

// readBody reads length bytes, or chunks.
func readBody(r *bufio.Reader, length int64) string {
	if length >= 0 {
		b, _ := io.ReadAll(io.LimitReader(r, length))
		return string(b)
	}
	var body strings.Builder
	for {
		line, err := r.ReadString('\n')
		size := int64(0)
		for _, c := range strings.TrimSpace(line) {
			size = size*16 + int64(strings.IndexRune("0123456789abcdef", c))
		}
		_, _ = io.CopyN(&body, r, size)
		_, _ = r.ReadString('\n')
		if err != nil || size == 0 {
			return body.String()
		}
	}
}

// TestAnswer: fields, lengths and bodies, read whole and streamed.
func TestAnswer(t *testing.T) {
	for _, test := range []struct {
		name, method, answer string
		status               int
		header               []templates.Field
		body                 string
	}{
		{"length", "GET", ok, 200, []templates.Field{{Name: "Content-Length", Value: "2"}}, "ok"},
		{"chunked", "GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", 200, []templates.Field{}, "ok"},
		{"length and chunks", "GET", "HTTP/1.1 200 OK\r\nContent-Length: 99\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", 200, []templates.Field{}, "ok"},
		{"empty", "GET", "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", 404, []templates.Field{{Name: "Content-Length", Value: "0"}}, ""},
		{"spelling and order", "GET", "HTTP/1.1 200 OK\r\nx-b: 1\r\nX-A: 2\r\nx-B: 3\r\nSet-Cookie: b=1\r\nSet-Cookie: a=1\r\nDate: today\r\nETag: \"x\"\r\nContent-Length: 0\r\n\r\n", 200, []templates.Field{
			{Name: "Content-Length", Value: "0"}, {Name: "Set-Cookie", Value: "b=1"}, {Name: "Set-Cookie", Value: "a=1"}, {Name: "x-b", Value: "1"}, {Name: "X-A", Value: "2"}, {Name: "x-B", Value: "3"}, {Name: "Date", Value: "today"}, {Name: "ETag", Value: `"x"`},
		}, ""},
		{"head", "HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", 200, []templates.Field{{Name: "Content-Length", Value: "2"}}, ""},
		{"no content", "DELETE", "HTTP/1.1 204 No Content\r\n\r\n", 204, nil, ""},
		{"redirect is an answer", "GET", "HTTP/1.1 302 Found\r\nLocation: https://evil.test/\r\nContent-Length: 0\r\n\r\n", 302, []templates.Field{{Name: "Content-Length", Value: "0"}, {Name: "Location", Value: "https://evil.test/"}}, ""},
		{"interim answers are passed over", "GET", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n" + ok, 200, []templates.Field{{Name: "Content-Length", Value: "2"}}, "ok"},
	} {
		for _, stream := range []bool{false, true} {
			t.Run(test.name, func(t *testing.T) {
				o := newOrigin(t, answering(test.answer))
				req := o.get()
				req.Method, req.Stream = test.method, stream
				answer, err := newStock(t, upstream.Options{}).RoundTrip(t.Context(), req)
				if err != nil {
					t.Fatal(err)
				}
				body := bodyOf(t, answer)
				header := endToEnd(answer.Header)
				if answer.Status != test.status || body != test.body || answer.ContentLength > int64(len(test.body)) {
					t.Errorf("got status %d, length %d, body %q, want %d, %q", answer.Status, answer.ContentLength, body, test.status, test.body)
				}
				if len(test.header) > 0 || len(header) > 0 {
					if diff := cmp.Diff(test.header, header); diff != "" {
						t.Errorf("the header differs (-want +got):\n%s", diff)
					}
				}
			})
		}
	}
}

// endToEnd drops the field that says how the body was cut up.
func endToEnd(header []templates.Field) []templates.Field {
	fields := []templates.Field{}
	for _, field := range header {
		if field.Name != "Transfer-Encoding" {
			fields = append(fields, field)
		}
	}
	return fields
}

func bodyOf(t *testing.T, answer *upstream.Answer) string {
	t.Helper()
	if answer.Body == nil {
		return string(answer.Bytes)
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestUntilClose: a body without a length ends with the connection.
func TestUntilClose(t *testing.T) {
	o := newOrigin(t, once("HTTP/1.1 200 OK\r\n\r\nok"))
	req := o.get()
	req.Stream = true
	answer, err := newStock(t, upstream.Options{}).RoundTrip(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	if answer.ContentLength != -1 {
		t.Errorf("ContentLength = %d, want -1", answer.ContentLength)
	}
	if body := bodyOf(t, answer); body != "ok" {
		t.Errorf("body = %q, want ok", body)
	}
}

// TestStreamArrivesPieceByPiece: an event is read before the next one is sent.
func TestStreamArrivesPieceByPiece(t *testing.T) {
	next := make(chan struct{})
	o := newOrigin(t, func(o *origin, c net.Conn, r *bufio.Reader) {
		_, _ = o.head(r)
		_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
		for range next {
			_, _ = io.WriteString(c, "9\r\ndata: 1\n\n\r\n")
		}
		_, _ = io.WriteString(c, "0\r\n\r\n")
	})
	req := o.get()
	req.Stream = true
	answer, err := newStock(t, upstream.Options{}).RoundTrip(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	event := make([]byte, 9)
	for range 3 {
		next <- struct{}{}
		if _, err := io.ReadFull(answer.Body, event); err != nil || string(event) != "data: 1\n\n" {
			t.Fatalf("read %q, %v", event, err)
		}
	}
	close(next)
	if n, err := answer.Body.Read(event); n != 0 || err != io.EOF {
		t.Errorf("at the end: %d bytes, %v, want 0, io.EOF", n, err)
	}
}

// TestBrokenRequest: what would be two requests, or none, is never dialled.
func TestBrokenRequest(t *testing.T) {
	for name, spoil := range map[string]func(*upstream.Request){
		"scheme":            func(r *upstream.Request) { r.Scheme = "ftp" },
		"method":            func(r *upstream.Request) { r.Method = "GET /" },
		"no method":         func(r *upstream.Request) { r.Method = "" },
		"no host":           func(r *upstream.Request) { r.Host = "" },
		"authority":         func(r *upstream.Request) { r.Authority = "a\r\nX: 1" },
		"target":            func(r *upstream.Request) { r.Target = "/a b" },
		"line in target":    func(r *upstream.Request) { r.Target = "/a\nX:1" },
		"no target":         func(r *upstream.Request) { r.Target = "" },
		"field name":        func(r *upstream.Request) { r.Header = []templates.Field{{Name: "X-K: inj", Value: canary}} },
		"field value":       func(r *upstream.Request) { r.Header = []templates.Field{{Name: "X-K", Value: canary + "\r\nX: 1"}} },
		"nul in value":      func(r *upstream.Request) { r.Header = []templates.Field{{Name: "X-K", Value: canary + "\x00"}} },
		"host field":        func(r *upstream.Request) { r.Header = []templates.Field{{Name: "HOST", Value: canary}} },
		"content-length":    func(r *upstream.Request) { r.Header = []templates.Field{{Name: "content-length", Value: "3"}} },
		"transfer-encoding": func(r *upstream.Request) { r.Header = []templates.Field{{Name: "Transfer-Encoding", Value: "chunked"}} },
		"negative length":   func(r *upstream.Request) { r.ContentLength = -2 },
	} {
		t.Run(name, func(t *testing.T) {
			o := newOrigin(t, answering(ok))
			req := o.get()
			spoil(req)
			_, err := newStock(t, upstream.Options{}).RoundTrip(t.Context(), req)
			wantRefusal(t, err, functions.Internal)
			if conns, _ := o.seen(); conns != 0 {
				t.Errorf("the origin saw %d connections, want 0", conns)
			}
		})
	}
}

// TestBodyOfRequestBreaksOff: that is no fault of the upstream, and a refusal
// of whoever gives the body is passed on.
func TestBodyOfRequestBreaksOff(t *testing.T) {
	o := newOrigin(t, answering(ok))
	stock := newStock(t, upstream.Options{})
	req := o.post("hello")
	req.ContentLength = 9
	_, err := stock.RoundTrip(t.Context(), req)
	wantRefusal(t, err, functions.MalformedRequest)

	tooLarge := functions.Refuse(functions.BodyTooLarge, "the body is too large")
	for _, length := range []int64{-1, 9} {
		req.Body, req.ContentLength = io.MultiReader(strings.NewReader("hello"), failing{tooLarge}), length
		if _, err = stock.RoundTrip(t.Context(), req); !errors.Is(err, tooLarge) {
			t.Errorf("length %d: got %v, want %v", length, err, tooLarge)
		}
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func TestClosedTransport(t *testing.T) {
	o := newOrigin(t, answering(ok))
	stock := newStock(t, upstream.Options{})
	stock.Close()
	_, err := stock.RoundTrip(t.Context(), o.get())
	wantRefusal(t, err, functions.Draining)
	if _, err := upstream.NewStock(upstream.Options{}); err == nil {
		t.Error("NewStock without a dialer gives no error")
	}
}
