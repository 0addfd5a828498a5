package proxy

import (
	"io"
	"net"
	"testing"

	"github.com/egret-proxy/egret/configs"
)

// A connection keeps no memory of a big answer: it may be idle for long, and
// there may be thousands of them.
func TestPendingIsForgotten(t *testing.T) {
	client, server := net.Pipe()
	defer func() { _ = client.Close() }()
	limits := configs.DefaultLimits()
	c := newConn(server, nil, &limits, nil)
	for _, size := range []int{100, maxKept + 1} {
		c.pending = make([]byte, size)
		read := make(chan error, 1)
		go func() {
			_, err := io.CopyN(io.Discard, client, int64(size))
			read <- err
		}()
		if err := c.flush(); err != nil {
			t.Fatal(err)
		}
		if err := <-read; err != nil {
			t.Fatal(err)
		}
		if len(c.pending) != 0 || cap(c.pending) > maxKept {
			t.Errorf("of %d bytes that were sent %d are kept", size, cap(c.pending))
		}
	}
}
