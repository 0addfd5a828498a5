package upstream

import (
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/egret-proxy/egret/functions"
	"github.com/egret-proxy/egret/proxy/wire"
)

// An upload sends the body of a request while its answer may come in already.
type upload struct {
	source  io.Reader
	left    int64 // -1 when the length is not known
	trailer func() []byte
	done    chan struct{}
	sent    bool        // valid after done
	stopped atomic.Bool // by egret, because its end does not matter any more
	drained atomic.Bool // source has ended as it should
	// broken is why source ended early, which is no fault of the upstream.
	broken atomic.Pointer[functions.Refusal]

	mu       sync.Mutex
	answered bool // who reads the answer sets the time limits
}

// startUpload begins to send the body of req on c. When it is sent, the upstream
// has until answerBy for the head of its answer.
func startUpload(c *conn, req *Request, answerBy func() time.Time) *upload {
	u := &upload{source: req.Stream, left: req.Length, done: make(chan struct{})}
	if req.Trailer != nil && req.Length < 0 {
		u.trailer = func() []byte { lines := req.Trailer(); return lines.Bytes }
	}
	go func() {
		defer close(u.done)
		defer u.recover(c)
		u.run(c)
		if u.broken.Load() != nil {
			// The upstream must not take what it has for the whole.
			c.link.abort()
			return
		}
		u.mu.Lock()
		defer u.mu.Unlock()
		if !u.answered {
			_ = c.link.SetReadDeadline(answerBy())
		}
	}()
	return u
}

// recover gives up an upload that panicked. The panic's value is not shown: it
// may hold a part of the body.
func (u *upload) recover(c *conn) {
	if p := recover(); p != nil {
		u.broken.Store(&functions.Refusal{
			Code: functions.Internal, Detail: "egret could not send the body of the request", Cause: fmt.Errorf("panic of type %T in an upload", p),
		})
		c.link.abort()
	}
}

// handOver leaves the time limits to who reads the answer, whose head is there.
func (u *upload) handOver() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.answered = true
}

var chunks = sync.Pool{New: func() any { b := make([]byte, 32<<10); return &b }}

// run copies the body. A failed write is left for the answer to explain: an
// upstream that refuses a body closes the connection behind its answer.
func (u *upload) run(c *conn) {
	buffer := chunks.Get().(*[]byte)
	defer func() {
		clear(*buffer)
		chunks.Put(buffer)
	}()
	for {
		text, err := u.next((*buffer)[wire.ChunkRoom : len(*buffer)-wire.ChunkEnd])
		if len(text) > 0 {
			if u.left < 0 {
				text = wire.FrameChunk(*buffer, len(text))
			}
			if _, failed := c.Write(text); failed != nil {
				return
			}
		}
		switch {
		case err == io.EOF: //nolint:errorlint // next gives it as it is, at the end
			u.sent = u.finish(c)
			return
		case err != nil:
			u.broken.Store(broken(err))
			return
		}
	}
}

// finish writes what stands behind the last chunk.
func (u *upload) finish(c *conn) bool {
	if u.left >= 0 {
		return true
	}
	end := []byte("0\r\n")
	if u.trailer != nil {
		end = append(end, u.trailer()...)
	}
	_, err := c.Write(append(end, "\r\n"...))
	return err == nil
}

// next reads from the source, not beyond what was announced.
func (u *upload) next(p []byte) ([]byte, error) {
	if u.left == 0 {
		u.drained.Store(true)
		return nil, io.EOF
	}
	if u.left > 0 && int64(len(p)) > u.left {
		p = p[:u.left]
	}
	n, err := u.source.Read(p)
	if u.left > 0 {
		u.left -= int64(n)
	}
	switch {
	case errors.Is(err, io.EOF) && u.left > 0:
		err = io.ErrUnexpectedEOF
	case u.left == 0:
		err = io.EOF
	}
	if errors.Is(err, io.EOF) {
		u.drained.Store(true)
	}
	return p[:n], err
}

// isSent reports whether the body has been sent whole.
func (u *upload) isSent() bool {
	select {
	case <-u.done:
		return u.sent
	default:
		return false
	}
}

// isSentSoon is isSent when the end of the body is on its way.
func (u *upload) isSentSoon() bool {
	if u.drained.Load() && !u.isSent() {
		select {
		case <-u.done:
		case <-time.After(soon):
		}
	}
	return u.isSent()
}

// soon is how much longer than the way of an answer the return from a Write may
// take.
const soon = 20 * time.Millisecond

// settle waits for an upload that has nothing left to read, and reports whether
// all of it was sent. That the answer is there says that it was, in most cases:
// only the last Write has not come back. One that still waits is given up.
func (u *upload) settle(c *conn) bool {
	if u.drained.Load() {
		_ = c.link.SetWriteDeadline(time.Unix(1, 0))
		<-u.done
		c.link.writeBy = time.Time{}
	}
	return u.isSent()
}

// failed is the refusal of a request whose own body broke off, or nil. It waits
// for nothing.
func (u *upload) failed() *functions.Refusal {
	if u.stopped.Load() {
		return nil
	}
	return u.broken.Load()
}

// broken is the refusal of a body that ends with err.
func broken(err error) *functions.Refusal {
	if own, ok := errors.AsType[*functions.Refusal](err); ok {
		return own
	}
	return &functions.Refusal{Code: functions.MalformedRequest, Detail: "the body of the request is incomplete", ProxyError: "http_request_error", Cause: err}
}

// end ends an upload whose answer is there, and waits until nothing of it is
// left.
func (u *upload) end(c *conn) {
	if u.isSent() {
		return
	}
	u.stopped.Store(true)
	c.link.abort()
	if body, ok := u.source.(Interrupter); ok && !u.drained.Load() {
		body.Interrupt()
	}
	<-u.done
}
