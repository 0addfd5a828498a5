package proxy

import (
	"errors"
	"fmt"
	"io"

	"github.com/egret-proxy/egret/functions"
)

// errCut is the error of a body that ended before its end.
var errCut = errors.New("the client ended its request early")

// A bodyReader reads a request's body and notices when it was cut off: by its
// length, or, when it is chunked, by the end of the connection.
type bodyReader struct {
	stream io.Reader
	conn   *conn // nil when the connection is not ours to watch
	left   int64 // bytes that are still to come, -1 when it is chunked
}

func (x *exchange) body() *bodyReader {
	r := &bodyReader{stream: x.ctx.RequestBodyStream(), left: int64(x.ctx.Request.Header.ContentLength())}
	r.conn, _ = x.ctx.Conn().(*conn)
	return r
}

// Read reads the body. A cut one ends with errCut, never with io.EOF.
func (r *bodyReader) Read(p []byte) (int, error) {
	if r.stream == nil {
		return 0, io.EOF
	}
	n, err := r.stream.Read(p)
	if r.left >= 0 {
		r.left -= int64(n)
	}
	if errors.Is(err, io.EOF) {
		cut := r.left > 0 || r.left < 0 && r.conn != nil && r.conn.ended.Load()
		if cut {
			return n, errCut
		}
	}
	return n, err
}

// readAll reads a call's whole body, up to maxCallRequest bytes.
func (x *exchange) readAll() ([]byte, error) {
	if length := x.ctx.Request.Header.ContentLength(); length > maxCallRequest {
		return nil, tooLarge()
	}
	if !x.ctx.Request.IsBodyStream() {
		return append([]byte(nil), x.ctx.Request.Body()...), nil
	}
	body, err := io.ReadAll(io.LimitReader(x.body(), maxCallRequest+1))
	switch {
	case err != nil:
		x.ctx.SetConnectionClose()
		return nil, &functions.Refusal{Code: functions.MalformedRequest, Detail: "the body could not be read to its end", Cause: err}
	case len(body) > maxCallRequest:
		return nil, tooLarge()
	}
	return body, nil
}

func tooLarge() error {
	return functions.Refuse(functions.BodyTooLarge, fmt.Sprintf("the arguments of a call are longer than %d bytes", maxCallRequest))
}
