package upstream

import (
	"errors"
	"net"
	"os"
	"time"
)

// A watch reads from an idle connection that cannot be looked into. If a byte,
// or the end, comes while nothing was asked, the connection is of no more use.
type watch struct {
	done   chan struct{}
	silent bool // valid after done
}

// startWatch watches c until stop.
func startWatch(c net.Conn) *watch {
	w := &watch{done: make(chan struct{})}
	if c.SetReadDeadline(time.Time{}) != nil {
		close(w.done)
		return w
	}
	go func() {
		defer close(w.done)
		// A connection that panics is of no more use either.
		defer func() { _ = recover() }()
		var one [1]byte
		n, err := c.Read(one[:])
		w.silent = n == 0 && errors.Is(err, os.ErrDeadlineExceeded)
	}()
	return w
}

// stop ends the watch and reports whether nothing came.
func (w *watch) stop(c net.Conn) bool {
	if c.SetReadDeadline(time.Unix(1, 0)) != nil {
		_ = c.Close()
	}
	<-w.done
	return w.silent
}
