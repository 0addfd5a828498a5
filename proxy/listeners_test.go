package proxy_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/egret-proxy/egret/proxy/proxytest"
)

// eachListener runs a test with each kind of listener. The text is what a
// configuration without listeners has to have before it.
func eachListener(t *testing.T, test func(t *testing.T, listen string)) {
	for _, kind := range []struct {
		name   string
		listen func(t *testing.T) string
	}{
		{"plain", func(*testing.T) string { return "listen: 127.0.0.1:0\nadmin: 127.0.0.1:0\n" }},
		{"TLS", func(t *testing.T) string { return listenTLS(newPair(t)) }},
		{"unix", func(t *testing.T) string {
			dir := socketDir(t)
			return fmt.Sprintf("listen: unix:%s/egret.sock\nadmin: unix:%s/admin.sock\n", dir, dir)
		}},
	} {
		t.Run(kind.name, func(t *testing.T) {
			t.Parallel()
			test(t, kind.listen(t))
		})
	}
}

// newPair is a certificate for loopback.
func newPair(t testing.TB) proxytest.Pair {
	return proxytest.NewPair(t, time.Now().Add(time.Hour), "127.0.0.1")
}

// listenTLS are listeners with a certificate.
func listenTLS(pair proxytest.Pair) string {
	return fmt.Sprintf("listen: {address: 127.0.0.1:0, tls: %s}\nadmin: {listen: 127.0.0.1:0, tls: %s}\n", pair.TLS(), pair.TLS())
}

// socketDir is a directory with a short name: that of a socket has a limit.
func socketDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "egret")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// on is a configuration of these tests on other listeners.
func on(listen, yaml string) string {
	return listen + strings.Replace(yaml, "admin: 127.0.0.1:0\n", "", 1)
}

// Every kind of listener serves the same things.
func TestListeners(t *testing.T) {
	eachListener(t, func(t *testing.T, listen string) {
		e := start(t, on(listen, open))
		wantOK(t, e.Call("order", `{"id":"A-1001","token":"`+tokenID+`"}`))
		wantOK(t, e.Get("http://api.acme.test/", "X-Api-Key", staticID))
		if got := e.Upstream.Last(t).Header.Get("X-Api-Key"); got != staticKey {
			t.Errorf("the upstream received %q, want the value", got)
		}
		wantOK(t, e.Get(e.AdminURL+"/healthz"))
		got := e.Get(e.AdminURL + "/metrics") // without a key: only this machine can ask
		wantOK(t, got)
		for _, direction := range []string{"received", "sent"} {
			line := fmt.Sprintf("\negret_client_bytes_total{direction=%q} ", direction)
			if !strings.Contains(got.Body, line) || strings.Contains(got.Body, line+"0\n") {
				t.Errorf("the metrics have no bytes that were %s", direction)
			}
		}
		for _, host := range []string{"evil.test", "unix", "egret"} {
			for _, c := range []*proxytest.Conn{e.Connect(), e.ConnectAdmin()} {
				c.Send("GET /v1/functions HTTP/1.1\r\nHost: " + host + "\r\n\r\n")
				wantRefusal(t, c.Answer("GET"), 403, "host_rejected")
			}
		}
	})
}

// Requests that come all at once are answered one after another.
func TestListenersPipelining(t *testing.T) {
	eachListener(t, func(t *testing.T, listen string) {
		e := start(t, on(listen, open))
		c := e.Connect()
		c.Send(post("order", `{"id":"1","token":"t"}`) + post("order", `{"id":1}`) + "GET http://api.acme.test/a HTTP/1.1\r\nHost: x\r\n\r\n")
		for i, want := range []int{200, 422, 200} {
			if got := c.Answer("POST"); got.Status != want {
				t.Fatalf("answer %d: got %d %s, want %d", i, got.Status, got.Body, want)
			}
		}
		if !c.Alive() {
			t.Error("the connection does not go on")
		}
	})
}

// Events arrive one by one.
func TestListenersStream(t *testing.T) {
	eachListener(t, func(t *testing.T, listen string) {
		next := make(chan string)
		e := start(t, on(listen, open), dialling(serve(t, afterHead(func(c net.Conn) {
			say(c, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
			for event := range next {
				say(c, fmt.Sprintf("%x\r\n%s\r\n", len(event), event))
			}
			say(c, "0\r\n\r\n")
		}))))
		client := e.Client()
		response, err := client.Get("http://other.test/")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = response.Body.Close() }()
		wantEvents(t, response.Body, next)
	})
}

