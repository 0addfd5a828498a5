package upstream

import (
	"errors"
	"io"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/egret-proxy/egret/functions"
)

// An upload sends the body of a request while its answer may come in already.
type upload struct {
	source  io.Reader
	left    int64 // -1 when the length is not known
	trailer func() []byte
	done    chan struct{}
	stopped atomic.Bool // by egret, because its end does not matter any more

	last atomic.Bool // the end of the body is about to be written
	sent bool        // valid after done
	// broken is why source ended early, which is no fault of the upstream.
	broken atomic.Pointer[error]
}

// startUpload begins to send the body of req on c.
func startUpload(c *conn, req *Request, answerIn time.Duration) *upload {
	u := &upload{source: req.Stream, left: req.Length, done: make(chan struct{})}
	if req.Trailer != nil && req.Length < 0 {
		u.trailer = func() []byte { lines := req.Trailer(); return lines.Bytes }
	}
	go func() {
		defer close(u.done)
		u.run(c)
		if u.broken.Load() != nil {
			// The upstream must not take what it has for the whole.
			c.link.abort()
			return
		}
		// From here on the upstream has its time to answer.
		if !u.stopped.Load() {
			_ = c.link.SetReadDeadline(time.Now().Add(answerIn))
		}
	}()
	return u
}

var chunks = sync.Pool{New: func() any { b := make([]byte, 32<<10); return &b }}

// chunkRoom is what is left free before a chunk for its length.
const chunkRoom = 16

// run copies the body. A failed write is left for the answer to explain: an
// upstream that refuses a body closes the connection behind its answer.
func (u *upload) run(c *conn) {
	buffer := chunks.Get().(*[]byte)
	defer func() {
		clear(*buffer)
		chunks.Put(buffer)
	}()
	for {
		text, err := u.next((*buffer)[chunkRoom : len(*buffer)-2])
		if len(text) > 0 {
			if u.left < 0 {
				text = frame(*buffer, len(text))
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
			u.broken.Store(&err)
			return
		}
	}
}

// frame makes a chunk of the n bytes that stand behind chunkRoom.
func frame(buffer []byte, n int) []byte {
	var digits [chunkRoom]byte
	size := append(strconv.AppendInt(digits[:0], int64(n), 16), "\r\n"...)
	begin := chunkRoom - len(size)
	copy(buffer[begin:], size)
	copy(buffer[chunkRoom+n:], "\r\n")
	return buffer[begin : chunkRoom+n+2]
}

// finish writes what stands behind the last chunk.
func (u *upload) finish(c *conn) bool {
	u.last.Store(true)
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
		return nil, io.EOF
	}
	if u.left > 0 && int64(len(p)) > u.left {
		p = p[:u.left]
	}
	n, err := u.source.Read(p)
	if u.left > 0 {
		u.left -= int64(n)
	}
	if u.left == 0 {
		u.last.Store(true)
	}
	switch {
	case errors.Is(err, io.EOF) && u.left > 0:
		err = io.ErrUnexpectedEOF
	case u.left == 0:
		err = io.EOF
	}
	return p[:n], err
}

// isSent reports whether the body has been sent whole. An answer can be quicker
// than the return from the write of the body's end, so that is waited for.
func (u *upload) isSent() bool {
	if u.last.Load() {
		select {
		case <-u.done:
		case <-time.After(slack):
		}
	}
	select {
	case <-u.done:
		return u.sent
	default:
		return false
	}
}

// failed is the refusal of a request whose own body broke off, or nil.
func (u *upload) failed() *functions.Refusal {
	broken := u.broken.Load()
	if broken == nil || u.stopped.Load() {
		return nil
	}
	if own, ok := errors.AsType[*functions.Refusal](*broken); ok {
		return own
	}
	return &functions.Refusal{Code: functions.MalformedRequest, Detail: "the body of the request is incomplete", ProxyError: "http_request_error", Cause: *broken}
}

// end ends an upload whose answer is there, and waits until nothing of it is
// left.
func (u *upload) end(c *conn) {
	if u.isSent() {
		return
	}
	u.stopped.Store(true)
	c.link.abort()
	if body, ok := u.source.(Interrupter); ok {
		body.Interrupt()
	}
	<-u.done
}
