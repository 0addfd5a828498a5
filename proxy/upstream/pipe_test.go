package upstream_test

import (
	"bufio"
	"io"
	"net"
	"testing"

	"github.com/egret-proxy/egret/proxy/upstream"
)

// TestWatchedConnection: a byte, or the end, that comes while a connection is
// idle is noticed where it cannot be looked for.
func TestWatchedConnection(t *testing.T) {
	for name, spoil := range map[string]func(c net.Conn){
		"closed": func(c net.Conn) { c.Close() },
		"spoken": func(c net.Conn) {
			_, _ = io.WriteString(c, "H")
			go func() { _, _ = io.WriteString(c, "TTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nPOISON") }()
		},
		"one byte": func(c net.Conn) { _, _ = io.WriteString(c, "\n") },
	} {
		t.Run(name, func(t *testing.T) {
			begin, spoilt := make(chan struct{}), make(chan struct{})
			o := newOrigin(t, func(o *origin, c net.Conn, r *bufio.Reader) {
				if _, err := o.head(r); err != nil {
					return
				}
				conns, _ := o.seen()
				_, _ = io.WriteString(c, ok)
				if conns == 1 {
					<-begin
					spoil(c) // a pipe's Write ends when its bytes were read
					close(spoilt)
				}
				_, _ = io.Copy(io.Discard, r)
			})
			transport := newTransport(t, upstream.Options{Dialer: o.inMemory()})
			mustCall(t, transport, o.get())
			close(begin)
			happens(t, "what the origin did", spoilt)
			mustCall(t, transport, o.post("x"))
			o.wantSeen(t, 2, 2)
		})
	}
}
