package proxy_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/egret-proxy/egret/configs/configstest"
	"github.com/egret-proxy/egret/proxy/proxytest"
)

// wantTurnedAway expects that a connection is one too many. Its client sends a
// request at once, as clients do.
func wantTurnedAway(t *testing.T, c *proxytest.Conn) {
	t.Helper()
	c.Send(getForward)
	wantTooMany(t, c.Answer("GET"))
	if c.Alive() {
		t.Error("the connection is open afterwards")
	}
}

func wantTooMany(t *testing.T, got proxytest.Answer) {
	t.Helper()
	wantRefusal(t, got, 429, "too_many_requests")
	if after := got.Header.Get("Retry-After"); after != "1" {
		t.Errorf("got Retry-After %q, want 1", after)
	}
}

func TestLimitOfConnections(t *testing.T) {
	e := proxytest.Start(t, limitedTo("connections: 3"))
	var list []*proxytest.Conn
	for range 3 {
		list = append(list, e.Connect())
	}
	for _, c := range list {
		if !c.Alive() {
			t.Fatal("a connection does not work, although there are no more than three")
		}
	}
	for range 5 {
		wantTurnedAway(t, e.Connect())
	}
	for _, c := range list {
		if !c.Alive() {
			t.Error("a connection has suffered from those that were turned away")
		}
	}
	list[1].Close()
	eventually(t, "there is room again", func() bool { c := e.Connect(); defer c.Close(); return c.Alive() })
}

// dialFrom opens a connection from one of the addresses of the loopback.
func dialFrom(t *testing.T, from, to string) net.Conn {
	t.Helper()
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
	c, err := dialer.DialContext(t.Context(), "tcp", to)
	if err != nil {
		configstest.Missing(t, "this machine has no address %s: %v", from, err)
	}
	t.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(watchdog))
	return c
}

// statusOn asks for what egret can do.
func statusOn(c net.Conn) int {
	say(c, "OPTIONS * HTTP/1.1\r\nHost: egret\r\n\r\n")
	response, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		return 0
	}
	_, _ = io.Copy(io.Discard, response.Body)
	_ = response.Body.Close()
	return response.StatusCode
}

func TestLimitOfConnectionsPerAddress(t *testing.T) {
	e := proxytest.Start(t, limitedTo("connections: 5, connections_per_address: 2"))
	var second []net.Conn
	for _, step := range []struct {
		from string
		want int
	}{
		{"127.0.0.2", 200},
		{"127.0.0.2", 200},
		{"127.0.0.2", 429},
		{"127.0.0.3", 200}, // others have a share of their own
		{"127.0.0.3", 200},
		{"127.0.0.3", 429},
		{"127.0.0.4", 200}, // the fifth of all
		{"127.0.0.5", 429}, // and one too many
	} {
		c := dialFrom(t, step.from, e.Server.Addr())
		if got := statusOn(c); got != step.want {
			t.Fatalf("got %d for a connection from %s, want %d", got, step.from, step.want)
		}
		if step.from == "127.0.0.2" {
			second = append(second, c)
		}
	}
	_ = second[0].Close()
	eventually(t, "there is room again", func() bool {
		c := dialFrom(t, "127.0.0.2", e.Server.Addr())
		defer func() { _ = c.Close() }()
		return statusOn(c) == 200
	})
}

func TestLimitOfConcurrency(t *testing.T) {
	began, proceed := make(chan bool), make(chan bool)
	e := startLimited(t, "concurrency: 1", serve(t, afterHead(func(c net.Conn) {
		began <- true
		<-proceed
		say(c, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nslow")
	})))
	slow := e.Connect()
	slow.Send(getForward)
	<-began

	quick, got := answerTo(e, getForward)
	wantTooMany(t, got)
	quick.Send(getForward)
	wantTooMany(t, quick.Answer("GET")) // the connection goes on
	for _, request := range []string{getCall, "GET /v1/functions HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"} {
		_, got := answerTo(e, request)
		wantTooMany(t, got)
	}
	upload, got := answerTo(e, "POST http://origin.test/ HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n"+strings.Repeat("x", 50_000))
	wantTooMany(t, got)
	upload.End()
	upload.Rest() // the rest of the body could not be told from a request

	close(proceed)
	if got := slow.Answer("GET"); got.Status != 200 || got.Body != "slow" {
		t.Errorf("got %d %q, want the answer of the request that was in flight", got.Status, got.Body)
	}
	go func() {
		for range began { // whatever comes now is answered at once
		}
	}()
	defer close(began)
	eventually(t, "there is room again", func() bool {
		quick.Send(getForward)
		return quick.Answer("GET").Status == 200
	})
}

// A change of limits holds for connections and requests that come after it.
func TestLimitsReloaded(t *testing.T) {
	e := proxytest.Start(t, limitedTo("connections: 2, header_bytes: 4KiB, call_bytes: 1KiB"))
	first, second := e.Connect(), e.Connect()
	if !first.Alive() || !second.Alive() {
		t.Fatal("a connection does not work, although there are no more than two")
	}
	wantTurnedAway(t, e.Connect())
	if err := e.Reload(limitedTo("connections: 20, header_bytes: 100KiB, header_fields: 500, call_bytes: 2KiB")); err != nil {
		t.Fatal(err)
	}
	for range 5 {
		c, got := answerTo(e, headOf(100<<10, 500))
		wantOK(t, got)
		if !c.Alive() {
			t.Error("the connection does not go on")
		}
	}
	first.Send(headOf(4097, 10))
	wantRefusal(t, first.Answer("GET"), 431, "headers_too_large")
	wantOK(t, e.Call("get", `{"x":"`+strings.Repeat("x", 2000)+`"}`))

	if err := e.Reload(limitedTo("connections: 1, header_bytes: 8KiB, header_fields: 10")); err != nil {
		t.Fatal(err)
	}
	if !second.Alive() {
		t.Error("a connection that was open has suffered")
	}
	wantTurnedAway(t, e.Connect())
	if err := e.Reload(limitedTo("header_bytes: 8KiB, header_fields: 10")); err != nil {
		t.Fatal(err)
	}
	for _, head := range []string{headOf(8193, 10), headOf(1000, 11)} {
		_, got := answerTo(e, head)
		wantRefusal(t, got, 431, "headers_too_large")
	}
}
