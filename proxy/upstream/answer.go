package upstream

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/egret-proxy/egret/functions"
	"github.com/egret-proxy/egret/proxy/wire"
)

// An Answer is what an upstream answers. The zero Answer is ready for
// [Transport.RoundTrip], and after Close for another one. It is used by one
// goroutine at a time.
type Answer struct {
	wire.Status // never 1xx
	// Fields are those of the head as they came, the hop-by-hop ones too. Like
	// the Status they are valid until the first Read.
	Fields []wire.Field
	// Length is the length of the body in bytes, or -1 when it is not known
	// yet. Without a body (HEAD, 204, 304) it is 0, whatever the head says.
	Length int64
	// HeadLength is what the head says of the length of the body, be there one
	// or not, or -1.
	HeadLength int64
	// Trailer are the fields behind a chunked body, once Read gave io.EOF.
	Trailer []wire.Field
	// Connecting is how long RoundTrip took to make a connection, TLS included;
	// 0 when it used one that was kept. It is there after an error, too.
	Connecting time.Duration

	exchange
	left     int64 // of the body, or of the chunk, in bytes
	behind   bool  // a chunk, whose line end was not read yet
	framing  framing
	complete bool // Read gave io.EOF
}

// A framing is how the end of a body is known.
type framing uint8

const (
	noBody framing = iota
	byLength
	byChunks
	byEnd // of the connection
)

// An exchange is a request under way.
type exchange struct {
	transport *Transport
	ctx       context.Context
	conn      *conn
	deadline  time.Time
	firstByte time.Duration // from the end of the request to that of the answer's head
	upload    *upload       // that may still go on, or nil
	release   func() bool   // ends the watch on ctx
	keep      bool          // the connection survives the answer
}

// open decides how the body of the answer ends: RFC 9112 section 6.3.
func (a *Answer) open(req *Request) error {
	framing, err := wire.FramingOf(a.Fields, a.HTTP10)
	if err != nil {
		return err
	}
	a.HeadLength = framing.Length
	a.keep = !a.HTTP10 && !req.Alone
	for i := range a.Fields {
		if a.Fields[i].Kind == wire.Connection && wire.HasOption(a.Fields[i].Value, "close") {
			a.keep = false
		}
	}
	a.Trailer, a.complete, a.behind, a.left = a.Trailer[:0], false, false, 0
	switch {
	case req.hidesBody(a.Code):
		a.framing, a.Length = noBody, 0
	case framing.Chunked:
		a.framing, a.Length = byChunks, -1
	case framing.Length >= 0:
		a.framing, a.Length, a.left = byLength, framing.Length, framing.Length
	default:
		a.framing, a.Length, a.keep = byEnd, -1, false
	}
	return nil
}

// Read gives the body, and io.EOF only at the end that the upstream intended.
// Any other end is a [*functions.Refusal].
func (a *Answer) Read(p []byte) (int, error) {
	switch {
	case len(p) == 0:
		return 0, nil
	case a.complete:
		return 0, io.EOF
	case a.conn == nil:
		return 0, errClosed
	}
	n, err := a.read(p)
	if err == nil {
		return n, nil
	}
	if err == io.EOF { //nolint:errorlint // read gives it as it is, at the end
		a.complete = true
		return n, io.EOF
	}
	a.keep = false
	if a.upload != nil {
		if broken := a.upload.failed(); broken != nil {
			return n, broken
		}
	}
	if late(err) && !a.deadline.IsZero() && !time.Now().Before(a.deadline) {
		return n, overdue(err)
	}
	return n, incomplete(a.ctx, err)
}

func (a *Answer) read(p []byte) (int, error) {
	switch a.framing {
	case byLength:
		if a.left == 0 {
			return 0, io.EOF
		}
		return a.some(p)
	case byChunks:
		return a.chunk(p)
	case byEnd:
		return a.rest(p)
	default:
		return 0, io.EOF
	}
}

// some reads a part of what is left.
func (a *Answer) some(p []byte) (int, error) {
	if int64(len(p)) > a.left {
		p = p[:a.left]
	}
	n, err := a.raw(p)
	a.left -= int64(n)
	if err == io.EOF { //nolint:errorlint // of the connection itself
		err = io.ErrUnexpectedEOF
	}
	if n > 0 {
		err = nil // it will come again
	}
	return n, err
}

