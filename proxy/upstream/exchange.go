package upstream

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math"

	"github.com/valyala/fasthttp"

	"github.com/egret-proxy/egret/functions"
)

// An exchange is one request and its answer, on a lane that it has to itself
// until it is finished.
type exchange struct {
	lane    *lane
	pool    *pool
	message *fasthttp.Response
	ctx     context.Context
	stop    func() bool // ends the watch on ctx
}

// run performs req. When it gives an error, or an answer whose body was read
// whole, the exchange is finished; otherwise closing the body finishes it.
func (x *exchange) run(ctx context.Context, req *Request) (*Answer, error) {
	x.ctx = ctx
	x.lane.begin(ctx, req.Target, positive(req.HeaderTimeout, x.lane.options.HeaderTimeout))
	x.stop = context.AfterFunc(ctx, x.lane.abort)
	x.message = fasthttp.AcquireResponse()
	x.message.Header.SetNoDefaultContentType(true)
	answer, err := x.send(req)
	if err == nil {
		err = x.receive(req, answer)
	}
	if err != nil {
		x.lane.abort()
		x.finish()
		return nil, err
	}
	return answer, nil
}

// send writes the request and reads the header of the answer.
func (x *exchange) send(req *Request) (*Answer, error) {
	message := fasthttp.AcquireRequest()
	defer fasthttp.ReleaseRequest(message)
	up := newUpload(req)
	fill(message, req, up)
	err := x.lane.client.Do(message, x.message)
	if failed := up.failed(); err != nil && failed != nil {
		return nil, failed
	}
	if err != nil {
		return nil, unanswered(x.ctx, x.lane.conn.Load(), err)
	}
	x.lane.conn.Load().inBody = true
	return read(x.message)
}

// receive gives the answer its body.
func (x *exchange) receive(req *Request, answer *Answer) error {
	stream := x.message.BodyStream()
	if stream == nil { // HEAD, 204, 304
		answer.ContentLength = 0
		if req.Stream {
			answer.Body = io.NopCloser(bytes.NewReader(nil))
		}
		x.finish()
		return nil
	}
	answer.Body = &body{exchange: x, stream: stream, chunked: x.message.Header.ContentLength() == -1}
	if req.Stream {
		return nil
	}
	return x.whole(answer, req.MaxBody)
}

// whole reads the body into the answer, and finishes the exchange.
func (x *exchange) whole(answer *Answer, limit int64) error {
	if limit <= 0 {
		limit = DefaultMaxBody
	}
	if answer.ContentLength > limit {
		return tooLarge()
	}
	var buffer bytes.Buffer
	if answer.ContentLength > 0 {
		// ReadFrom wants some room to see the end.
		buffer.Grow(int(min(answer.ContentLength, 1<<20)) + bytes.MinRead)
	}
	limit = min(limit, math.MaxInt64-1)
	n, err := buffer.ReadFrom(io.LimitReader(answer.Body, limit+1))
	if err != nil {
		return err
	}
	if n > limit {
		return tooLarge()
	}
	answer.Bytes, answer.Body, answer.ContentLength = buffer.Bytes(), nil, n
	x.finish()
	return nil
}

func tooLarge() error {
	return &functions.Refusal{Code: functions.UpstreamTooLarge, Detail: "the body of the answer is too large", ProxyError: "http_response_body_size"}
}

// finish gives the lane back.
func (x *exchange) finish() {
	// A watch that has already begun may close the connection at any moment.
	if !x.stop() {
		x.lane.abort()
	}
	_ = x.message.CloseBodyStream()
	fasthttp.ReleaseResponse(x.message)
	x.lane.ctx = nil
	x.pool.put(x.lane)
}

// errClosed is what reading a closed body gives.
var errClosed = errors.New("the body of the answer is closed")
