package upstream

import (
	"errors"
	"io"
	"net"
	"sync/atomic"
	"time"
)

// A conn is a connection that times its reads and writes one by one, and
// remembers how they went. fasthttp knows only of time-outs for a whole answer,
// and takes a chunked body that breaks off between two chunks as complete.
type conn struct {
	net.Conn          // TCP, or TLS on it
	raw      net.Conn // TCP
	stall    time.Duration
	closed   atomic.Bool

	// Of the exchange; Read and Write are never called at the same time.
	headerTimeout time.Duration
	headerBy      time.Time // when the header must be complete; zero until the first Read
	inBody        bool
	written       int64
	ended         bool  // the upstream has ended its side, and a Read has said so
	ending        bool  // the next Read is going to say so
	err           error // the first error of a Read or Write that is not io.EOF
}

// begin makes c ready for an exchange.
func (c *conn) begin(headerTimeout time.Duration) {
	c.headerTimeout, c.headerBy, c.inBody, c.written = headerTimeout, time.Time{}, false, 0
}

// reusable reports whether nothing has happened that ends the use of c.
func (c *conn) reusable() bool {
	return !c.closed.Load() && !c.ended && !c.ending && c.err == nil
}

func (c *conn) Write(p []byte) (int, error) {
	if err := c.SetWriteDeadline(time.Now().Add(c.stall)); err != nil {
		return 0, c.fail(err)
	}
	n, err := c.Conn.Write(p)
	c.written += int64(n)
	return n, c.fail(err)
}

// Read gives an end only apart from bytes: then it is known whether a body was
// complete without it.
func (c *conn) Read(p []byte) (int, error) {
	if c.ending {
		c.ended = true
		return 0, io.EOF
	}
	if err := c.SetReadDeadline(c.readBy()); err != nil {
		return 0, c.fail(err)
	}
	n, err := c.Conn.Read(p)
	if errors.Is(err, io.EOF) {
		c.ending = true
		if n > 0 {
			return n, nil
		}
		c.ended = true
		return 0, io.EOF
	}
	return n, c.fail(err)
}

// readBy is when the next Read must have given something.
func (c *conn) readBy() time.Time {
	if c.inBody {
		return time.Now().Add(c.stall)
	}
	if c.headerBy.IsZero() {
		c.headerBy = time.Now().Add(c.headerTimeout)
	}
	return c.headerBy
}

func (c *conn) fail(err error) error {
	if err != nil && c.err == nil {
		c.err = err
	}
	return err
}

// abort closes c without a farewell, which for TLS would wait for a Write that
// does not come to an end.
func (c *conn) abort() {
	c.closed.Store(true)
	_ = c.raw.Close()
}

// Close closes c.
func (c *conn) Close() error {
	if c.closed.Swap(true) {
		return nil
	}
	return c.Conn.Close()
}
