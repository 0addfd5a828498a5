package proxy

import (
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/egret-proxy/egret/configs"
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
