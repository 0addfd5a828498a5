package proxy_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/egret-proxy/egret/proxy/proxytest"
)

// A recorder is an upstream on TCP that keeps every byte of a request's head,
// and answers with one text.
type recorder struct {
	heads  chan string
	answer string
	addr   string
}

// record starts a recorder; the option makes egret dial it for every host.
func record(t testing.TB, answer string) (*recorder, proxytest.Option) {
	r := &recorder{heads: make(chan string, 1), answer: answer}
	r.addr = serve(t, func(c net.Conn) {
		reader := bufio.NewReader(c)
		var head strings.Builder
		for {
			line, err := reader.ReadString('\n')
			if err != nil {
				return
			}
			if head.WriteString(line); line == "\r\n" {
				break
			}
		}
		r.heads <- head.String()
		say(c, closing(r.answer))
	})
	return r, dialling(r.addr)
}

// closing tells in the last head of an answer that the connection ends with it:
// otherwise egret could take the connection for its next request.
func closing(answer string) string {
	last := strings.LastIndex(answer, "HTTP/1.")
	end := last + strings.Index(answer[last:], "\r\n") + 2
	return answer[:end] + "Connection: close\r\n" + answer[end:]
}

// exchange sends a request to egret, and gives what the upstream received and
// what came back.
func (r *recorder) exchange(t *testing.T, e *proxytest.Egret, request string) (head, answer string) {
	t.Helper()
	c := e.Connect()
	c.Send(request)
	c.End()
	answer = c.Rest()
	select {
	case head = <-r.heads:
	default:
		t.Fatalf("the upstream received nothing; the answer was %q", answer)
	}
	return head, answer
}

// pseudonym is the name of this egret in Via fields, out of a text with one.
func pseudonym(t *testing.T, text string) string {
	t.Helper()
	_, rest, ok := strings.Cut(text, "egret-")
	if !ok || len(rest) < 10 {
		t.Fatalf("no pseudonym in %q", text)
	}
	return "egret-" + rest[:10]
}

func lines(text ...string) string { return strings.Join(text, "\r\n") + "\r\n\r\n" }

