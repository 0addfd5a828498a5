package proxy

import (
	"errors"
	"fmt"
	"io"
	"net"

	"github.com/egret-proxy/egret/functions"
)

// A bodyReader reads a request's body and notices when it was cut off: by its
// length, or, when it is chunked, by the end of the connection.
type bodyReader struct {
	stream io.Reader
	conn   *conn // nil when the connection is not ours to watch
	left   int64 // bytes that are still to come, -1 when it is chunked
}

func (x *exchange) body() *bodyReader {
	return &bodyReader{stream: x.ctx.RequestBodyStream(), conn: x.conn(), left: int64(x.ctx.Request.Header.ContentLength())}
}

// Read reads the body. Whatever ends it early is a refusal, never io.EOF.
func (r *bodyReader) Read(p []byte) (int, error) {
	if r.stream == nil {
		return 0, io.EOF
	}
	n, err := r.stream.Read(p)
	if r.left >= 0 {
		r.left -= int64(n)
	}
	switch {
	case err == nil:
		return n, nil
	case errors.Is(err, io.EOF) && !r.cut():
		return n, io.EOF
	}
	return n, incomplete(err)
}

// cut reports whether the end of the stream is not the end of the body.
func (r *bodyReader) cut() bool {
	return r.left > 0 || r.left < 0 && r.conn != nil && r.conn.ended.Load()
}

// incomplete is the refusal of a body that ended early, or is no body.
func incomplete(err error) *functions.Refusal {
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		return &functions.Refusal{Code: functions.RequestTimeout, Detail: "the body of the request did not come in time", Cause: err}
	}
	// The parser's error may quote the body, and is not kept.
	return functions.Refuse(functions.MalformedRequest, "the body of the request is incomplete or not well formed")
}

// readAll reads a call's whole body, up to maxCallRequest bytes.
func (x *exchange) readAll() ([]byte, error) {
	if length := x.ctx.Request.Header.ContentLength(); length > maxCallRequest {
		return nil, tooLarge()
	}
	body, err := io.ReadAll(io.LimitReader(x.body(), maxCallRequest+1))
	switch {
	case err != nil:
		return nil, err
	case len(body) > maxCallRequest:
		return nil, tooLarge()
	}
	x.complete = true
	return body, nil
}

func tooLarge() error {
	return functions.Refuse(functions.BodyTooLarge, fmt.Sprintf("the arguments of a call are longer than %d bytes", maxCallRequest))
}
