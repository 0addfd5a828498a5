package proxytest

import (
	"crypto/tls"
	"io"
	"net"
	"strings"
)

// Tunnel opens a connection to the data plane, and on it a tunnel to host and
// port. It fails the test when egret refuses it. Header has lines of the request.
func (e *Egret) Tunnel(authority string, header ...string) *Conn {
	e.t.Helper()
	c := e.Connect()
	c.Tunnel(authority, header...)
	return c
}

// Tunnel asks for a tunnel, and reads the answer.
func (c *Conn) Tunnel(authority string, header ...string) {
	c.egret.t.Helper()
	c.Send("CONNECT " + authority + " HTTP/1.1\r\nHost: " + authority + "\r\n" + strings.Join(header, "\r\n") + strings.Repeat("\r\n", min(len(header), 1)) + "\r\n")
	c.Established()
}

// Established reads the answer that a tunnel is there, to its last byte.
func (c *Conn) Established() {
	c.egret.t.Helper()
	head, want := "", "HTTP/1.1 200 Connection Established\r\n\r\n"
	for !strings.HasSuffix(head, "\r\n\r\n") {
		b, err := c.reader.ReadByte()
		if err != nil {
			c.egret.t.Fatalf("no tunnel: %v; received: %q", err, head)
		}
		head += string(b)
	}
	if head != want {
		rest := make([]byte, c.reader.Buffered())
		_, _ = io.ReadFull(c.reader, rest)
		c.egret.t.Fatalf("got %q, want %q", head+string(rest), want)
	}
}

// Secure speaks TLS from here on, to the host of a tunnel.
func (c *Conn) Secure(host string) {
	c.egret.t.Helper()
	if err := c.Handshake(&tls.Config{ServerName: host, RootCAs: c.egret.tls.RootCAs, MinVersion: tls.VersionTLS12}); err != nil {
		c.egret.t.Fatalf("no TLS in the tunnel: %v", err)
	}
}

// Handshake is Secure with a configuration of the client's own.
func (c *Conn) Handshake(config *tls.Config) error {
	below := &unbuffered{halfCloser: c.conn, reader: c.reader}
	secure := tls.Client(below, config)
	if err := secure.Handshake(); err != nil {
		return err
	}
	c.conn = secure
	c.reader = newReader(secure, &c.raw)
	return nil
}

// An unbuffered is a connection of which some may lie in a buffer.
type unbuffered struct {
	halfCloser
	reader io.Reader
}

func (u *unbuffered) Read(p []byte) (int, error) { return u.reader.Read(p) }

// NetConn is what is below TLS.
func (c *Conn) NetConn() net.Conn {
	if secure, ok := c.conn.(*tls.Conn); ok {
		return secure.NetConn()
	}
	return c.conn
}

// Read reads what comes in a tunnel.
func (c *Conn) Read(p []byte) (int, error) { return c.reader.Read(p) }