// What passes through is the same byte for byte, but for what a proxy must take
// away and add.
func TestForwardRequestHead(t *testing.T) {
	r, dial := record(t, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
	e := start(t, open, dial)
	const via = "Via: 1.1 PSEUDONYM"
	tests := []struct{ name, request, want string }{
		{
			"absolute form, whose host counts",
			lines("GET http://api.acme.test/a?b=c HTTP/1.1", "Host: other.test"),
			lines("GET /a?b=c HTTP/1.1", "Host: api.acme.test", via),
		},
		{
			"path and query byte for byte",
			lines("GET http://api.acme.test//a/../%2e%2E/%2F;p=1/./b%20c+d?x=%7e&y[]=1&z=a/b?c&&= HTTP/1.1", "Host: x"),
			lines("GET //a/../%2e%2E/%2F;p=1/./b%20c+d?x=%7e&y[]=1&z=a/b?c&&= HTTP/1.1", "Host: api.acme.test", via),
		},
		{
			"fields in order, names as written, duplicates kept",
			lines("GET http://api.acme.test/ HTTP/1.1", "Host: x", "x-lower: 1", "X-UPPER: 2", "user-AGENT: me", "Accept: a", "x-lower:3", "accept: b", "Cookie: a=1; b=2", "cookie: c=3", "X-Empty:", "X-Inner: a  b\tc"),
			lines("GET / HTTP/1.1", "Host: api.acme.test", "x-lower: 1", "X-UPPER: 2", "user-AGENT: me", "Accept: a", "x-lower: 3", "accept: b", "Cookie: a=1; b=2", "cookie: c=3", "X-Empty: ", "X-Inner: a  b\tc", via),
		},
		{
			"bytes beyond ASCII in a value",
			lines("GET http://api.acme.test/ HTTP/1.1", "Host: x", "X-Name: Jos\xc3\xa9 \xff"),
			lines("GET / HTTP/1.1", "Host: api.acme.test", "X-Name: Jos\xc3\xa9 \xff", via),
		},
		{
			"no path",
			lines("GET http://api.acme.test HTTP/1.1", "Host: x"),
			lines("GET / HTTP/1.1", "Host: api.acme.test", via),
		},
		{
			"a query without a path",
			lines("GET http://api.acme.test?a=b HTTP/1.1", "Host: x"),
			lines("GET /?a=b HTTP/1.1", "Host: api.acme.test", via),
		},
		{
			"OPTIONS without a path",
			lines("OPTIONS http://api.acme.test HTTP/1.1", "Host: x"),
			lines("OPTIONS * HTTP/1.1", "Host: api.acme.test", via),
		},
		{
			"an unknown method",
			lines("PURGE http://api.acme.test/a HTTP/1.1", "Host: x"),
			lines("PURGE /a HTTP/1.1", "Host: api.acme.test", via),
		},
		{
			"the default port is left out",
			lines("GET http://api.acme.test:80/ HTTP/1.1", "Host: x"),
			lines("GET / HTTP/1.1", "Host: api.acme.test", via),
		},
		{
			"another port is kept",
			lines("GET http://api.acme.test:8443/ HTTP/1.1", "Host: x"),
			lines("GET / HTTP/1.1", "Host: api.acme.test:8443", via),
		},
		{
			"host in upper case with a dot, scheme in upper case",
			lines("GET HTTP://API.Acme.TEST./ HTTP/1.1", "Host: x"),
			lines("GET / HTTP/1.1", "Host: api.acme.test", via),
		},
		{
			"IPv6 literal",
			lines("GET http://[2001:DB8:0::1]:8080/ HTTP/1.1", "Host: x"),
			lines("GET / HTTP/1.1", "Host: [2001:db8::1]:8080", via),
		},
		{
			"IPv6 literal on the default port",
			lines("GET http://[2001:db8::1]/ HTTP/1.1", "Host: x"),
			lines("GET / HTTP/1.1", "Host: [2001:db8::1]", via),
		},
		{
			"hop-by-hop fields",
			lines("GET http://api.acme.test/ HTTP/1.1", "Host: x", "Connection: X-One, keep-alive", "X-One: 1", "connection: x-two", "X-TWO: 2", "X-Three: 3",
				"Keep-Alive: timeout=5", "Proxy-Connection: keep-alive", "Proxy-Authorization: Basic eDp5", "TE: trailers", "Trailer: X-Three", "Upgrade: websocket", "Proxy-Authenticate: x"),
			lines("GET / HTTP/1.1", "Host: api.acme.test", "X-Three: 3", "Accept-Encoding: identity", "Connection: TE", "TE: trailers", via),
		},
		{
			"Connection cannot name a credential away",
			lines("GET http://api.acme.test/ HTTP/1.1", "Host: x", "Connection: Authorization, Host, Cache-Control", "Authorization: Bearer mine", "Cache-Control: no-cache"),
			lines("GET / HTTP/1.1", "Host: api.acme.test", "Authorization: Bearer mine", "Cache-Control: no-cache", via),
		},
		{
			"a proxy before this one",
			lines("GET http://api.acme.test/ HTTP/1.1", "Host: x", "Via: 1.0 fred", "Max-Forwards: 5"),
			lines("GET / HTTP/1.1", "Host: api.acme.test", "Via: 1.0 fred", "Max-Forwards: 5", via),
		},
		{
			"HTTP/1.0",
			lines("GET http://api.acme.test/ HTTP/1.0"),
			lines("GET / HTTP/1.1", "Host: api.acme.test", "Via: 1.0 PSEUDONYM"),
		},
		{
			"an empty body is announced when the client does",
			lines("POST http://api.acme.test/ HTTP/1.1", "Host: x", "Content-Length: 0"),
			lines("POST / HTTP/1.1", "Host: api.acme.test", "Content-Length: 0", via),
		},
		{
			"coded answers and parts of them are for the client to judge where nothing is scrubbed",
			lines("GET http://other.test/ HTTP/1.1", "Host: x", "Accept-Encoding: gzip, br", "Range: bytes=0-5", "If-Range: x"),
			lines("GET / HTTP/1.1", "Host: other.test", "Accept-Encoding: gzip, br", "Range: bytes=0-5", "If-Range: x", via),
		},
		{
			"coded answers and parts of them are not asked for where values could hide in them",
			lines("GET http://api.acme.test/ HTTP/1.1", "Host: x", "accept-encoding: gzip, br", "Range: bytes=0-5", "If-Range: x", "X: y"),
			lines("GET / HTTP/1.1", "Host: api.acme.test", "X: y", "Accept-Encoding: identity", via),
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, answer := r.exchange(t, e, tt.request)
			got = strings.ReplaceAll(got, pseudonym(t, got), "PSEUDONYM")
			want := tt.want
			if strings.Contains(want, "acme.test") || strings.Contains(want, "2001:db8") {
				want = identity(want)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("what the upstream received (-want +got):\n%s", diff)
			}
			if !strings.HasPrefix(answer, "HTTP/1.1 200 OK\r\n") {
				t.Errorf("got the answer %q, want one with 200", answer)
			}
		})
	}
}

