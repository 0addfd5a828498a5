package proxy_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/egret-proxy/egret/proxy/proxytest"
)

// TestTunnelIdle ends tunnels in which nothing moves, and keeps those in which
// something does, in whichever direction.
func TestTunnelIdle(t *testing.T) {
	const yaml = anyHost + "limits: {tunnel_idle_timeout: 400ms}\n"
	t.Run("still", func(t *testing.T) {
		ended := make(chan bool, 1)
		e := proxytest.Start(t, yaml, dialling(serve(t, func(c net.Conn) {
			_, _ = io.Copy(io.Discard, c)
			ended <- true
		})))
		c := e.Tunnel("a.test:9")
		begin := time.Now()
		if got, err := io.ReadAll(c); err != nil || len(got) > 0 {
			t.Errorf("got %q, %v, want the end", got, err)
		}
		if took := time.Since(begin); took < 300*time.Millisecond {
			t.Errorf("it ended after %v", took)
		}
		<-ended
	})
	t.Run("one direction", func(t *testing.T) {
		e := proxytest.Start(t, yaml, dialling(serve(t, func(c net.Conn) {
			ticker := time.NewTicker(100 * time.Millisecond)
			defer ticker.Stop()
			for range 10 {
				<-ticker.C
				_, _ = io.WriteString(c, ".")
			}
		})))
		c := e.Tunnel("a.test:9")
		if got, err := io.ReadAll(c); err != nil || string(got) != ".........." {
			t.Errorf("got %q, %v", got, err)
		}
	})
	t.Run("a client that takes nothing", func(t *testing.T) {
		ended := make(chan bool, 1)
		e := proxytest.Start(t, yaml, dialling(serve(t, func(c net.Conn) {
			_, _ = io.Copy(c, zeros{})
			ended <- true
		})))
		_ = e.Tunnel("a.test:9")
		<-ended
	})
}

// TestTunnelRoom has as many tunnels as there may be. One more is refused, until
// one ends; requests are none.
func TestTunnelRoom(t *testing.T) {
	e := proxytest.Start(t, anyHost+"limits: {tunnels: 2, concurrency: 1}\n", dialling(echoing(t)))
	first := e.Tunnel("a.test:9")
	_ = e.Tunnel("b.test:9")
	more := e.Connect()
	more.Send("CONNECT c.test:9 HTTP/1.1\r\n\r\n")
	wantRefusal(t, more.Answer("GET"), 429, "too_many_requests")
	wantJournal(t, e, `"rule":"limits.tunnels"`)
	first.Close()
	eventually(t, "there is room again", func() bool {
		c := e.Connect()
		defer c.Close()
		c.Send("CONNECT c.test:9 HTTP/1.1\r\n\r\n")
		buffer := make([]byte, 12)
		_, _ = io.ReadFull(c, buffer)
		return string(buffer) == "HTTP/1.1 200"
	})
}

// TestTunnelRefused refuses tunnels before the client is told that it has one.
func TestTunnelRefused(t *testing.T) {
	e := proxytest.Start(t, anyHost, proxytest.Dialling())
	for target, code := range map[string]string{
		"localhost:9": "403 private_address", "127.0.0.1:9": "403 private_address", "169.254.169.254:80": "403 private_address",
		"[::1]:9": "403 private_address", e.Server.Addr(): "508 loop", strings.Replace(e.Server.Addr(), "127.0.0.1", "localhost", 1): "508 loop",
		strings.TrimPrefix(e.AdminURL, "http://"): "508 loop",
	} {
		c := e.Connect()
		c.Send("CONNECT " + target + " HTTP/1.1\r\nHost: x\r\n\r\n")
		if got := c.Answer("GET"); fmt.Sprint(got.Status, " ", got.Code()) != code {
			t.Errorf("%s: got %d %s, want %s", target, got.Status, got.Code(), code)
		}
	}
}

