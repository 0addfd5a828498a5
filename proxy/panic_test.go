package proxy_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/egret-proxy/egret/proxy"
	"github.com/egret-proxy/egret/proxy/proxytest"
)

// A trap is a connection to an upstream that gives a text and then panics. It
// stands for a mistake in egret, in the midst of a request.
type trap struct {
	net.Conn
	text io.Reader
}

func (c trap) Read(p []byte) (int, error) {
	n, _ := c.text.Read(p)
	if n == 0 {
		panic("the text of a panic may hold a secret")
	}
	return n, nil
}

// trapping makes egret dial traps. While it is nil, it dials an origin that is
// well.
func trapping(text *atomic.Pointer[string], address string) proxytest.Option {
	return func(o *proxy.Options) {
		dial := dialAlways(address)
		o.Dial = func(ctx context.Context, network, to string) (net.Conn, error) {
			c, err := dial(ctx, network, to)
			if text := text.Load(); text != nil && err == nil {
				return trap{c, bytes.NewReader([]byte(*text))}, nil
			}
			return c, err
		}
	}
}

// A panic ends its request and its connection, and nothing else.
func TestPanic(t *testing.T) {
	const head = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"
	for _, tt := range []struct {
		name, request, origin string
		begins                string // what came before, "" for a refusal
	}{
		{"before the head", getForward, "", ""},
		{"in the head", getForward, "HTTP/1.1 200", ""},
		{"in a short body", getForward, head + "he", ""},
		{"in a stream", getForward, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", "5\r\nhello\r\n"},
		{"in a call", getCall, "", ""},
		{"in the answer of a call", getCall, head + "he", ""},
		{"in a call that others may wait for", "POST /v1/functions/shared HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", "", ""},
		{"under an upload", "POST http://origin.test/ HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n" + strings.Repeat("x", 50_000), "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var text atomic.Pointer[string]
			e := proxytest.Start(t, limitedTo(patient+", concurrency: 2"), trapping(&text, serve(t, readAndTalk)))
			for range 3 { // more than requests may be in flight: none of them stays so
				text.Store(&tt.origin)
				c := e.Connect()
				c.Send(tt.request)
				if tt.begins == "" {
					wantRefusal(t, c.Answer("GET"), 500, "internal")
				}
				c.End()
				if got := c.Rest(); !strings.HasSuffix(got, tt.begins) {
					t.Errorf("got %q, want an answer that breaks off", got)
				}
				text.Store(nil)
				_, got := answerTo(e, getForward)
				wantOK(t, got)
			}
			wantPanics(t, e, 3)
		})
	}
}

// wantPanics expects this many lines in the log that tell of a panic, and none
// that quotes it.
func wantPanics(t *testing.T, e *proxytest.Egret, want int) {
	t.Helper()
	got := 0
	for line := range strings.Lines(e.Log()) {
		if strings.Contains(line, "panic") {
			got++
		}
	}
	if got != want || strings.Contains(e.Log(), "may hold a secret") {
		t.Errorf("got %d panics in the log, want %d without their text: %s", got, want, e.Log())
	}
}

// A writeTrap panics when the body of a request is written to it.
type writeTrap struct {
	net.Conn
	writes atomic.Int32
}

func (c *writeTrap) Write(p []byte) (int, error) {
	if c.writes.Add(1) > 1 {
		panic("the text of a panic may hold a secret")
	}
	return c.Conn.Write(p)
}

// An upload has a goroutine of its own, which must not end the process either.
func TestPanicOfUpload(t *testing.T) {
	origin := serve(t, func(c net.Conn) { _, _ = io.Copy(io.Discard, c) })
	e := proxytest.Start(t, limitedTo(patient), func(o *proxy.Options) {
		o.Dial = func(ctx context.Context, network, to string) (net.Conn, error) {
			c, err := dialAlways(origin)(ctx, network, to)
			return &writeTrap{Conn: c}, err
		}
	})
	for range 3 {
		c := e.Connect()
		c.Send("POST http://origin.test/ HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n" + strings.Repeat("x", 50_000))
		wantRefusal(t, c.Answer("POST"), 500, "internal")
		c.End()
		c.Rest()
	}
	wantPanics(t, e, 3)
}
