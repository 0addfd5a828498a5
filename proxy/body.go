package proxy

import (
	"fmt"
	"io"

	"github.com/egret-proxy/egret/functions"
	"github.com/egret-proxy/egret/proxy/wire"
)

// A requestBody is the body of a request.
type requestBody struct {
	exchange *exchange
	left     int64  // bytes that are still to come, -1 when it is chunked
	whole    bool   // it was read to its end, or there is none
	short    bool   // it is so short that it is read at once
	awaited  bool   // the client waits for 100 Continue before it sends it
	text     []byte // a short body, once it was read
}

// shortBody is how many bytes a body may have to go out with its head.
const shortBody = 16 << 10

// begin finds out what body the request has.
func (b *requestBody) begin(x *exchange) {
	framing := x.conn.inlet.framing
	b.exchange, b.left, b.whole, b.short, b.awaited = x, 0, true, false, false
	if x.head.fault == nil && (framing.Chunked || framing.Length > 0) {
		b.left, b.whole, b.short = framing.Length, false, 0 < framing.Length && framing.Length <= shortBody
		b.awaited = x.head.has(wire.Expect) && !x.head.http10
	}
}

// unread reports whether a part of the body may still be on its way.
func (b *requestBody) unread() bool { return !b.whole }

// Read reads the body. Whatever ends it early is a refusal, never io.EOF.
func (b *requestBody) Read(p []byte) (int, error) {
	if b.whole {
		return 0, io.EOF
	}
	n, err := b.exchange.conn.readBody(p)
	if b.left >= 0 {
		b.left -= int64(n)
	}
	switch {
	case err == nil && b.left != 0:
		return n, nil
	case err == nil || err == io.EOF: //nolint:errorlint // readBody gives it as it is
		b.whole = true
		return n, io.EOF
	}
	return n, b.incomplete(err)
}

// Interrupt is as in [upstream.Interrupter].
func (b *requestBody) Interrupt() { b.exchange.conn.interrupt() }

// trailer gives the fields behind a chunked body that may travel on.
func (b *requestBody) trailer() wire.Lines {
	var lines wire.Lines
	fields, err := wire.Scan(nil, b.exchange.conn.inlet.chunks.Trailer, maxTrailers)
	if err == nil {
		addTrailer(&lines, fields)
	}
	return lines
}

// incomplete is the refusal of a body that ended early, or is no body. That it
// ended by a time limit, fasthttp does not always tell.
func (b *requestBody) incomplete(err error) *functions.Refusal {
	if c := b.exchange.conn; c.late.Load() || c.hurried.Load() {
		return &functions.Refusal{Code: functions.RequestTimeout, Detail: "the body of the request did not come in time", Cause: err}
	}
	// The parser's error may quote the body, and is not kept.
	return functions.Refuse(functions.MalformedRequest, "the body of the request is incomplete or not well formed")
}

// readShort reads a short body.
func (b *requestBody) readShort() ([]byte, error) {
	text, err := b.appendTo(b.text[:0], shortBody)
	b.text = text
	return text, err
}

// appendTo appends the whole body, of at most limit bytes, to dst.
func (b *requestBody) appendTo(dst []byte, limit int64) ([]byte, error) {
	for {
		if len(dst) == cap(dst) {
			dst = append(dst, 0)[:len(dst)]
		}
		n, err := b.Read(dst[len(dst):cap(dst)])
		dst = dst[:len(dst)+n]
		switch {
		case int64(len(dst)) > limit:
			return dst, tooLarge(limit)
		case err == io.EOF: //nolint:errorlint // Read gives it as it is
			return dst, nil
		case err != nil:
			return dst, err
		}
	}
}

// readAll reads a call's whole body.
func (x *exchange) readAll() ([]byte, error) {
	limit := x.rt.limits.CallBytes
	if x.body.left > limit {
		return nil, tooLarge(limit)
	}
	text, err := x.body.appendTo(x.body.text[:0], limit)
	x.body.text = text
	return text, err
}

func tooLarge(limit int64) error {
	return functions.Refuse(functions.BodyTooLarge, fmt.Sprintf("the arguments of a call are longer than %d bytes", limit))
}
