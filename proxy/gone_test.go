package proxy_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/egret-proxy/egret/proxy/proxytest"
)

// A leaver is how a client goes away.
type leaver struct {
	name  string
	leave func(*net.TCPConn)
}

var leavers = []leaver{
	{"closes", func(c *net.TCPConn) { _ = c.Close() }},
	{"resets", func(c *net.TCPConn) { _ = c.SetLinger(0); _ = c.Close() }},
}

// A silentOrigin hears requests, says nothing but the beginning of an answer,
// and tells when the connection ends.
type silentOrigin struct {
	address string
	began   chan bool
	ended   chan time.Time
}

func newSilentOrigin(t testing.TB, beginning string) *silentOrigin {
	o := &silentOrigin{began: make(chan bool, 10), ended: make(chan time.Time, 10)}
	o.address = serve(t, afterHead(func(c net.Conn) {
		say(c, beginning)
		o.began <- true
		_, _ = io.Copy(io.Discard, c)
		o.ended <- time.Now()
	}))
	return o
}

// wantEnd expects that the connection to the origin ends.
func (o *silentOrigin) wantEnd(t *testing.T, start time.Time) {
	t.Helper()
	select {
	case end := <-o.ended:
		t.Logf("the upstream's connection ended after %v", end.Sub(start).Round(time.Millisecond))
	case <-time.After(watchdog):
		t.Fatal("the upstream's connection is open still")
	}
}

// wantQuietLog expects that nothing of it concerns an operator.
func wantQuietLog(t *testing.T, e *proxytest.Egret) {
	t.Helper()
	for line := range strings.Lines(e.Log()) {
		if strings.Contains(line, `"level":"ERROR"`) || strings.Contains(line, "panic") {
			t.Errorf("egret has logged %s", line)
		}
	}
}

// patient are limits that no test waits for.
const patient = "first_byte_timeout: 1h, stall_timeout: 1h, body_timeout: 1h, write_timeout: 1h, idle_timeout: 1h"

// A client that goes away before it is answered ends what was done for it.
func TestGoneWhileWaiting(t *testing.T) {
	const upload = "POST http://origin.test/ HTTP/1.1\r\nHost: x\r\n"
	for name, request := range map[string]string{
		"forward":         getForward,
		"HTTP/1.0":        "GET http://origin.test/ HTTP/1.0\r\n\r\n",
		"a short upload":  upload + "Content-Length: 5\r\n\r\nhello",
		"a long upload":   upload + "Content-Length: 50000\r\n\r\n" + strings.Repeat("x", 50_000),
		"half an upload":  upload + "Content-Length: 90000\r\n\r\n" + strings.Repeat("x", 50_000),
		"half the chunks": upload + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
		"call":            getCall,
	} {
		for _, how := range leavers {
			if how.name == "closes" && name == "HTTP/1.0" {
				continue // which looks like a client that will send no more
			}
			t.Run(name+", "+how.name, func(t *testing.T) {
				t.Parallel()
				o := newSilentOrigin(t, "")
				e := startLimited(t, patient, o.address)
				c := dialClient(t, e)
				say(c, request)
				<-o.began
				start := time.Now()
				how.leave(c)
				o.wantEnd(t, start)
				wantQuietLog(t, e)
			})
		}
	}
}

func dialClient(t testing.TB, e *proxytest.Egret) *net.TCPConn {
	t.Helper()
	c, err := dialWatched(e.Server.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// What others wait for too goes on without the client that asked first.
func TestGoneBesideOthers(t *testing.T) {
	for _, how := range leavers {
		t.Run(how.name, func(t *testing.T) {
			t.Parallel()
			began, proceed := make(chan bool, 10), make(chan bool)
			e := startLimited(t, patient, serve(t, afterHead(func(c net.Conn) {
				began <- true
				<-proceed
				say(c, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndone")
			})))
			const sharedCall = "POST /v1/functions/shared HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
			first := dialClient(t, e)
			say(first, sharedCall)
			<-began
			var others []*proxytest.Conn
			for range 3 {
				c := e.Connect()
				c.Send(sharedCall)
				others = append(others, c)
			}
			how.leave(first)
			eventually(t, "egret notices", func() bool { return strings.Contains(e.Log(), "client gone") })
			close(proceed)
			for _, c := range others {
				if got := c.Answer("POST"); got.Status != 200 || got.Get("output") != "done" {
					t.Errorf("got %d %s, want the answer", got.Status, got.Body)
				}
			}
			wantQuietLog(t, e)
		})
	}
}

// A client that will send no more may still read.
func TestHalfClosed(t *testing.T) {
	for _, tt := range []struct {
		name, request string
		interims      int // that there may be
	}{
		{"forward", getForward, 1},
		{"call", getCall, 1},
		{"upload", "POST http://origin.test/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", 1},
		{"HTTP/1.0", "GET http://origin.test/ HTTP/1.0\r\n\r\n", 0},
		{"HTTP/1.0 call", "POST /v1/functions/get HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			began, proceed := make(chan bool), make(chan bool)
			e := startLimited(t, patient, serve(t, func(c net.Conn) {
				request, err := http.ReadRequest(bufio.NewReader(c))
				if err != nil {
					return
				}
				_, _ = io.Copy(io.Discard, request.Body)
				began <- true
				<-proceed
				say(c, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndone")
			}))
			c := e.Connect()
			c.Send(tt.request)
			c.End()
			<-began
			pass(time.Second) // in which egret looks after its client several times
			close(proceed)
			got := c.Rest()
			if n := strings.Count(got, "HTTP/1.1 100 "); n > tt.interims {
				t.Errorf("got %d interim answers, want at most %d", n, tt.interims)
			}
			if !strings.Contains(got, "HTTP/1.1 200 OK") || !strings.Contains(got, "done") {
				t.Errorf("got %q, want the answer", got)
			}
			wantQuietLog(t, e)
		})
	}
}

// A client that goes away in the midst of an answer ends the upstream's stream.
func TestGoneWhileReading(t *testing.T) {
	for _, how := range leavers {
		t.Run(how.name, func(t *testing.T) {
			t.Parallel()
			address, ended := endless(t)
			e := startLimited(t, patient, address)
			c := dialClient(t, e)
			say(c, getForward)
			if _, err := io.ReadFull(c, make([]byte, 100_000)); err != nil {
				t.Fatal(err)
			}
			start := time.Now()
			how.leave(c)
			select {
			case end := <-ended:
				t.Logf("the upstream's stream ended after %v", end.Sub(start).Round(time.Millisecond))
			case <-time.After(watchdog):
				t.Fatal("the upstream still sends")
			}
			wantQuietLog(t, e)
		})
	}
	t.Run("resets while nothing comes", func(t *testing.T) {
		t.Parallel()
		const event = "data: 1\n\n"
		o := newSilentOrigin(t, fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n", len(event), event))
		e := startLimited(t, patient, o.address)
		c := dialClient(t, e)
		say(c, getForward)
		response, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = response.Body.Close() }()
		if _, err := io.ReadFull(response.Body, make([]byte, len(event))); err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		leavers[1].leave(c)
		o.wantEnd(t, start)
		wantQuietLog(t, e)
	})
}
