package proxy

import (
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/functions"
)

// A relay passes bytes on between a client and an upstream, in both directions,
// and looks at none of them. When one side sends no more, the other one is told,
// and the rest of what that sends still passes. It ends when both directions
// have, when nothing has moved in either for limits.tunnel_idle_timeout, or with
// the lifetime of the exchange.
type relay struct {
	conn      *conn
	upstream  net.Conn
	idle      time.Duration
	moved     atomic.Int64 // bytes, in both directions
	aborted   atomic.Bool
	beginning *beginning // nil where everything passes

	mu    sync.Mutex
	told  bool // the client knows that nothing more comes
	over  bool
	timer *time.Timer
	seen  progress
	since time.Time // when seen was new
}

// enterTunnel takes room for a relay, before the client is told that there is one.
// It is given back with the rest of the room.
func (x *exchange) enterTunnel() error {
	if x.server.tunnels.Add(1) > int64(x.rt.limits.Tunnels) {
		x.server.tunnels.Add(-1)
		return functions.Refuse(functions.TooManyRequests, "there are too many tunnels").By("limits.tunnels")
	}
	x.room.tunnels = &x.server.tunnels
	return nil
}

// leaveRuntime ends the hold of the exchange on its runtime, once. What it still
// needs of it can be read.
func (x *exchange) leaveRuntime() {
	if !x.left {
		x.left = true
		x.rt.release()
	}
}

// relay takes over upstream, of which ahead was read already, and returns when
// all is over. The answer that turns the connection into this one has been sent.
// Meanwhile the exchange holds neither its runtime, nor a place among the
// requests in flight. The error is why it was broken off, if egret did that.
func (x *exchange) relay(upstream net.Conn, ahead []byte) error {
	return x.run(x.newRelay(upstream), ahead)
}

func (x *exchange) newRelay(upstream net.Conn) *relay {
	return &relay{conn: x.conn, upstream: upstream, idle: x.rt.limits.TunnelIdleTimeout}
}

func (x *exchange) run(r *relay, ahead []byte) error {
	x.hangUp = true
	x.leaveRuntime()
	x.server.inFlight.Add(-1)
	defer x.server.inFlight.Add(1)
	x.out, x.scratch, x.body.text = nil, nil, nil // it can take long
	r.run(ahead)
	return r.conn.life.Err()
}

func (r *relay) run(ahead []byte) {
	defer func() { _ = r.upstream.Close() }()
	limits := r.conn.socket.limits
	r.prepare()
	defer r.restore(limits)
	release := r.conn.life.Watch(r.abort)
	defer release()
	r.watch()
	defer r.stop()
	var sending sync.WaitGroup
	sending.Go(r.up)
	r.down(ahead)
	sending.Wait()
}

// prepare gives the client as much time as a tunnel has, for reading and for
// writing.
func (r *relay) prepare() {
	limits := *r.conn.limits
	limits.WriteTimeout = r.idle
	r.conn.socket.limits = &limits
	r.conn.socket.writeBy, r.conn.readBy = time.Time{}, time.Time{}
	_ = r.upstream.SetDeadline(time.Time{}) // what it had for other purposes
	r.waitFor(r.conn.Conn, time.Time{})
}

// restore gives the client its own limits back.
func (r *relay) restore(limits *configs.Limits) {
	r.conn.socket.limits = limits
	r.conn.socket.writeBy = time.Time{}
}

// up passes on what the client sends.
func (r *relay) up() {
	c := r.conn
	first := c.inlet.ahead
	c.inlet.ahead = nil
	if r.beginning != nil {
		var passes bool
		if first, passes = r.first(first); !passes {
			_ = r.upstream.Close() // nobody waits for it any more
			return
		}
	}
	to := end{Conn: r.upstream, tcp: tcpOf(r.upstream), count: &atomic.Int64{}}
	from := end{Conn: c.Conn, count: &c.received}
	if c.tls == nil {
		from.tcp = tcpOf(c.socket.Conn)
	}
	if !r.pass(to, from, first) || !closeWrite(r.upstream) {
		r.abort()
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.told {
		c.waiting.begin(time.Now(), false) // from here on no Read shows that it is gone
	}
}

// down passes on what the upstream sends.
func (r *relay) down(ahead []byte) {
	c := r.conn
	if r.beginning != nil {
		var passes bool
		if ahead, passes = r.listen(); !passes {
			r.silence()
			return
		}
	}
	to := end{Conn: c.Conn, count: &c.sent}
	if c.tls == nil {
		to.tcp = tcpOf(c.socket.Conn)
	}
	from := end{Conn: r.upstream, tcp: tcpOf(r.upstream), count: &atomic.Int64{}}
	if !r.pass(to, from, ahead) {
		r.abort()
	}
	r.mu.Lock()
	r.told = true
	c.waiting.end()
	r.mu.Unlock()
	if !r.aborted.Load() && !closeWrite(c.Conn) {
		r.abort()
	}
}

// silence ends both directions when the server is not to be heard, unless egret
// is going to read what the client sends.
func (r *relay) silence() {
	if r.decide(opaqueBeginning) != httpBeginning {
		r.abort()
	}
}

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

// past is a time limit that has struck.
var past = time.Unix(1, 0)

// closeWrite tells the other side that nothing more will come, if it can be told.
func closeWrite(c net.Conn) bool {
	half, ok := c.(halfCloser)
	return ok && half.CloseWrite() == nil
}

// abort ends both directions.
func (r *relay) abort() {
	r.aborted.Store(true)
	_ = r.upstream.Close()
	r.conn.interrupt()
	_ = r.conn.socket.SetWriteDeadline(past)
}
