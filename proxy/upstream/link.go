package upstream

import (
	"errors"
	"io"
	"net"
	"os"
	"sync/atomic"
	"syscall"
	"time"
)

// A link is the connection below HTTP, and below TLS where there is TLS. It
// times its reads and writes one by one, remembers how they went, and can put a
// write off until the next read: the two are then one visit to the socket, which
// begins with a look at whether the upstream has closed the connection, or sent
// what nobody asked for.
type link struct {
	net.Conn
	socket  socket
	stall   time.Duration
	records *records // of TLS, nil without
	aborted atomic.Bool
	asked   bool // for a certificate, of which there is none

	written   int64 // bytes, of the exchange
	received  int64 // bytes, of the exchange
	ended     bool  // the upstream has ended its side, and a Read has said so
	ending    bool  // the next Read is going to say so
	stale     bool  // the connection was found dead or talking; nothing was sent
	readErr   error // of the last Read that failed, but for io.EOF
	writeErr  error // of the last Write that failed; an upload may set it
	readBy    time.Time
	writeBy   time.Time
	deadline  time.Time // of all writes, zero for none
	wantBy    time.Time // when the next Read must have given something, zero for stall
	holding   bool
	held      []byte // what is sent with the next Read
	exhausted bool   // Read gives errDry
	free      bool   // it is handed over: who has it sets the time limits
}

// slack is how much later than asked a time limit may strike. It saves setting
// the limit anew for each read.
const slack = 100 * time.Millisecond

// errStale is what a Read gives that found the connection not fit for use.
var errStale = errors.New("the upstream closed or used the idle connection")

// errDry is what a Read gives instead of asking the socket. To crypto/tls it is
// an error that passes.
var errDry = os.ErrDeadlineExceeded

func newLink(raw net.Conn, stall time.Duration) *link {
	l := &link{Conn: raw, stall: stall}
	l.socket.open(raw)
	return l
}

// begin makes the link ready for an exchange that ends by deadline, if that is
// not zero.
func (l *link) begin(deadline time.Time) {
	l.written, l.received, l.stale = 0, 0, false
	l.wantBy, l.deadline = time.Time{}, deadline
	if !deadline.IsZero() {
		l.writeBy = time.Time{}
	}
	if l.records != nil {
		l.records.begin()
	}
}

// fit reports whether nothing has happened that ends the use of the link.
func (l *link) fit() bool {
	return !l.aborted.Load() && !l.ended && !l.ending && !l.stale && l.readErr == nil && l.writeErr == nil && (l.records == nil || l.records.between())
}

// hold puts what is written off until the next Read.
func (l *link) hold() { l.holding = l.socket.peeks() }

// Write writes p, or keeps it for the next Read.
func (l *link) Write(p []byte) (int, error) {
	if l.free {
		return l.Conn.Write(p)
	}
	if l.holding {
		l.held = append(l.held, p...)
		return len(p), nil
	}
	if now := time.Now(); l.writeBy.Sub(now) < l.stall {
		l.writeBy = now.Add(l.stall + slack)
		if !l.deadline.IsZero() && l.deadline.Before(l.writeBy) {
			l.writeBy = l.deadline
		}
		if err := l.SetWriteDeadline(l.writeBy); err != nil {
			l.writeErr = err
			return 0, err
		}
	}
	n, err := l.Conn.Write(p)
	l.written += int64(n)
	if err != nil {
		l.writeErr = err
	}
	return n, err
}

// Read gives an end only apart from bytes: then it is known whether a body was
// complete without it.
func (l *link) Read(p []byte) (int, error) {
	if l.ending {
		l.ended = true
		return 0, io.EOF
	}
	if l.exhausted {
		return 0, errDry
	}
	if l.free {
		n, err := l.Conn.Read(p)
		l.ended = l.ended || err == io.EOF //nolint:errorlint // of the connection itself
		return n, err
	}
	if err := l.arm(); err != nil {
		l.readErr = err
		return 0, err
	}
	n, err := l.read(p)
	l.received += int64(n)
	if l.records != nil {
		l.records.pass(p[:n])
	}
	if errors.Is(err, io.EOF) {
		l.ending = true
		if n > 0 {
			return n, nil
		}
		l.ended = true
		return 0, io.EOF
	}
	if err != nil {
		l.readErr = err
	}
	return n, err
}

func (l *link) read(p []byte) (int, error) {
	if !l.holding { // which an upload, that may write meanwhile, reads as well
		return l.Conn.Read(p)
	}
	l.holding = false
	if len(l.held) == 0 {
		return l.Conn.Read(p)
	}
	sent, n, err := l.socket.exchange(l.held, p)
	l.written += int64(sent)
	rest := l.held[sent:]
	if err == nil && n == 0 && len(rest) > 0 {
		if _, err = l.Write(rest); err == nil {
			n, err = l.Conn.Read(p)
		}
	}
	l.held = forget(l.held)
	if errors.Is(err, errStale) {
		l.stale = true
	}
	return n, err
}

// arm sets the time limit of the next Read, unless the one that is set will do.
func (l *link) arm() error {
	by := l.wantBy
	if by.IsZero() {
		by = time.Now().Add(l.stall)
	}
	if late := l.readBy.Sub(by); late >= 0 && late <= slack {
		return nil
	}
	l.readBy = by.Add(slack)
	return l.SetReadDeadline(l.readBy)
}

// abort closes the link without a farewell, which for TLS would wait for a
// Write that does not come to an end. Any goroutine may call it.
func (l *link) abort() {
	l.aborted.Store(true)
	_ = l.Conn.Close()
}

// gone reports whether err says that the upstream had closed the connection.
func gone(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) || errors.Is(err, io.ErrClosedPipe)
}