// TestTunnelMuch passes much through tunnels, both ways at once.
func TestTunnelMuch(t *testing.T) {
	const size = 4 << 20
	e := proxytest.Start(t, anyHost, dialling(echoing(t)))
	var all sync.WaitGroup
	for i := range 4 {
		c := e.Tunnel("a.test:9")
		text := bytes.Repeat([]byte(fmt.Sprintf("\x00%06d", i)), size/7)
		all.Go(func() {
			c.Send(string(text))
			c.End()
		})
		all.Go(func() {
			sum := sha256.New()
			if n, err := io.Copy(sum, c); err != nil || n != int64(len(text)) {
				t.Errorf("got %d bytes, %v, want %d", n, err, len(text))
			}
			if want := sha256.Sum256(text); !bytes.Equal(sum.Sum(nil), want[:]) {
				t.Error("got other bytes")
			}
		})
	}
	all.Wait()
	wantJournal(t, e, fmt.Sprintf(`"bytes_in":%d`, size/7*7+len("CONNECT a.test:9 HTTP/1.1\r\nHost: a.test:9\r\n\r\n")))
}

// TestTunnelReload has a tunnel that outlives its configuration, and one that is
// still open when egret is told to stop.
func TestTunnelReload(t *testing.T) {
	e := proxytest.Start(t, anyHost, dialling(echoing(t)), proxytest.Draining(100*time.Millisecond))
	c := e.Tunnel("a.test:9")
	c.Send("\x00a")
	if err := e.Reload("admin: 127.0.0.1:0\n"); err == nil {
		t.Log("reloaded")
	}
	for _, text := range []string{"\x00a", "bc"} {
		buffer := make([]byte, 2)
		if _, err := io.ReadFull(c, buffer); err != nil || string(buffer) != text {
			t.Fatalf("got %q, %v, want %q", buffer, err, text)
		}
		c.Send("bc")
	}
	refused := e.Connect()
	refused.Send("CONNECT a.test:9 HTTP/1.1\r\n\r\n")
	wantRefusal(t, refused.Answer("GET"), 403, "egress_denied")
	if err := e.Stop(); err == nil || !strings.Contains(err.Error(), "in flight") {
		t.Errorf("got %v, want an error: the tunnel was open", err)
	}
}

// TestTunnelClientGone ends a tunnel whose client has gone, although the server
// says nothing.
func TestTunnelClientGone(t *testing.T) {
	ended := make(chan bool, 1)
	e := proxytest.Start(t, anyHost, dialling(serve(t, func(c net.Conn) {
		_, _ = io.Copy(io.Discard, c) // a client may end its side
		_, _ = io.Copy(c, zeros{})
		ended <- true
	})))
	c := e.Tunnel("a.test:9")
	c.Send("\x00a")
	_ = c.Raw().(*net.TCPConn).SetLinger(0)
	c.Close()
	<-ended
	eventually(t, "a record of it", func() bool { return strings.Contains(strings.Join(e.Journal(""), "\n"), `"host":"a.test:9"`) })
}

// TestTunnelCanary puts a client's key and the text of a tunnel into everything
// that may be told of it.
func TestTunnelCanary(t *testing.T) {
	e := proxytest.Start(t, strings.Replace(keyed, "client-key", "canary-key", 1), dialling(echoing(t)))
	e.Canary.Add("canary-key-0123456789", "canary-in-the-tunnel")
	c := e.Tunnel("a.test:9", "Proxy-Authorization: Bearer canary-key-0123456789", "X-Secret: canary-in-the-tunnel")
	c.Send("\x00canary")
	if _, err := io.ReadFull(c, make([]byte, 7)); err != nil {
		t.Fatal(err)
	}
	c.End()
	_ = c.Rest()
	bad := e.Connect()
	bad.Send("CONNECT canary-in-the-tunnel:99999 HTTP/1.1\r\nProxy-Authorization: Bearer canary-key-012345678\r\n\r\n")
	wantRefusal(t, bad.Answer(http.MethodGet), 400, "malformed_request")
	wantJournal(t, e, `"client":"agent","way":"tunnel","method":"CONNECT","host":"a.test:9"`)
}

// zeros never end.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }
