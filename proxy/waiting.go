package proxy

import (
	"sync"
	"time"

	"github.com/egret-proxy/egret/functions"
)

// A waiting is a client's wait for the head of its answer, or for the rest of a
// stream. While it lasts, the listener looks from time to time whether the client
// is still there. Until the head is there, nobody else writes to the connection.
type waiting struct {
	mu     sync.Mutex
	since  time.Time // zero when nobody waits
	may    bool      // an interim answer can be sent, and is understood
	probed bool      // the client has ended its side, and was sent something
}

// begin begins the wait.
func (w *waiting) begin(now time.Time, may bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.since, w.may, w.probed = now, may, false
}

// end ends the wait.
func (w *waiting) end() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.since = time.Time{}
}

// errGone is why the request of a client that went away is given up. Nobody is
// told.
var errGone = functions.Refuse(functions.RequestTimeout, "the client has closed its connection")

// checkClient ends the request of a client that has waited for a while and is
// gone. A client that has closed only its own side may still read: RFC 9112
// section 9.6. Whether it does shows when it is written to, so it gets an
// interim answer that means nothing: RFC 9110 section 15.2.1.
func (c *conn) checkClient(now time.Time) {
	w := &c.waiting
	if !w.mu.TryLock() {
		return // the client is being written to, which may take its time
	}
	defer w.mu.Unlock()
	if w.since.IsZero() || now.Sub(w.since) < lookEvery {
		return
	}
	switch state := lookAt(c.socket.Conn); {
	case state == clientGone:
		c.life.end(errGone)
	case state == clientEnded && w.may && !w.probed && queuedFor(c.socket.Conn) == 0: // so that there is room
		w.probed = true
		_ = c.write([]byte("HTTP/1.1 100 Continue\r\n\r\n")) // its error shows at the next look
	}
}

// lookEvery is how often the listener looks after clients that wait.
const lookEvery = 250 * time.Millisecond

// A clientState is what a look at a client's connection shows.
type clientState uint8

const (
	clientThere clientState = iota // as far as one can see
	clientEnded                    // it sends no more
	clientGone                     // it reads no more
)
