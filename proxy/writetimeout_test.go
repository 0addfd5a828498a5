package proxy_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/egret-proxy/egret/proxy/proxytest"
)

// endless is the address of an origin whose answers do not end. It reports when
// somebody ends the connection.
func endless(t testing.TB) (address string, ended chan time.Time) {
	t.Helper()
	ended = make(chan time.Time, 10)
	return serve(t, afterHead(func(c net.Conn) {
		badUpstreams["does not end"](c)
		ended <- time.Now()
	})), ended
}

// A client that does not read is cut off, and the upstream's connection with it.
func TestWriteTimeout(t *testing.T) {
	address, ended := endless(t)
	e := startLimited(t, only("write_timeout"), address)
	c := dialNarrow(t, e)
	start := time.Now()
	say(c, getForward)
	select {
	case <-ended:
		tookShort(t, start)
	case <-time.After(watchdog):
		t.Fatal("the upstream still sends")
	}
	// What is left is what lay in buffers, without an end.
	if text, _ := io.ReadAll(c); len(text) == 0 || strings.HasSuffix(string(text), "0\r\n\r\n") {
		t.Errorf("got %d bytes, which look whole or like nothing", len(text))
	}
}

// A client that does not take the answer to a call is cut off as well.
func TestWriteTimeoutOfCall(t *testing.T) {
	e := startLimited(t, only("write_timeout")+", answer_bytes: 64MiB, connections: 1", answering(t, largeAnswer(32<<20)))
	c := dialNarrow(t, e)
	start := time.Now()
	say(c, getCall)
	eventually(t, "there is room for another one", func() bool {
		pass(short / 10) // to be turned away costs egret something too
		other := e.Connect()
		defer other.Close()
		return other.Alive()
	})
	tookShort(t, start)
	if n, err := io.Copy(io.Discard, c); n == 0 || n >= 32<<20 {
		t.Errorf("got %d bytes (error: %v), want a part of the answer", n, err)
	}
}

// dialNarrow opens a connection that takes little at a time.
func dialNarrow(t testing.TB, e *proxytest.Egret) *net.TCPConn {
	t.Helper()
	c, err := dialWatched(e.Server.Addr())
	if err != nil {
		t.Fatal(err)
	}
	_ = c.SetReadBuffer(64 << 10)
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// A client that reads slowly, but steadily, gets its answer, however long it
// takes.
func TestSlowReader(t *testing.T) {
	const size = 12 << 20
	for name, request := range map[string]string{"forward": getForward, "call": getCall} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := startLimited(t, only("write_timeout")+", answer_bytes: 64MiB", answering(t, largeAnswer(size)))
			c := dialNarrow(t, e)
			start := time.Now()
			say(c, request)
			response, err := http.ReadResponse(bufio.NewReader(&slowly{Conn: c, until: start}), nil)
			if err != nil {
				t.Fatal(err)
			}
			n, err := io.Copy(io.Discard, response.Body)
			_ = response.Body.Close()
			t.Logf("%d bytes after %v (error: %v)", n, time.Since(start), err)
			if err != nil || n < size {
				t.Errorf("got %d bytes (error: %v), want %d", n, err, size)
			}
			tookShort(t, start)
		})
	}
}

// slowly reads three megabytes a second.
type slowly struct {
	net.Conn
	until time.Time
}

func (s *slowly) Read(p []byte) (int, error) {
	n, err := s.Conn.Read(p[:min(len(p), 32<<10)])
	s.until = s.until.Add(time.Duration(n) * time.Second / (3 << 20))
	pass(time.Until(s.until))
	return n, err
}
