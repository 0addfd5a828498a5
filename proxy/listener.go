package proxy

import (
	"net"
	"sync"
	"time"
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

// grace is how long a connection has for its last words once its request was
// given up.
const grace = time.Second

// end waits until all connections are closed, and cuts off those that are open
// after the grace. Accept is not called any more.
func (l *listener) end() {
	timer := time.AfterFunc(grace, l.cut)
	defer timer.Stop()
	l.open.Wait()
}

// cut ends what is open. Who serves a connection closes it once more.
func (l *listener) cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for c := range l.conns {
		_ = c.Conn.Close()
	}
}
