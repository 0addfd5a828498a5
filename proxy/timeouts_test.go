package proxy_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/egret-proxy/egret/proxy"
	"github.com/egret-proxy/egret/proxy/proxytest"
)

// short is the limit in tests in which one strikes, long one that must not:
// longer than any watchdog.
const (
	short = 300 * time.Millisecond
	long  = time.Hour
)

// only sets one limit to short, and all that could strike in its place to long.
func only(name string) string {
	var list []string
	for _, key := range []string{"body_timeout", "write_timeout", "idle_timeout", "first_byte_timeout", "stall_timeout"} {
		if key != name {
			list = append(list, fmt.Sprintf("%s: %s", key, long))
		}
	}
	for _, key := range []string{"header_timeout", "connect_timeout", "tls_timeout"} {
		if key != name {
			list = append(list, key+": 10m")
		}
	}
	return strings.Join(append(list, fmt.Sprintf("%s: %s", name, short)), ", ")
}

// tookShort checks that a limit has not struck before its time, and tells when
// it did. That it struck at all is seen by a watchdog.
func tookShort(t *testing.T, start time.Time) {
	t.Helper()
	took := time.Since(start)
	if took < short {
		t.Errorf("the limit of %v struck after %v", short, took)
	}
	t.Logf("the limit of %v struck after %v", short, took.Round(time.Millisecond))
}

// drip sends text again and again, a byte at a time, until nobody takes it or
// the test ends.
func drip(t *testing.T, c *proxytest.Conn, text string, pause time.Duration) {
	t.Helper()
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for i := 0; ; i = (i + 1) % len(text) {
			select {
			case <-stop:
				return
			case <-time.After(pause):
				c.Send(text[i : i+1])
			}
		}
	}()
	t.Cleanup(func() {
		close(stop)
		<-done
	})
}

func TestHeaderTimeout(t *testing.T) {
	e := startLimited(t, only("header_timeout"), unused(t))
	whole := "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n"
	for _, tt := range []struct{ name, begin, drip string }{
		{"silence", "", ""},
		{"half a head", "GET / HTTP/1.1\r\nHost", ""},
		{"a head byte by byte", "GET / HTTP/1.1\r\n", "X-A: b\r\n"},
		{"a first line byte by byte", "G", "E"},
		{"half a head behind a request", whole + "GET / HTTP/1.1\r\nHost", ""},
		{"a head byte by byte behind a request", whole + "GET / HTTP/1.1\r\n", "X-A: b\r\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := e.Connect()
			start := time.Now()
			c.Send(tt.begin)
			if tt.drip != "" {
				drip(t, c, tt.drip, 5*time.Millisecond)
			}
			if strings.HasPrefix(tt.begin, whole) {
				wantOK(t, c.Answer("OPTIONS"))
			}
			wantRefusal(t, c.Answer("GET"), 408, "request_timeout")
			tookShort(t, start)
			c.End()
			c.Rest()
		})
	}
}

// Between requests a connection has another limit, and is closed without a word.
func TestIdleTimeout(t *testing.T) {
	e := startLimited(t, only("idle_timeout"), unused(t))
	c := e.Connect()
	for range 3 {
		if !c.Alive() {
			t.Fatal("the connection does not go on")
		}
	}
	start := time.Now()
	if got := c.Rest(); strings.Count(got, "HTTP/1.1 ") != 3 {
		t.Errorf("got %q, want three answers", got)
	}
	tookShort(t, start)
}

