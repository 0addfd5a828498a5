package proxy

import (
	"errors"
	"io"
	"net"
	"sync/atomic"
	"time"
)

// writeTimeout is how long one write to a client may take. fasthttp's own limit
// is for the whole answer, and would cut long streams.
const writeTimeout = time.Minute

// listener wraps the connections that it accepts.
type listener struct{ net.Listener }

// Accept gives the next connection.
func (l *listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &conn{Conn: c}, nil
}

// A conn is a client's connection. It remembers whether the client ended it,
// because fasthttp reports a chunked body that was cut off as one that is
// complete.
type conn struct {
	net.Conn
	ended atomic.Bool
}

// Read reads, and notes the end.
func (c *conn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n == 0 && errors.Is(err, io.EOF) {
		c.ended.Store(true)
	}
	return n, err
}

// Write gives each write its own time limit.
func (c *conn) Write(p []byte) (int, error) {
	if err := c.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
		return 0, err
	}
	return c.Conn.Write(p)
}