// identity adds what egret asks of hosts that a cache names: an answer that can
// be searched.
func identity(head string) string {
	const wish = "Accept-Encoding: identity\r\n"
	if strings.Contains(head, wish) {
		return head
	}
	at := strings.LastIndex(head, "Via: ")
	return head[:at] + wish + head[at:]
}

// An answer passes through as it came, but for what belongs to the connection.
func TestForwardAnswerHead(t *testing.T) {
	r, dial := record(t, "")
	e := start(t, open, dial)
	const via = "Via: 1.1 PSEUDONYM"
	tests := []struct{ name, answer, want string }{
		{
			"fields and their Date",
			lines("HTTP/1.1 200 OK", "date: Tue, 15 Nov 1994 08:12:31 GMT", "x-lower: 1", "X-UPPER: 2", "x-lower: 3", "Content-Length: 0"),
			lines("HTTP/1.1 200 OK", "date: Tue, 15 Nov 1994 08:12:31 GMT", "x-lower: 1", "X-UPPER: 2", "x-lower: 3", "Content-Length: 0", via),
		},
		{
			"cookies, each",
			lines("HTTP/1.1 200 OK", "Date: D", "Set-Cookie: a=1; Path=/", "Set-Cookie: a=2; Path=/b", "Content-Length: 0"),
			lines("HTTP/1.1 200 OK", "Date: D", "Set-Cookie: a=1; Path=/", "Set-Cookie: a=2; Path=/b", "Content-Length: 0", via),
		},
		{
			"hop-by-hop fields",
			lines("HTTP/1.1 200 OK", "Date: D", "Connection: X-One", "X-One: 1", "Keep-Alive: timeout=5", "Proxy-Authenticate: Basic", "Upgrade: h2c", "X-Two: 2", "Content-Length: 0"),
			lines("HTTP/1.1 200 OK", "Date: D", "X-Two: 2", "Content-Length: 0", via),
		},
		{
			"a proxy behind this one",
			lines("HTTP/1.1 200 OK", "Date: D", "Via: 1.1 other", "Server: S", "Content-Type: text/x", "Content-Length: 0"),
			lines("HTTP/1.1 200 OK", "Date: D", "Via: 1.1 other", "Server: S", "Content-Type: text/x", "Content-Length: 0", via),
		},
		{
			"204",
			lines("HTTP/1.1 204 No Content", "Date: D", "X: y"),
			lines("HTTP/1.1 204 No Content", "Date: D", "X: y", via),
		},
		{
			"304",
			lines("HTTP/1.1 304 Not Modified", "Date: D", "ETag: \"x\""),
			lines("HTTP/1.1 304 Not Modified", "Date: D", "ETag: \"x\"", via),
		},
		{
			"an interim answer before it",
			"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + lines("HTTP/1.1 200 OK", "Date: D", "Content-Length: 0"),
			"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + lines("HTTP/1.1 200 OK", "Date: D", "Content-Length: 0", via),
		},
		{
			"a redirect, which nobody follows",
			lines("HTTP/1.1 302 Found", "Date: D", "Location: http://other.test/", "Content-Length: 0"),
			lines("HTTP/1.1 302 Found", "Date: D", "Location: http://other.test/", "Content-Length: 0", via),
		},
		{
			"an error",
			lines("HTTP/1.1 503 Service Unavailable", "Date: D", "Retry-After: 5", "Content-Length: 4") + "body",
			lines("HTTP/1.1 503 Service Unavailable", "Date: D", "Retry-After: 5", "Content-Length: 4", via) + "body",
		},
		{
			"a status that nobody knows",
			lines("HTTP/1.1 299 Whatever", "Date: D", "Content-Length: 4") + "body",
			lines("HTTP/1.1 299 Whatever", "Date: D", "Content-Length: 4", via) + "body",
		},
		{
			"HTTP/1.0",
			lines("HTTP/1.0 200 OK", "Date: D", "Content-Length: 4") + "body",
			lines("HTTP/1.1 200 OK", "Date: D", "Content-Length: 4", via) + "body",
		},
		{
			"a body that ends with the connection",
			lines("HTTP/1.1 200 OK", "Date: D") + "body",
			lines("HTTP/1.1 200 OK", "Date: D", via, "Transfer-Encoding: chunked") + "4\r\nbody\r\n0\r\n\r\n",
		},
		{
			"chunks and a trailer",
			lines("HTTP/1.1 200 OK", "Date: D", "Trailer: X-T", "Transfer-Encoding: chunked") + "4;ext=1\r\nbody\r\n0\r\nX-T: 1\r\n\r\n",
			lines("HTTP/1.1 200 OK", "Date: D", via, "Transfer-Encoding: chunked") + "4\r\nbody\r\n0\r\n\r\n",
		},
		{
			"coded, from a host that no cache names",
			lines("HTTP/1.1 200 OK", "Date: D", "Content-Encoding: gzip", "Content-Length: 4") + "body",
			lines("HTTP/1.1 200 OK", "Date: D", "Content-Encoding: gzip", "Content-Length: 4", via) + "body",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r.answer = tt.answer
			_, got := r.exchange(t, e, lines("GET http://other.test/ HTTP/1.1", "Host: x"))
			got = strings.ReplaceAll(got, pseudonym(t, got), "PSEUDONYM")
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("what the client received (-want +got):\n%s", diff)
			}
		})
	}
	t.Run("a Date is added where there is none", func(t *testing.T) {
		r.answer = lines("HTTP/1.1 200 OK", "Content-Length: 0")
		_, got := r.exchange(t, e, lines("GET http://other.test/ HTTP/1.1", "Host: x"))
		if n := strings.Count(got, "\r\nDate: "); n != 1 {
			t.Errorf("got %d Date fields in %q, want 1", n, got)
		}
	})
	t.Run("HEAD keeps the length and has no body", func(t *testing.T) {
		r.answer = lines("HTTP/1.1 200 OK", "Date: D", "Content-Length: 1234")
		_, got := r.exchange(t, e, lines("HEAD http://other.test/ HTTP/1.1", "Host: x"))
		want := lines("HTTP/1.1 200 OK", "Date: D", "Content-Length: 1234", "Via: 1.1 "+pseudonym(t, got))
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
	t.Run("HEAD without a length", func(t *testing.T) {
		r.answer = lines("HTTP/1.1 200 OK", "Date: D")
		_, got := r.exchange(t, e, lines("HEAD http://other.test/ HTTP/1.1", "Host: x"))
		want := lines("HTTP/1.1 200 OK", "Date: D", "Via: 1.1 "+pseudonym(t, got))
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
	t.Run("HTTP/1.0 clients know no chunks", func(t *testing.T) {
		r.answer = lines("HTTP/1.1 200 OK", "Date: D", "Transfer-Encoding: chunked") + "4\r\nbody\r\n0\r\n\r\n"
		_, got := r.exchange(t, e, lines("GET http://other.test/ HTTP/1.0"))
		if strings.Contains(got, "chunked") || !strings.HasSuffix(got, "\r\n\r\nbody") {
			t.Errorf("got %q, want the body alone, ended by the connection", got)
		}
	})
}

// The connection of a client lives through any number of answers.
func TestForwardKeepAlive(t *testing.T) {
	e := start(t, open)
	e.Upstream.Handle("chunked.test", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "a")
		w.(http.Flusher).Flush()
		_, _ = io.WriteString(w, "b")
	})
	c := e.Connect()
	for i := range 3 {
		for _, host := range []string{"chunked.test", "plain.test", "api.acme.test"} {
			for _, method := range []string{"GET", "HEAD", "POST"} {
				c.Send(fmt.Sprintf("%s http://%s/ HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi", method, host))
				if got := c.Answer(method); got.Status != http.StatusOK {
					t.Fatalf("round %d, %s %s: got status %d, want 200", i, method, host, got.Status)
				}
				if got := e.Upstream.Last(t); got.Body != "hi" || got.Method != method {
					t.Errorf("the upstream received %s with body %q, want %s with hi", got.Method, got.Body, method)
				}
			}
		}
	}
}
