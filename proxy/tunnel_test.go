package proxy_test

import (
	"io"
	"net"
	"testing"

	"github.com/egret-proxy/egret/proxy/proxytest"
)

// anyHost lets every host be reached; none is decrypted.
const anyHost = `
admin: 127.0.0.1:0
egress: {default: allow}
`

// TestTunnelHalfClose closes one direction after the other, and sees that the
// other one goes on.
func TestTunnelHalfClose(t *testing.T) {
	t.Run("client first", func(t *testing.T) {
		upstream := serve(t, func(c net.Conn) {
			text, _ := io.ReadAll(c)
			_, _ = io.WriteString(c, "got "+string(text))
		})
		e := proxytest.Start(t, anyHost, dialling(upstream))
		c := e.Tunnel("a.test:9")
		c.Send("\x00one")
		c.Send(" two")
		c.End()
		if got, err := io.ReadAll(c); err != nil || string(got) != "got \x00one two" {
			t.Errorf("got %q, %v", got, err)
		}
	})
	t.Run("server first", func(t *testing.T) {
		got := make(chan string, 1)
		upstream := serve(t, func(c net.Conn) {
			_, _ = io.WriteString(c, "all that there is")
			_ = c.(*net.TCPConn).CloseWrite()
			text, _ := io.ReadAll(c)
			got <- string(text)
		})
		e := proxytest.Start(t, anyHost, dialling(upstream))
		c := e.Tunnel("a.test:9")
		if text, err := io.ReadAll(c); err != nil || string(text) != "all that there is" {
			t.Errorf("got %q, %v", text, err)
		}
		c.Send("still ")
		c.Send("here")
		c.End()
		if text := <-got; text != "still here" {
			t.Errorf("the server got %q", text)
		}
	})
}

// echoing is the address of a server that sends back what it gets.
func echoing(t testing.TB) string {
	t.Helper()
	return serve(t, func(c net.Conn) { _, _ = io.Copy(c, c) })
}
