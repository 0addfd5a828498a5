package proxy

import (
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/functions"
)

// A listener knows the connections that it accepted and that are still open,
// and accepts no more than the limits permit.
type listener struct {
	net.Listener
	limits func() *configs.Limits
	secure func() *tls.Config // what new connections speak TLS with; nil where they speak plain HTTP
	log    *slog.Logger
	open   sync.WaitGroup

	headBytes int   // what fasthttp's server has room for
	next      *conn // that one with other room is to serve

	mu      sync.Mutex
	conns   map[*conn]struct{}
	sources map[netip.Addr]int // how many of them come from an address
	ended   traffic            // of the connections that are closed
}

func newListener(l net.Listener, limits func() *configs.Limits, secure func() *tls.Config, log *slog.Logger) *listener {
	return &listener{Listener: l, limits: limits, secure: secure, log: log, conns: map[*conn]struct{}{}, sources: map[netip.Addr]int{}}
}

// acceptAgain is how long to wait when the system has no room for another
// connection.
const acceptAgain = 50 * time.Millisecond

// Accept gives the next connection. Only that the listener is closed is an
// error, and that the connection is for another server: io.EOF.
func (l *listener) Accept() (net.Conn, error) {
	if c := l.next; c != nil {
		l.next = nil
		return c, nil
	}
	for {
		raw, err := l.Listener.Accept()
		switch {
		case errors.Is(err, net.ErrClosed):
			return nil, err
		case err != nil:
			l.log.Warn("connection not accepted", "cause", err.Error())
			time.Sleep(acceptAgain)
			continue
		}
		c := newConn(raw, l, l.limits(), l.secure())
		switch {
		case !l.admit(c):
			turnAway(c)
		case c.limits.HeaderBytes != l.headBytes:
			l.next, l.headBytes = c, c.limits.HeaderBytes
			return nil, io.EOF
		default:
			return c, nil
		}
	}
}

// admit counts c in, if there is room. The clients of a unix socket have no
// address that they could have a share of.
func (l *listener) admit(c *conn) bool {
	source := sourceOf(c)
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.conns) >= c.limits.Connections || source.IsValid() && l.sources[source] >= c.limits.ConnectionsPerAddress {
		return false
	}
	l.conns[c] = struct{}{}
	l.sources[source]++
	l.open.Add(1)
	return true
}

func sourceOf(c net.Conn) netip.Addr {
	if addr, ok := c.RemoteAddr().(*net.TCPAddr); ok {
		return addr.AddrPort().Addr().Unmap()
	}
	return netip.Addr{}
}

// turnAway tells a client that there are too many connections, if it can be
// told without waiting.
func turnAway(c *conn) {
	if c.tls == nil { // else a handshake would have to come first
		refusal := functions.Refuse(functions.TooManyRequests, "there are too many connections")
		c.socket.end = time.Now().Add(acceptAgain)
		_ = c.write(appendRefusal(nil, refusal, other, refusalOptions{last: true}))
	}
	_ = c.socket.Close()
}

// forget is told by a connection that it is closed.
func (l *listener) forget(c *conn) {
	source := sourceOf(c)
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.conns, c)
	l.ended.add(c)
	if l.sources[source]--; l.sources[source] == 0 {
		delete(l.sources, source)
	}
	l.open.Done()
}

// A traffic is what was received from clients and sent to them, in bytes.
type traffic struct {
	received, sent int64
	open           int // connections
}

func (t *traffic) add(c *conn) {
	t.received += c.received.Load()
	t.sent += c.sent.Load()
}

// traffic is that of all connections, open ones too.
func (l *listener) traffic() traffic {
	l.mu.Lock()
	defer l.mu.Unlock()
	total := l.ended
	for c := range l.conns {
		total.add(c)
	}
	total.open = len(l.conns)
	return total
}

// each calls f with every open connection.
func (l *listener) each(f func(*conn)) {
	l.mu.Lock()
	list := make([]*conn, 0, len(l.conns))
	for c := range l.conns {
		list = append(list, c)
	}
	l.mu.Unlock()
	for _, c := range list {
		f(c)
	}
}

// lookAfter looks after clients that wait, until stop is closed.
func (l *listener) lookAfter(stop <-chan struct{}) {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		select {
		case <-stop:
			return
		case now := <-ticker.C:
			l.each(func(c *conn) { c.checkClient(now) })
		}
	}
}

// lame is how long an idle connection is left open when egret is told to stop:
// a request may be on its way.
const lame = 100 * time.Millisecond

// drain closes what is idle, waits for what is in flight, and reports whether
// all of it has ended before limit.
func (l *listener) drain(limit time.Duration) bool {
	done := make(chan struct{})
	go func() {
		l.open.Wait()
		close(done)
	}()
	end := time.NewTimer(limit)
	defer end.Stop()
	ticker := time.NewTicker(min(lame, max(limit/2, time.Millisecond)))
	defer ticker.Stop()
	for {
		select {
		case <-done:
			return true
		case <-end.C:
			return false
		case <-ticker.C:
			l.each(func(c *conn) { c.retire() })
		}
	}
}

// grace is how long a connection has for its last words once its request was
// given up.
const grace = time.Second

// end gives up what is still in flight, and waits until all connections are
// closed. Those that are open after the grace are cut off.
func (l *listener) end() {
	l.each(func(c *conn) {
		c.life.end(errStopped)
		c.retire()
		c.hurry()
	})
	timer := time.AfterFunc(grace, func() { l.each(func(c *conn) { _ = c.socket.Close() }) })
	defer timer.Stop()
	l.open.Wait()
}
