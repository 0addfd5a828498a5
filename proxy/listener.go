package proxy

import (
	"net"
	"sync"
)

// A listener knows the connections that it accepted and that are still open.
type listener struct {
	net.Listener
	open sync.WaitGroup

	mu    sync.Mutex
	conns map[*conn]struct{}
}

func newListener(l net.Listener) *listener {
	return &listener{Listener: l, conns: map[*conn]struct{}{}}
}

// Accept gives the next connection.
func (l *listener) Accept() (net.Conn, error) {
	raw, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	c := &conn{Conn: raw, listener: l}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.conns[c] = struct{}{}
	l.open.Add(1)
	return c, nil
}

// forget is told by a connection that it is closed.
func (l *listener) forget(c *conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.conns, c)
	l.open.Done()
}

// end cuts off the connections that are open, and waits until those who serve
// them have noticed. Accept is not called any more.
func (l *listener) end() {
	l.mu.Lock()
	for c := range l.conns {
		_ = c.Conn.Close() // its server closes it once more
	}
	l.mu.Unlock()
	l.open.Wait()
}
