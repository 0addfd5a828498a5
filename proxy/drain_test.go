package proxy_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/egret-proxy/egret/proxy"
	"github.com/egret-proxy/egret/proxy/proxytest"
)

// TestDrain stops egret with calls in flight. None of them fails, even those
// that still need a value or an upstream; what comes now is refused.
func TestDrain(t *testing.T) {
	e := start(t, open)
	began, proceed := make(chan bool), make(chan bool)
	e.Upstream.Handle("", func(w http.ResponseWriter, _ *http.Request) {
		began <- true
		<-proceed
		_, _ = io.WriteString(w, "slow")
	})
	late := e.Connect() // its request comes when egret drains already
	var running sync.WaitGroup
	answers := make(chan proxytest.Answer, 4)
	ask := func(do func() proxytest.Answer) {
		running.Go(func() { answers <- do() })
		<-began
	}
	ask(func() proxytest.Answer { return e.Call("order", `{"id":"1","token":"`+tokenID+`"}`) })
	ask(func() proxytest.Answer { return e.Call("stored", `{"id":"1"}`) })
	ask(func() proxytest.Answer { return e.Get("http://other.test/") })
	ask(func() proxytest.Answer { return e.Get("http://api.acme.test/", "X-Api-Key", staticID) })

	stopped := make(chan error, 1)
	go func() { stopped <- e.Stop() }()
	eventually(t, "egret drains", func() bool { return e.Get(e.AdminURL+"/readyz").Status == 503 })
	if got := e.Get(e.AdminURL + "/healthz"); got.Status != 200 {
		t.Errorf("got %d for the health of a draining egret, want 200", got.Status)
	}
	late.Send("GET /v1/functions HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
	wantRefusal(t, late.Answer("GET"), 503, "draining")
	if late.Alive() {
		t.Error("the connection is open afterwards")
	}
	select {
	case err := <-stopped:
		t.Fatalf("egret has ended (error: %v) before its calls", err)
	default:
	}
	close(proceed)
	running.Wait()
	for range 4 {
		if got := <-answers; got.Status != 200 || !strings.Contains(got.Body, "slow") {
			t.Errorf("got %d %s, want 200 and the answer", got.Status, got.Body)
		}
	}
	if err := <-stopped; err != nil {
		t.Errorf("egret ended with %v, want no error", err)
	}
}

// What does not end in time is cut off, and nothing of it is left.
func TestDrainLimit(t *testing.T) {
	began := make(chan bool)
	upstream := serve(t, afterHead(func(c net.Conn) {
		began <- true
		_, _ = io.Copy(io.Discard, c)
	}))
	e := proxytest.Start(t, fmt.Sprintf("egress: {allow: [%q]}\nfunctions: [{name: slow, url: \"http://%s/\", cache: slow}]\ncaches: [{name: slow, ttl: 1m}]\n", upstream, upstream),
		proxytest.Dialling(), proxytest.Draining(50*time.Millisecond))
	called, forwarded, half, silent := e.Connect(), e.Connect(), e.Connect(), e.Connect()
	called.Send("POST /v1/functions/slow HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
	<-began
	forwarded.Send("GET http://" + upstream + "/ HTTP/1.1\r\nHost: x\r\n\r\n")
	<-began
	half.Send("POST /v1/functions/slow HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n" + strings.Repeat(" ", 20<<10))
	start := time.Now()
	if err := e.Stop(); err == nil || !strings.Contains(err.Error(), "still in flight") {
		t.Errorf("egret ended with %v, want an error that requests were in flight", err)
	}
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("egret took %v to end, want about a second", took)
	}
	wantRefusal(t, called.Answer("POST"), 503, "draining")
	wantRefusal(t, forwarded.Answer("GET"), 503, "draining")
	for _, c := range []*proxytest.Conn{called, forwarded, half, silent} {
		c.Rest() // which fails the test if the connection is open still
	}
}

// Egret can be stopped before it has begun.
func TestStopAtOnce(t *testing.T) {
	for range 20 {
		cfg, err := proxy.Parse("egret.yaml", []byte("listen: 127.0.0.1:0\n"), noEnvironment)
		if err != nil {
			t.Fatal(err)
		}
		server, err := proxy.New(cfg, proxy.Options{})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := server.Run(ctx); err != nil {
			t.Fatalf("got error %v, want none", err)
		}
	}
}
