package upstream

import (
	"context"
	"net"
	"sync"
	"time"
)

// maxConnAge is how long a connection is used, so that a change of DNS is seen.
const maxConnAge = 10 * time.Minute

// A conn is a connection to an upstream. It belongs to one exchange at a time,
// or to the pool.
type conn struct {
	net.Conn // link, or TLS on it
	link     *link
	place    place
	born     time.Time
	used     bool // for an exchange that has ended well
	cut      func()

	// What was read and not used yet is buffer[from:to]. An idle connection has
	// no buffer.
	buffer   *[]byte
	from, to int
	most     int    // how much of the buffer was ever used
	request  []byte // while it is written

	// Of the pool:
	over, under, older, newer *conn
	since                     time.Time
	watch                     *watch
}

// dial makes a connection for req to where, and TLS on it where that is wanted.
func dial(ctx context.Context, where place, req *Request, options *Options) (*conn, error) {
	if !req.Deadline.IsZero() {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, req.Deadline)
		defer cancel()
	}
	dialer := *options.Dialer
	dialer.Timeout = positive(req.ConnectTimeout, dialer.Timeout)
	raw, err := dialer.DialContext(ctx, "tcp", where.address(), where.grant)
	if err != nil {
		return nil, err
	}
	c := &conn{link: newLink(raw, options.StallTimeout), place: where, born: time.Now()}
	c.Conn, c.cut = c.link, c.link.abort
	if where.grant.TLS {
		if c.Conn, err = handshake(ctx, c.link, where, options); err != nil {
			_ = raw.Close()
			return nil, err
		}
	}
	return c, nil
}

// bufferSize is what the head of nearly every answer fits into.
const bufferSize = 16 << 10

var buffers = sync.Pool{New: func() any { b := make([]byte, bufferSize); return &b }}

// begin makes c ready for an exchange that ends by deadline, if that is not zero.
func (c *conn) begin(deadline time.Time) {
	c.link.begin(deadline)
	if c.buffer == nil {
		c.buffer = buffers.Get().(*[]byte)
	}
	c.from, c.to, c.most = 0, 0, 0
}

// unread is what was read and not used yet.
func (c *conn) unread() []byte { return (*c.buffer)[c.from:c.to] }

// fill reads more, behind what is unread. It makes room by moving that to the
// front; when there is none then, the buffer grows up to limit bytes.
func (c *conn) fill(limit int) error {
	if c.from == c.to {
		c.from, c.to = 0, 0
	}
	if c.to == len(*c.buffer) {
		switch {
		case c.from > 0:
			c.to = copy(*c.buffer, c.unread())
			c.from = 0
		case c.to >= limit:
			return errLargeHead
		default:
			grown := make([]byte, min(2*c.to, limit))
			copy(grown, *c.buffer)
			*c.buffer = grown
		}
	}
	n, err := c.Read((*c.buffer)[c.to:])
	c.to += n
	c.most = max(c.most, c.to)
	return err
}

// alive reports whether the upstream has kept the connection open, and silent,
// while it was idle. Where the write looks once more, this one need not.
func (c *conn) alive(looksAgain bool) bool {
	switch {
	case !c.link.fit() || time.Since(c.born) > maxConnAge:
		return false
	case c.watch != nil:
		silent := c.watch.stop(c.link.Conn)
		c.watch, c.link.readBy = nil, time.Time{}
		return silent
	case looksAgain:
		return true
	default:
		return c.link.socket.isSilent()
	}
}

// rest makes c ready for the pool. It reports false when the connection is not
// fit for another exchange: something was read that belongs to no answer, by
// egret or by TLS.
func (c *conn) rest() bool {
	if c.from != c.to || !c.link.fit() {
		return false
	}
	if _, ok := c.Conn.(*farewell); ok && !c.isDry() {
		return false
	}
	c.used = true
	c.release()
	if !c.link.socket.peeks() {
		c.watch = startWatch(c.link.Conn)
	}
	return true
}

// isDry reports whether TLS holds nothing that it has not handed out. Mostly that
// is known without asking it; what has come with the handshake was not counted.
func (c *conn) isDry() bool {
	if c.used && c.link.records.areSpent() {
		return true
	}
	var one [1]byte
	c.link.exhausted = true
	n, err := c.Read(one[:])
	c.link.exhausted = false
	c.link.readErr = nil
	return n == 0 && err == errDry && c.link.records.between() //nolint:errorlint // crypto/tls hands it on as it is
}

// forget empties a buffer, which may hold a credential, and keeps it for another
// request unless it is big.
func forget(buffer []byte) []byte {
	clear(buffer)
	if cap(buffer) > 4*bufferSize {
		return nil
	}
	return buffer[:0]
}

// release gives the buffers back. The answer in them may hold what concerns
// nobody else.
func (c *conn) release() {
	if c.buffer != nil {
		clear((*c.buffer)[:c.most])
		if len(*c.buffer) == bufferSize {
			buffers.Put(c.buffer)
		}
		c.buffer = nil
	}
}

// close closes c.
func (c *conn) close() {
	c.link.abort()
	if c.watch != nil {
		<-c.watch.done
		c.watch = nil
	}
	c.release()
}
