package proxy_test

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/egret-proxy/egret/proxy"
)

// plainForward is a forward proxy that goes everywhere and holds one
// credential, for api.acme.test.
const plainForward = `
listen: 127.0.0.1:0
egress: {default: allow}
caches: [{name: static_key, id: ` + staticID + `, ttl: 15m, hosts: ["api.acme.test:*"]}]
tokens: [{name: static, cache: static_key, value: ` + staticKey + `}]
`

// launch runs egret without a log and without a canary, and gives its address:
// what passes through it is too much to be kept. It dials upstream for every
// host, and is stopped when the test ends.
func launch(t testing.TB, yaml string, dial func(context.Context, string, string) (net.Conn, error)) string {
	t.Helper()
	cfg, err := proxy.Parse(filepath.Join(t.TempDir(), "egret.yaml"), []byte(yaml), noEnvironment)
	if err != nil {
		t.Fatal(err)
	}
	server, err := proxy.New(cfg, proxy.Options{Dial: dial, Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Listen(); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- server.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("egret ended with: %v", err)
		}
	})
	return server.Addr()
}

// sizeOf is how much of something a test does: what the environment variable
// says, and otherwise what fits into an ordinary run.
func sizeOf(t testing.TB, variable string, usual int) int {
	t.Helper()
	text := os.Getenv(variable)
	if text == "" {
		return usual
	}
	n, err := strconv.Atoi(text)
	if err != nil || n <= 0 {
		t.Fatalf("%s is %q, want a number", variable, text)
	}
	return n
}

// underRace reports whether the race detector watches, which takes its time.
func underRace() bool {
	info, ok := debug.ReadBuildInfo()
	return ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
}

// watchdog is when a connection of these tests gives up. Nothing is measured
// by it: it turns a hang into a failure.
const watchdog = 30 * time.Second

// dialWatched connects to an address, with the watchdog.
func dialWatched(address string) (*net.TCPConn, error) {
	c, err := net.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	return c.(*net.TCPConn), c.SetDeadline(time.Now().Add(watchdog))
}

// isTimeout reports whether an error is that of a deadline.
func isTimeout(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}
