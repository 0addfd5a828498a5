package proxy

import (
	"errors"
	"io"
	"net"
	"os"
	"sync/atomic"
	"time"
)

// An end is one side of a relay, for one direction.
type end struct {
	net.Conn
	tcp   *net.TCPConn  // the same, where there is no TLS
	count *atomic.Int64 // of the bytes that are read from it, or written to it
}

func tcpOf(c net.Conn) *net.TCPConn {
	tcp, _ := c.(*net.TCPConn)
	return tcp
}

// pass passes on first, and then what comes from from. It reports whether that
// has come to its end.
func (r *relay) pass(to, from end, first []byte) bool {
	if len(first) > 0 && r.write(to, first) != nil {
		return false
	}
	held := streamBuffers.Get().(*[]byte)
	most := 0
	defer func() {
		clear((*held)[:most])
		streamBuffers.Put(held)
	}()
	for {
		n, err := from.Read(*held)
		most = max(most, n)
		from.count.Add(int64(n))
		if n > 0 && r.write(to, (*held)[:n]) != nil {
			return false
		}
		if err == nil && n == len(*held) && to.tcp != nil && from.tcp != nil {
			err = r.splice(to, from)
		}
		if err != nil {
			return errors.Is(err, io.EOF)
		}
	}
}

func (r *relay) write(to end, text []byte) error {
	n, err := to.Write(text)
	to.count.Add(int64(n))
	r.moved.Add(int64(n))
	return err
}

// A connection that sends much is passed on by the system itself, in pieces of
// spliceBytes, until it has paused for splicePause: it takes two descriptors
// meanwhile.
const (
	spliceBytes = 256 << 10
	splicePause = time.Second
)

// splice passes on what comes until there is a pause, and gives io.EOF at the end.
func (r *relay) splice(to, from end) error {
	defer r.waitFor(from.tcp, time.Time{})
	for {
		r.waitFor(from.tcp, time.Now().Add(splicePause))
		r.unhurry(to.tcp)
		n, err := to.tcp.ReadFrom(&io.LimitedReader{R: from.tcp, N: spliceBytes})
		from.count.Add(n)
		to.count.Add(n)
		r.moved.Add(n)
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded) && !r.aborted.Load():
			return nil
		case err != nil:
			return err
		case n < spliceBytes:
			return io.EOF
		}
	}
}

// waitFor sets how long a Read of c waits. That of an aborted relay does not.
func (r *relay) waitFor(c net.Conn, by time.Time) {
	_ = c.SetReadDeadline(by) // of a connection that is closed the Read tells
	if r.aborted.Load() || r.conn.hurried.Load() {
		_ = c.SetReadDeadline(past)
	}
}

// unhurry takes the time limit of writing from c: that nothing moves at all is
// seen by who looks after the relay.
func (r *relay) unhurry(c *net.TCPConn) {
	_ = c.SetWriteDeadline(time.Time{})
	if r.aborted.Load() {
		_ = c.SetWriteDeadline(past)
	}
}
