package proxy

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/egret-proxy/egret/configs"
)

// lingerTime and lingerBytes bound what is read of a request that was refused
// before it had come in whole.
const (
	lingerTime  = 2 * time.Second
	lingerBytes = 256 << 20
)

// slack is how much later than asked a time limit may strike. It saves setting
// the limit anew for each read and write.
const slack = 100 * time.Millisecond

// A stage is what a connection waits for.
type stage int32

const (
	fresh    stage = iota // the first byte
	inHead                // the rest of a head
	inBody                // a body, or nothing: a request is being handled
	answered              // its answer to go out
	idle                  // the next request
	retired               // nothing: it was closed while it was idle
)

// A conn is a client's connection. fasthttp reads requests from it. What
// fasthttp writes to it is dropped: egret writes its answers itself, with
// [conn.send], because fasthttp would change the order and the spelling of
// their fields, and knows no interim answers and no trailers.
//
// A conn has its own time limits: how long a head may take to come in, and how
// long a body, or an answer on its way out, may stand still. Those of fasthttp
// are for whole requests and would cut long streams.
type conn struct {
	net.Conn           // the socket, or TLS on it
	socket   socket    // beneath TLS
	tls      *tls.Conn // nil where plain HTTP is spoken
	greeted  bool      // the handshake is over
	tunnel   *tunneled // nil unless all requests are those to one host
	connects bool      // a CONNECT was refused: nothing but another one may follow
	listener *listener
	limits   *configs.Limits
	inlet    inlet
	bound    func([]byte) (int, error) // receive
	life     lifetime                  // of the request that is being handled
	stage    atomic.Int32
	late     atomic.Bool // what it had to send has not come in time
	unread   atomic.Bool // the client may still be sending
	hurried  atomic.Bool // nothing more is read
	closing  sync.Once
	waiting  waiting

	headBy  time.Time // when the head must have come in
	readBy  time.Time
	pending []byte // an answer that goes out with the next read, or before

	received, sent atomic.Int64 // bytes, as they are above TLS
	consumed       int64        // bytes of those received that were of the requests before
}

// newConn makes a connection of what the system gives. Without secure it speaks
// plain HTTP.
func newConn(raw net.Conn, l *listener, limits *configs.Limits, secure *tls.Config) *conn {
	c := &conn{socket: socket{Conn: raw, limits: limits}, listener: l, limits: limits}
	c.inlet.most = limits.HeaderFields
	c.Conn = &c.socket
	if secure != nil {
		c.tls = tls.Server(&c.socket, secure)
		c.Conn = c.tls
	}
	return c
}

// Read gives the next head to fasthttp. What the client has to be told goes out
// before. Of a body fasthttp knows nothing. The end of a retired connection is a
// plain one, of which fasthttp has nothing to say to the client.
func (c *conn) Read(p []byte) (int, error) {
	n, err := c.read(p)
	if err != nil && stage(c.stage.Load()) == retired {
		return 0, io.EOF
	}
	return n, err
}

func (c *conn) read(p []byte) (int, error) {
	if err := c.flush(); err != nil {
		return 0, err
	}
	if t := c.tunnel; t != nil && !t.entered {
		if err := c.enter(p); err != nil {
			return 0, err
		}
	}
	if c.stage.CompareAndSwap(int32(answered), int32(idle)) {
		c.headBy = time.Time{}
		if len(c.inlet.ahead) > 0 && !c.began() { // it has come behind the last request
			return 0, net.ErrClosed
		}
	}
	if stage(c.stage.Load()) == inBody {
		return 0, io.ErrUnexpectedEOF // fasthttp waits for more than there is of a head
	}
	n, err := c.inlet.readHead(p, c.receiver())
	if n > 0 {
		if !c.began() {
			return 0, net.ErrClosed // the request came too late, and nobody has looked at it
		}
		c.stage.CompareAndSwap(int32(inHead), int32(inBody))
	}
	return n, err
}

// readBody gives a part of the body of the request, and io.EOF behind it.
func (c *conn) readBody(p []byte) (int, error) { return c.inlet.readBody(p, c.receiver()) }

// receiver gives c.receive, bound once.
func (c *conn) receiver() func([]byte) (int, error) {
	if c.bound == nil {
		c.bound = c.receive
	}
	return c.bound
}

// receive reads from the client.
func (c *conn) receive(p []byte) (int, error) {
	if err := c.arm(); err != nil {
		return 0, err
	}
	if err := c.greet(); err != nil {
		return 0, err
	}
	n, err := c.Conn.Read(p)
	c.received.Add(int64(n))
	if errors.Is(err, os.ErrDeadlineExceeded) {
		c.late.Store(true)
	}
	if n > 0 && !c.began() {
		return 0, net.ErrClosed
	}
	return n, err
}

// began notes that a head has begun to come in. It reports false when the
// connection was retired in the same moment.
func (c *conn) began() bool {
	switch at := stage(c.stage.Load()); at {
	case fresh, idle:
		return c.stage.CompareAndSwap(int32(at), int32(inHead))
	case retired:
		return false
	default:
		return true
	}
}

// retire closes an idle connection. It reports whether the connection was idle.
func (c *conn) retire() bool {
	if !c.stage.CompareAndSwap(int32(idle), int32(retired)) && !c.stage.CompareAndSwap(int32(fresh), int32(retired)) {
		return false
	}
	if c.tls != nil {
		c.interrupt() // who reads from it takes leave of the client
		return true
	}
	_ = c.Conn.Close() // who reads from it closes it once more
	return true
}

// arm sets the time limit of the next read, unless the one that is set will do.
func (c *conn) arm() error {
	var by time.Time
	switch now := time.Now(); stage(c.stage.Load()) {
	case fresh:
		c.headBy = now.Add(c.limits.HeaderTimeout)
		by = c.headBy
	case inHead:
		if c.headBy.IsZero() {
			c.headBy = now.Add(c.limits.HeaderTimeout)
		}
		by = c.headBy
	case idle:
		by = now.Add(c.limits.IdleTimeout)
	default:
		by = now.Add(c.limits.BodyTimeout)
	}
	if late := c.readBy.Sub(by); late < 0 || late > slack {
		c.readBy = by.Add(slack)
		if err := c.Conn.SetReadDeadline(c.readBy); err != nil {
			return err
		}
	}
	if c.hurried.Load() { // which may have come between
		return os.ErrDeadlineExceeded
	}
	return nil
}

// interrupt makes a Read return at once, and all that follow.
func (c *conn) interrupt() {
	c.hurried.Store(true)
	_ = c.socket.SetReadDeadline(past)
}

// Close closes the connection, once.
func (c *conn) Close() error {
	var err error
	c.closing.Do(func() {
		_ = c.flush()
		if c.takeLeave() || c.unread.Load() {
			linger(c.Conn)
		}
		err = c.Conn.Close()
		c.listener.forget(c)
	})
	return err
}

// A halfCloser is what connections have that can end in one direction alone.
type halfCloser interface {
	net.Conn
	CloseWrite() error
}

// linger lets the client finish before the connection is closed. To close it
// over bytes that nobody has read would reset it, and could take the answer
// away from the client: RFC 9112 section 9.6.
func linger(c net.Conn) {
	half, ok := c.(halfCloser)
	if !ok || half.CloseWrite() != nil || c.SetReadDeadline(time.Now().Add(lingerTime)) != nil {
		return
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(c, lingerBytes)) // its error is the end as well
}

// hurry ends the wait for a request that has not come in whole.
func (c *conn) hurry() {
	if at := stage(c.stage.Load()); at == inHead || at == inBody {
		c.interrupt()
	}
}