// rest reads what there is until the connection ends. A connection that was cut
// by this side has not ended.
func (a *Answer) rest(p []byte) (int, error) {
	n, err := a.raw(p)
	if n > 0 {
		return n, nil
	}
	return 0, err
}

// raw reads what is on the connection. What is in the buffer comes first; a
// large p is read into without it.
func (a *Answer) raw(p []byte) (int, error) {
	c := a.conn
	if c.from == c.to {
		a.limit()
		if len(p) >= len(*c.buffer)/2 {
			return c.Read(p)
		}
		if err := c.fill(len(*c.buffer)); err != nil {
			return 0, err
		}
	}
	n := copy(p, c.unread())
	c.from += n
	return n, nil
}

// limit says how long the next read may take.
func (a *Answer) limit() {
	by := time.Time{} // as long as the link says
	if !a.deadline.IsZero() {
		if stall := time.Now().Add(a.conn.link.stall); a.deadline.Before(stall) {
			by = a.deadline
		}
	}
	a.conn.link.wantBy = by
}

// Sent reports whether the request has gone out whole. An answer may come
// before that: then it waits a moment, in case only the return from the last
// Write is missing.
func (a *Answer) Sent() bool { return a.upload == nil || a.upload.isSentSoon() }

// HidesBody reports whether the answer has no body, whatever its head says of
// the length.
func (a *Answer) HidesBody() bool { return a.framing == noBody }

// Buffered gives the whole body if it has come in already, without copying it.
// It is valid until Close.
func (a *Answer) Buffered() ([]byte, bool) {
	switch {
	case a.conn == nil:
		return nil, false
	case a.framing == noBody:
		a.complete = true
		return nil, true
	case a.framing == byLength:
		if body := a.conn.unread(); int64(len(body)) >= a.left {
			body = body[:a.left]
			a.conn.from += len(body)
			a.left, a.complete = 0, true
			return body, true
		}
	}
	return nil, false
}

// ReadAll appends the whole body to dst. More than limit bytes are
// upstream_too_large.
func (a *Answer) ReadAll(dst []byte, limit int64) ([]byte, error) {
	if a.Length > limit {
		return dst, tooLarge()
	}
	if body, ok := a.Buffered(); ok {
		return append(dst, body...), nil
	}
	begin := len(dst)
	for {
		if len(dst) == cap(dst) {
			dst = append(dst, 0)[:len(dst)]
		}
		n, err := a.Read(dst[len(dst):cap(dst)])
		dst = dst[:len(dst)+n]
		switch {
		case int64(len(dst)-begin) > limit:
			return dst, tooLarge()
		case errors.Is(err, io.EOF):
			return dst, nil
		case err != nil:
			return dst, err
		}
	}
}

func tooLarge() error {
	return &functions.Refusal{Code: functions.UpstreamTooLarge, Detail: "the body of the answer is too large", ProxyError: "http_response_body_size"}
}

// errClosed is what reading a closed answer gives.
var errClosed = errors.New("the answer is closed")

// Close ends the exchange. The connection is kept for another one if the answer
// was read to its end, nothing came behind it, and the request was sent whole.
// An upload that is still under way is ended.
func (a *Answer) Close() {
	c := a.conn
	if c == nil {
		return
	}
	whole := a.complete || a.framing == noBody || a.framing == byLength && a.left == 0
	sent := a.upload == nil || whole && a.upload.settle(c)
	if a.upload != nil {
		a.upload.end(c)
	}
	inTime := a.release()
	a.conn, a.upload, a.release, a.ctx = nil, nil, nil, nil
	if evicted := a.evicted(c, whole && sent && inTime && a.keep); evicted != nil {
		evicted.close()
	}
	clear(a.Fields)
	a.Fields, a.Trailer, a.Reason = a.Fields[:0], a.Trailer[:0], nil
}

// evicted puts c aside if it may be kept, and gives what has to be closed.
func (a *Answer) evicted(c *conn, keep bool) *conn {
	if keep && c.rest() {
		return a.transport.pool.put(c)
	}
	return c
}
