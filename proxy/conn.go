package proxy

import (
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// writeTimeout is how long one write to a client may take. fasthttp's own
	// limit is for the whole answer, and would cut long streams.
	writeTimeout = time.Minute
	// lingerTime and lingerBytes bound what is read of a request that was
	// refused before it had come in whole.
	lingerTime  = 2 * time.Second
	lingerBytes = 256 << 20
)

// A conn is a client's connection. It remembers whether the client ended it,
// because fasthttp reports a chunked body that was cut off as one that is
// complete.
type conn struct {
	net.Conn
	listener *listener
	ended    atomic.Bool
	unread   atomic.Bool // the client may still be sending
	closing  sync.Once
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

// Close closes the connection, once.
func (c *conn) Close() error {
	var err error
	c.closing.Do(func() {
		if c.unread.Load() {
			c.linger()
		}
		err = c.Conn.Close()
		c.listener.forget(c)
	})
	return err
}

// linger lets the client finish before the connection is closed. To close it
// over bytes that nobody has read would reset it, and could take the answer
// away from the client: RFC 9112 section 9.6.
func (c *conn) linger() {
	half, ok := c.Conn.(interface{ CloseWrite() error })
	if !ok || half.CloseWrite() != nil || c.SetReadDeadline(time.Now().Add(lingerTime)) != nil {
		return
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(c.Conn, lingerBytes)) // its error is the end as well
}