// A client that will send no more may still read, whether the connection goes
// on or not: even what has not left egret's side when the connection is closed.
func TestListenersHalfClosed(t *testing.T) {
	const size = 8 << 20
	eachListener(t, func(t *testing.T, listen string) {
		began, proceed := make(chan bool), make(chan bool)
		e := start(t, on(listen, limitedTo(patient)), dialling(serve(t, afterHead(func(c net.Conn) {
			began <- true
			<-proceed
			say(c, fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", size)+strings.Repeat("d", size))
		}))))
		for _, request := range []string{getForward, strings.Replace(getForward, "\r\n\r\n", "\r\nConnection: close\r\n\r\n", 1)} {
			c := e.Connect()
			c.Send(request)
			c.End()
			<-began
			pass(time.Second) // in which egret looks after its client several times
			proceed <- true
			reader := bufio.NewReader(&bursts{Conn: c.Raw(), pause: 50 * time.Millisecond})
			response, err := http.ReadResponse(reader, nil)
			if err == nil && response.StatusCode == http.StatusContinue { // by which egret has found out
				response, err = http.ReadResponse(reader, nil)
			}
			if err != nil {
				t.Fatal(err)
			}
			n, err := io.Copy(io.Discard, response.Body)
			_ = response.Body.Close()
			if err != nil || n != size {
				t.Errorf("got %d bytes (error: %v), want %d", n, err, size)
			}
		}
		wantQuietLog(t, e)
	})
}

// A client that goes away ends what was done for it.
func TestListenersGone(t *testing.T) {
	eachListener(t, func(t *testing.T, listen string) {
		for _, request := range []string{getForward, getCall} {
			o := newSilentOrigin(t, "")
			e := start(t, on(listen, limitedTo(patient)), dialling(o.address))
			c := e.Connect()
			c.Send(request)
			<-o.began
			start := time.Now()
			c.Close()
			o.wantEnd(t, start)
			wantQuietLog(t, e)
			wantStopped(t, stopping(e)) // the next one listens at the same place
		}
	})
}

// What is in flight ends well when egret is told to stop, and what waits is
// closed without a word.
func TestListenersDrain(t *testing.T) {
	eachListener(t, func(t *testing.T, listen string) {
		began, proceed := make(chan bool), make(chan bool)
		e := start(t, on(listen, limitedTo(patient)), dialling(serve(t, afterHead(func(c net.Conn) {
			began <- true
			<-proceed
			say(c, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndone")
		}))), proxytest.Draining(time.Hour))
		silent, used, busy := e.Connect(), e.Connect(), e.Connect()
		if !used.Alive() {
			t.Fatal("the connection does not work")
		}
		busy.Send(getForward)
		<-began
		stopped := stopping(e)
		if got := used.Rest(); strings.Count(got, "HTTP/1.1 ") != 1 {
			t.Errorf("got %q, want nothing behind the one answer", got)
		}
		close(proceed)
		if got := busy.Answer("GET"); got.Status != http.StatusOK || got.Body != "done" {
			t.Errorf("got %d %q, want the answer", got.Status, got.Body)
		}
		busy.Rest()
		silent.Close()
		wantStopped(t, stopped)
	})
}

// A bursts reads a megabyte at a time, and nothing between.
type bursts struct {
	net.Conn
	pause time.Duration
	read  int
}

func (b *bursts) Read(p []byte) (int, error) {
	if b.read >= 1<<20 {
		pass(b.pause)
		b.read = 0
	}
	n, err := b.Conn.Read(p)
	b.read += n
	return n, err
}

// A client that takes something from time to time gets its answer, however long
// it takes. A record of TLS may have to wait in its midst.
func TestListenersSlowReader(t *testing.T) {
	const size = 10 << 20
	eachListener(t, func(t *testing.T, listen string) {
		e := start(t, on(listen, limitedTo("write_timeout: 1s, answer_bytes: 64MiB")), dialling(answering(t, largeAnswer(size))))
		c := e.Connect()
		c.Send(getForward)
		response, err := http.ReadResponse(bufio.NewReader(&bursts{Conn: c.Raw(), pause: 600 * time.Millisecond}), nil)
		if err != nil {
			t.Fatal(err)
		}
		n, err := io.Copy(io.Discard, response.Body)
		_ = response.Body.Close()
		if err != nil || n < size {
			t.Errorf("got %d bytes (error: %v), want %d", n, err, size)
		}
	})
}

// The share of an address is one of addresses.
func TestListenersLimits(t *testing.T) {
	eachListener(t, func(t *testing.T, listen string) {
		e := start(t, on(listen, limitedTo("connections: 3, connections_per_address: 2")))
		unix := strings.HasPrefix(e.Server.Addr(), "unix:")
		alive := 0
		for range 5 {
			if e.Connect().Alive() {
				alive++
			}
		}
		if want := map[bool]int{false: 2, true: 3}[unix]; alive != want {
			t.Errorf("got %d connections, want %d", alive, want)
		}
		if got := filepath.Base(e.Server.Addr()); unix && got != "egret.sock" {
			t.Errorf("got a socket %q, want egret.sock", got)
		}
	})
}
