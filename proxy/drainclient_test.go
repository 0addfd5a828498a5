package proxy_test

import (
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/egret-proxy/egret/proxy/proxytest"
)

// stopping tells egret to stop, and gives what comes of it.
func stopping(e *proxytest.Egret) chan error {
	stopped := make(chan error, 1)
	go func() { stopped <- e.Stop() }()
	return stopped
}

// wantStopped expects that egret ends without an error.
func wantStopped(t *testing.T, stopped chan error) {
	t.Helper()
	select {
	case err := <-stopped:
		if err != nil {
			t.Errorf("egret ended with: %v", err)
		}
	case <-time.After(watchdog):
		t.Error("egret has not ended")
		<-stopped // so that the test's end does not stop it once more
	}
}

// Connections that wait for a request do not keep egret from its end, and are
// closed without a word.
func TestDrainIdle(t *testing.T) {
	e := startLimited(t, patient, unused(t), proxytest.Draining(time.Hour))
	silent, used := e.Connect(), e.Connect()
	if !used.Alive() { // and so the one before it was accepted as well
		t.Fatal("the connection does not work")
	}
	start := time.Now()
	wantStopped(t, stopping(e))
	t.Logf("egret ended after %v", time.Since(start).Round(time.Millisecond))
	if got := silent.Rest(); got != "" {
		t.Errorf("got %q, want nothing", got)
	}
	if got := used.Rest(); strings.Count(got, "HTTP/1.1 ") != 1 {
		t.Errorf("got %q, want nothing behind the one answer", got)
	}
}

// What comes as egret begins to stop is refused, not dropped: on a new
// connection, on a used one, and behind an answer that was in flight.
func TestDrainLateRequests(t *testing.T) {
	began, proceed := make(chan bool), make(chan bool)
	e := startLimited(t, patient, serve(t, afterHead(func(c net.Conn) {
		began <- true
		<-proceed
		say(c, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndone")
	})), proxytest.Draining(time.Hour))
	busy := e.Connect()
	busy.Send(getForward)
	<-began
	// Enough of them that some are in every state when it happens.
	var late []*proxytest.Conn
	for range 40 {
		c := e.Connect()
		if !c.Alive() {
			t.Fatal("a connection does not work")
		}
		c.Send("GET /v1/functions HTTP/1.1\r\nHost: 127.0.0.1\r\n") // and the rest of it later
		late = append(late, c)
	}
	stopped := stopping(e)
	eventually(t, "egret drains", func() bool { return strings.Contains(e.Log(), `"draining"`) })
	for _, c := range late {
		c.Send("\r\n")
		got := c.Answer("GET")
		wantRefusal(t, got, 503, "draining")
		if !strings.Contains(c.Received(), "Connection: close\r\n") {
			t.Errorf("got %q, want an answer that ends the connection", c.Received())
		}
		c.Rest()
	}
	busy.Send(getForward) // behind the one that is in flight
	close(proceed)
	if got := busy.Answer("GET"); got.Status != 200 || got.Body != "done" {
		t.Errorf("got %d %s, want the answer of what was in flight", got.Status, got.Body)
	}
	wantRefusal(t, busy.Answer("GET"), 503, "draining")
	busy.Rest()
	wantStopped(t, stopped)
}

// A stream goes on to its end, if that comes within the time there is.
func TestDrainStream(t *testing.T) {
	events := make(chan string)
	origin := serve(t, afterHead(func(c net.Conn) {
		say(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
		for event := range events {
			say(c, "5\r\n"+event+"\r\n")
		}
		say(c, "0\r\n\r\n")
	}))
	e := startLimited(t, patient, origin, proxytest.Draining(time.Hour))
	c := e.Connect()
	c.Send(getForward)
	events <- "first"
	stopped := stopping(e)
	eventually(t, "egret drains", func() bool { return strings.Contains(e.Log(), `"draining"`) })
	pass(short) // longer than idle connections are left alone
	events <- "later"
	close(events)
	if got := c.Answer("GET"); got.Status != http.StatusOK || got.Body != "firstlater" {
		t.Errorf("got %d %q, want the whole stream", got.Status, got.Body)
	}
	c.Rest()
	wantStopped(t, stopped)
}

// When the time is over nothing goes on: streams, half requests, those who do
// not read.
func TestDrainCutsOff(t *testing.T) {
	stream := newSilentOrigin(t, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n")
	e := startLimited(t, patient+", header_timeout: 10m", stream.address, proxytest.Draining(short))
	for name, text := range map[string]string{
		"a stream":                      getForward,
		"half a head":                   "GET / HTTP/1.1\r\nHost",
		"half a head behind a request":  "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\n",
		"half the arguments of a call":  "POST /v1/functions/get HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\n{",
		"half a long upload":            "POST http://origin.test/ HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n" + strings.Repeat("x", 50_000),
		"chunks without an end to them": "POST http://origin.test/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
	} {
		c := e.Connect()
		c.Send(text)
		defer func() {
			if got := c.Rest(); strings.HasSuffix(got, "0\r\n\r\n") || strings.HasSuffix(got, "first\r\n") != (name == "a stream") && strings.Contains(got, "200 OK\r\nTransfer") {
				t.Errorf("%s: got %q, want nothing that looks whole", name, got)
			}
		}()
	}
	for range 3 {
		<-stream.began
	}
	start := time.Now()
	err := e.Stop()
	t.Logf("egret ended after %v", time.Since(start).Round(time.Millisecond))
	if err == nil || err.Error() != "requests were still in flight after 300ms" {
		t.Errorf("egret ended with %v, want an error that requests were in flight", err)
	}
	for range 3 {
		stream.wantEnd(t, start)
	}
	wantQuietLog(t, e)
}
