package proxy

import (
	"net"
	"time"
)

// A progress is what shows that something moves in a relay: the bytes that were
// passed on, and those that a side has not taken yet.
type progress struct {
	moved            int64
	client, upstream int
}

func (r *relay) progress() progress {
	return progress{r.moved.Load(), queuedFor(r.conn.socket.Conn), queuedFor(beneath(r.upstream))}
}

// beneath gives what is below TLS.
func beneath(c net.Conn) net.Conn {
	if above, ok := c.(interface{ NetConn() net.Conn }); ok {
		return above.NetConn()
	}
	return c
}

// idleLooks is how often it is seen within the limit whether anything moves.
const idleLooks = 4

// watch begins to look after the relay.
func (r *relay) watch() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.seen, r.since = r.progress(), time.Now()
	r.timer = time.AfterFunc(r.idle/idleLooks, r.look)
}

func (r *relay) look() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.over {
		return
	}
	now := time.Now()
	if seen := r.progress(); seen != r.seen {
		r.seen, r.since = seen, now
	}
	if now.Sub(r.since) >= r.idle {
		r.abort()
		return
	}
	r.timer.Reset(r.idle / idleLooks)
}

// stop ends what watch began.
func (r *relay) stop() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.over = true
	r.timer.Stop()
}
