package proxy_test

import (
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/egret-proxy/egret/proxy/proxytest"
)

// startLimited runs egret with limits. All hosts are at one address.
func startLimited(t testing.TB, limits, address string, options ...proxytest.Option) *proxytest.Egret {
	t.Helper()
	return proxytest.Start(t, limitedTo(limits), append([]proxytest.Option{dialling(address)}, options...)...)
}

// limitedTo is a configuration that goes everywhere, with limits.
func limitedTo(limits string) string {
	return fmt.Sprintf(`
egress: {default: allow}
functions:
  - {name: get, parameters: {type: object}, url: "http://origin.test/"}
  - {name: secure, url: "https://origin.test/"}
  - {name: shared, url: "http://origin.test/", cache: results}
caches: [{name: results, ttl: 1m}]
limits: {%s}
`, limits)
}

// answering is the address of an origin that gives every request this answer,
// and closes the connection.
func answering(t testing.TB, answer string) string {
	t.Helper()
	return serve(t, afterHead(func(c net.Conn) { say(c, answer) }))
}

// The requests that lead to origin.test.
const (
	getForward = "GET http://origin.test/ HTTP/1.1\r\nHost: x\r\n\r\n"
	getCall    = "POST /v1/functions/get HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
)

// answerTo sends a request on a connection of its own.
func answerTo(e *proxytest.Egret, request string) (*proxytest.Conn, proxytest.Answer) {
	c := e.Connect()
	c.Send(request)
	method, _, _ := strings.Cut(request, " ")
	return c, c.Answer(method)
}

// headOf is the head of a request for the list of Functions that has this many
// bytes and this many fields.
func headOf(size, fields int) string {
	head := "GET /v1/functions HTTP/1.1\r\nHost: 127.0.0.1\r\n" + strings.Repeat("A: b\r\n", fields-2) + "Fill: "
	return head + strings.Repeat("x", size-len(head)-len("\r\n\r\n")) + "\r\n\r\n"
}

func TestLimitOfRequestHead(t *testing.T) {
	e := proxytest.Start(t, limitedTo("header_bytes: 4KiB, header_fields: 10"))
	tests := []struct {
		name         string
		size, fields int
		want         int
	}{
		{"as many bytes as may be", 4096, 10, 200},
		{"a byte too many", 4097, 10, 431},
		{"far too many bytes", 100_000, 10, 431},
		{"a field too many", 400, 11, 431},
		{"far too many fields", 4000, 500, 431},
	}
	for _, tt := range tests {
		for _, cut := range []int{0, 1, 100} {
			t.Run(fmt.Sprintf("%s, cut after %d", tt.name, cut), func(t *testing.T) {
				head := headOf(tt.size, tt.fields)
				c := e.Connect()
				c.Send(head[:cut])
				c.Send(head[cut:])
				got := c.Answer("GET")
				if tt.want == http.StatusOK {
					wantOK(t, got)
					return
				}
				wantRefusal(t, got, tt.want, "headers_too_large")
				c.Rest() // which fails the test if the connection is open still
			})
		}
	}
}

func TestLimitOfAnswerHead(t *testing.T) {
	head := func(size, fields int) string {
		text := "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n" + strings.Repeat("A: b\r\n", fields-2) + "Fill: "
		return text + strings.Repeat("x", size-len(text)-len("\r\n\r\n")) + "\r\n\r\nok"
	}
	tests := []struct {
		name         string
		size, fields int
		ok           bool
	}{
		{"as much as may be", 4096, 10, true},
		{"a byte too many", 4097, 10, false},
		{"far too many bytes", 1 << 20, 10, false},
		{"a field too many", 400, 11, false},
	}
	for _, tt := range tests {
		e := startLimited(t, "answer_header_bytes: 4KiB, header_fields: 10", answering(t, head(tt.size, tt.fields)))
		for way, request := range map[string]string{"forward": getForward, "call": getCall} {
			t.Run(tt.name+", "+way, func(t *testing.T) {
				_, got := answerTo(e, request)
				if tt.ok {
					wantOK(t, got)
				} else {
					wantRefusal(t, got, 502, "upstream_protocol")
				}
			})
		}
	}
}

func TestLimitOfArguments(t *testing.T) {
	e := startLimited(t, "call_bytes: 1KiB", answering(t, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"))
	for size, ok := range map[int]bool{1024: true, 1025: false, 16 << 10: false, 100_000: false} {
		body := `{"x":"` + strings.Repeat("x", size-8) + `"}`
		for framing, text := range map[string]string{
			"a length":   fmt.Sprintf("Content-Length: %d\r\n\r\n%s", size, body),
			"one chunk":  fmt.Sprintf("Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", size, body),
			"two chunks": fmt.Sprintf("Transfer-Encoding: chunked\r\n\r\n3e8\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n", body[:1000], size-1000, body[1000:]),
		} {
			t.Run(fmt.Sprintf("%d bytes with %s", size, framing), func(t *testing.T) {
				c, got := answerTo(e, "POST /v1/functions/get HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"+text)
				if ok {
					wantOK(t, got)
					return
				}
				wantRefusal(t, got, 413, "body_too_large")
				c.Rest()
			})
		}
	}
}

// The answer of a call has a limit. A forwarded one streams beyond it.
func TestLimitOfAnswer(t *testing.T) {
	for size, ok := range map[int]bool{1024: true, 1025: false, 300_000: false} {
		body := strings.Repeat("x", size)
		for framing, text := range map[string]string{
			"a length":         fmt.Sprintf("Content-Length: %d\r\n\r\n%s", size, body),
			"chunks":           fmt.Sprintf("Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", size, body),
			"the end after it": "Connection: close\r\n\r\n" + body,
		} {
			t.Run(fmt.Sprintf("%d bytes with %s", size, framing), func(t *testing.T) {
				e := startLimited(t, "answer_bytes: 1KiB", answering(t, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"+text))
				_, forwarded := answerTo(e, getForward)
				wantOK(t, forwarded)
				if forwarded.Body != body {
					t.Errorf("got %d bytes from the forward proxy, want %d", len(forwarded.Body), size)
				}
				_, called := answerTo(e, getCall)
				if !ok {
					wantRefusal(t, called, 502, "upstream_too_large")
				} else if wantOK(t, called); called.Get("output") != body {
					t.Errorf("got %d bytes from the call, want %d", len(called.Get("output")), size)
				}
			})
		}
	}
}

// What may be is also what is possible: more than the defaults.
func TestRaisedLimits(t *testing.T) {
	const size = 12 << 20
	e := startLimited(t, "call_bytes: 13MiB, answer_bytes: 13MiB", serve(t, afterHead(func(c net.Conn) {
		say(c, largeAnswer(size))
	})))
	got := e.Call("get", `{"x":"`+strings.Repeat("x", size)+`"}`)
	wantOK(t, got)
	if n := len(got.Get("output")); n != size {
		t.Errorf("got %d bytes, want %d", n, size)
	}
}

// largeAnswer is an answer with a body of this many bytes.
func largeAnswer(size int) string {
	return fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n%s", size, strings.Repeat("x", size))
}