// A body may stand still for so long. Nobody takes for whole what has come.
func TestBodyTimeout(t *testing.T) {
	for _, tt := range []struct{ name, body string }{
		{"nothing of a short body", "Content-Length: 10\r\n\r\n"},
		{"a part of a short body", "Content-Length: 10\r\n\r\nhello"},
		{"a part of a long body", "Content-Length: 100000\r\n\r\n" + strings.Repeat("x", 20_000)},
		{"no chunk", "Transfer-Encoding: chunked\r\n\r\n"},
		{"a chunk", "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"},
		{"half a chunk", "Transfer-Encoding: chunked\r\n\r\n5\r\nhe"},
		{"all but the end of the last chunk", "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n"},
	} {
		for way, first := range map[string]string{"forward": "POST http://origin.test/ HTTP/1.1\r\nHost: x\r\n", "call": "POST /v1/functions/get HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"} {
			t.Run(tt.name+", "+way, func(t *testing.T) {
				t.Parallel()
				received := make(chan string, 1)
				e := startLimited(t, only("body_timeout"), serve(t, func(c net.Conn) {
					text, _ := io.ReadAll(c)
					received <- string(text)
				}))
				c := e.Connect()
				start := time.Now()
				c.Send(first + tt.body)
				wantRefusal(t, c.Answer("POST"), 408, "request_timeout")
				tookShort(t, start)
				c.End()
				c.Rest()
				select {
				case text := <-received:
					_, body, _ := strings.Cut(text, "\r\n\r\n")
					if way == "call" || strings.HasSuffix(body, "0\r\n\r\n") || len(body) >= 100_000 {
						t.Errorf("the upstream received %q", text)
					}
				default: // it was not even dialled
				}
			})
		}
	}
}

// A body that comes slowly does not stand still.
func TestSlowBody(t *testing.T) {
	e := startLimited(t, only("body_timeout"), serve(t, readAndTalk))
	c := e.Connect()
	start := time.Now()
	c.Send("POST http://origin.test/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
	for range 20 {
		c.Send("1\r\nx\r\n")
		pass(short / 10)
	}
	c.Send("0\r\n\r\n")
	wantOK(t, c.Answer("POST"))
	tookShort(t, start)
}

// The limits of an upstream, each with its code, to calls and at the forward
// proxy.
func TestUpstreamTimeouts(t *testing.T) {
	silent := func(c net.Conn) { _, _ = io.Copy(io.Discard, c) }
	stalling := afterHead(func(c net.Conn) {
		say(c, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello")
		silent(c)
	})
	secureCall := strings.Replace(getCall, "get", "secure", 1)
	for _, tt := range []struct {
		limit    string
		behave   func(net.Conn)
		requests []string
	}{
		{"connect_timeout", nil, []string{getForward, getCall, secureCall}},
		{"tls_timeout", silent, []string{secureCall}},
		{"first_byte_timeout", silent, []string{getForward, getCall}},
		{"first_byte_timeout", afterHead(func(c net.Conn) { say(c, "HTTP/1.1 200 OK\r\nContent"); silent(c) }), []string{getForward, getCall}},
		{"stall_timeout", stalling, []string{getForward, getCall}},
	} {
		for _, request := range tt.requests {
			t.Run(tt.limit+", "+strings.Fields(request)[1], func(t *testing.T) {
				t.Parallel()
				reach := neverReached
				if tt.behave != nil {
					reach = dialling(serve(t, tt.behave))
				}
				e := proxytest.Start(t, limitedTo(only(tt.limit)), reach)
				start := time.Now()
				_, got := answerTo(e, request)
				wantRefusal(t, got, 504, "upstream_timeout")
				tookShort(t, start)
			})
		}
	}
	t.Run("stall_timeout of a stream", func(t *testing.T) {
		t.Parallel()
		e := startLimited(t, only("stall_timeout"), serve(t, afterHead(func(c net.Conn) {
			say(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
			silent(c)
		})))
		c := e.Connect()
		start := time.Now()
		c.Send(getForward)
		if got := c.Rest(); !strings.HasSuffix(got, "5\r\nhello\r\n") {
			t.Errorf("got %q, want an answer that breaks off", got)
		}
		tookShort(t, start)
	})
}

// neverReached makes egret dial in vain.
func neverReached(o *proxy.Options) {
	o.Dial = func(ctx context.Context, _, _ string) (net.Conn, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}
}
