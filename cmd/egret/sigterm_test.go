package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// forwardLoopback is a forward proxy to loopback, dialled as in production.
const forwardLoopback = "listen: 127.0.0.1:0\negress: {allow: [\"127.0.0.1:*\"]}\n"

// SIGTERM with hundreds of requests in flight loses none of them.
func TestTerminateWithRequestsInFlight(t *testing.T) {
	const requests = 500
	var arrived atomic.Int64
	release := make(chan struct{})
	origin := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		arrived.Add(1)
		<-release
		_, _ = io.WriteString(w, strings.TrimPrefix(r.URL.Path, "/"))
	}))
	defer origin.Close()
	egret := serveChild(t, forwardLoopback)

	var running sync.WaitGroup
	results := make(chan error, requests)
	for i := range requests {
		running.Go(func() { results <- askOnce(egret.address, fmt.Sprintf("%s/%d", origin.URL, i), fmt.Sprint(i)) })
	}
	eventually(t, "all requests are in flight", func() bool { return arrived.Load() == requests })
	if err := egret.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	eventually(t, "egret drains", func() bool { return strings.Contains(egret.said(), `"msg":"draining"`) })
	close(release)
	running.Wait()
	answered := time.Since(start)
	close(results)
	failed := 0
	for err := range results {
		if err != nil {
			if failed++; failed <= 5 {
				t.Error(err)
			}
		}
	}
	if failed > 0 {
		t.Errorf("%d of %d requests failed", failed, requests)
	}
	if err := egret.wait(t); err != nil {
		t.Errorf("egret ended with %v, want exit status 0:\n%s", err, egret.said())
	}
	t.Logf("%d requests in flight: the last was answered %v after the signal, egret ended after %v",
		requests, answered.Round(time.Millisecond), time.Since(start).Round(time.Millisecond))
}

// askOnce sends a request through egret on a connection of its own, and wants
// this body.
func askOnce(egret, url, want string) error {
	c, err := net.Dial("tcp", egret)
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }()
	_ = c.SetDeadline(time.Now().Add(3 * patience))
	if _, err := fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", url); err != nil {
		return err
	}
	response, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		return fmt.Errorf("%s: no answer: %w", url, err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK || string(body) != want {
		return fmt.Errorf("%s: got %d %q (error: %v), want 200 %q", url, response.StatusCode, body, err, want)
	}
	return nil
}
