package proxy_test

import (
	"fmt"
	"net"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// TestMain sees that the tests leave no goroutine and no descriptor behind.
func TestMain(m *testing.M) {
	before := descriptors()
	code := m.Run()
	if code == 0 {
		if err := leftovers(before); err != nil {
			fmt.Fprintln(os.Stderr, "the tests left something behind:", err)
			code = 1
		}
	}
	os.Exit(code)
}

// leftovers waits for what ends by itself, and says what does not.
func leftovers(before int) error {
	options := []goleak.Option{
		// These sleep for ten seconds at a time, and end after that.
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*HostClient).connsCleaner"),
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*workerPool).Start.func2"),
		// It keeps the time of day for all servers of the process.
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"),
	}
	deadline := time.Now().Add(10 * time.Second)
	for {
		err := goleak.Find(options...)
		if now := descriptors(); err == nil && now > before {
			err = fmt.Errorf("%d descriptors are open, %d were before", now, before)
		}
		if err == nil || time.Now().After(deadline) {
			return err
		}
	}
}

// descriptors counts the open files. The first listener makes those that the
// Go runtime keeps. 0 means that they cannot be counted here.
func descriptors() int {
	if l, err := net.Listen("tcp", "127.0.0.1:0"); err == nil {
		_ = l.Close()
	}
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0
	}
	return len(entries)
}
