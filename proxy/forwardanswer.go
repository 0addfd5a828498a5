package proxy

import (
	"io"
	"strconv"

	"github.com/valyala/fasthttp"

	"github.com/egret-proxy/egret/functions"
	"github.com/egret-proxy/egret/proxy/scrub"
	"github.com/egret-proxy/egret/proxy/upstream"
	"github.com/egret-proxy/egret/templates"
)

// bufferAnswer is how many bytes an answer may have to be scrubbed in one
// piece, so that it keeps a Content-Length.
const bufferAnswer = 64 << 10

// forwardAnswer passes an answer on, scrubbed.
func (x *exchange) forwardAnswer(answer *upstream.Answer, s *scrubbing) error {
	if s != nil && answer.ContentLength != 0 && isCoded(answer.Header) {
		_ = answer.Body.Close()
		return coded()
	}
	fields := s.fields(without(validFields(answer.Header), "Content-Length"))
	fields = append(fields, templates.Field{Name: "Via", Value: "1.1 " + x.rt.server.via})
	if x.wantsWhole(answer, s) {
		return x.forwardWhole(answer, fields, s)
	}
	beginAnswer(&x.ctx.Response.Header, answer.Status, fields)
	switch {
	case x.head.method == fasthttp.MethodHead:
		_ = answer.Body.Close()
		x.forwardLength(answer.Header, s)
	case answer.ContentLength == 0:
		_ = answer.Body.Close()
	default:
		x.stream(answer, s)
	}
	return nil
}

// wantsWhole reports whether a body has to be read to its end first. One that
// is short keeps a length through the scrubbing. A client of HTTP/1.0 knows no
// chunks, and could not tell the end of the connection from the end of the body.
func (x *exchange) wantsWhole(answer *upstream.Answer, s *scrubbing) bool {
	if x.head.method == fasthttp.MethodHead || answer.ContentLength == 0 {
		return false
	}
	short := 0 < answer.ContentLength && answer.ContentLength <= bufferAnswer
	return s != nil && short || x.head.proto == "HTTP/1.0" && (s != nil || answer.ContentLength < 0)
}

func (x *exchange) forwardWhole(answer *upstream.Answer, fields []templates.Field, s *scrubbing) error {
	text, err := io.ReadAll(io.LimitReader(answer.Body, upstream.DefaultMaxBody+1))
	_ = answer.Body.Close()
	switch {
	case err != nil:
		return err
	case len(text) > upstream.DefaultMaxBody:
		return functions.Refuse(functions.UpstreamTooLarge, "the answer is too long for a client of HTTP/1.0")
	}
	beginAnswer(&x.ctx.Response.Header, answer.Status, fields)
	x.ctx.Response.SetBodyRaw(s.current().Bytes(nil, text))
	return nil
}

// forwardLength gives the answer to a HEAD request the length that a GET would
// have, unless scrubbing could change it.
func (x *exchange) forwardLength(fields []templates.Field, s *scrubbing) {
	x.ctx.Response.SkipBody = true
	if length, err := strconv.Atoi(valueOf(fields, "Content-Length")); err == nil && s == nil {
		x.ctx.Response.Header.SetContentLength(length)
	}
}

// stream passes the body on as it comes. One that breaks off breaks off for the
// client too: fasthttp ends the connection before the body's end.
func (x *exchange) stream(answer *upstream.Answer, s *scrubbing) {
	length := int(answer.ContentLength)
	if s != nil {
		length = -1
	}
	// Who waits for events learns at once that the stream is open.
	x.ctx.Response.ImmediateHeaderFlush = length < 0
	var body io.Reader = answer.Body
	if s != nil {
		body = scrub.Reader(body, s.current)
	}
	x.ctx.SetBodyStream(readCloser{Reader: body, Closer: answer.Body}, length)
}

// readCloser reads a scrubbed body and closes the one below it.
type readCloser struct {
	io.Reader
	io.Closer
}
