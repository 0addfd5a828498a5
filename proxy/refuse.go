package proxy

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/egret-proxy/egret/functions"
)

// refuse answers with a problem, unless an answer has begun: then the
// connection breaks off, which nobody takes for the end.
func (x *exchange) refuse(r *functions.Refusal) {
	x.answer.Close() // nobody else reads the body from here on
	gone := errors.Is(x.conn.life.Err(), errGone)
	if x.body.unread() || x.conn.hurried.Load() || gone {
		x.hangUp = true
	}
	if x.hangUp {
		x.conn.unread.Store(true) // what comes meanwhile must not reset the connection
	}
	x.note.refusal, x.note.gone, x.note.begun = r, gone, x.told && !x.mute
	x.logRefusal(r, gone)
	x.server.metrics.limit(r)
	if x.told || gone {
		x.hangUp = true
		x.done(r.Code)
		return
	}
	x.status = statusOf(r, x.way)
	x.out = appendRefusal(x.out[:0], r, x.way, refusalOptions{allow: x.allow, last: x.hangUp, bodyless: x.head.method == fasthttp.MethodHead})
	x.sendAll()
	x.done(r.Code)
}

// A refusalOptions says what else stands in a refusal.
type refusalOptions struct {
	allow    string // the methods that there are
	last     bool   // the connection ends with it
	bodyless bool   // it answers a HEAD request
}

// appendRefusal appends the whole answer of a refusal.
func appendRefusal(dst []byte, r *functions.Refusal, w way, o refusalOptions) []byte {
	status := statusOf(r, w)
	body := problemBody(r, status)
	dst = appendStatus(dst, status)
	dst = appendDate(dst, time.Now())
	dst = append(dst, "Content-Type: application/problem+json\r\nCache-Control: no-store\r\n"...)
	dst = appendField(dst, "Proxy-Status", proxyStatus(r))
	if r.Code == functions.Unauthenticated {
		name, values := challenges(w)
		for _, value := range values {
			dst = appendField(dst, name, value)
		}
	}
	if r.Code == functions.TooManyRequests || r.Code == functions.CircuitOpen {
		dst = append(dst, "Retry-After: "...)
		dst = append(strconv.AppendInt(dst, seconds(r.RetryAfter), 10), "\r\n"...)
	}
	if o.allow != "" {
		dst = appendField(dst, "Allow", o.allow)
	}
	dst = appendLength(dst, len(body))
	if o.last {
		dst = append(dst, closeLine...)
	}
	dst = append(dst, "\r\n"...)
	if o.bodyless {
		return dst
	}
	return append(dst, body...)
}

// seconds is a delay for Retry-After, RFC 9110 section 10.2.3: whole seconds, not
// too few, and one at least.
func seconds(d time.Duration) int64 {
	return max(1, int64((d+time.Second-1)/time.Second))
}

// logRefusal tells the operator what the caller was told, and the cause, which
// the caller was not told.
func (x *exchange) logRefusal(r *functions.Refusal, gone bool) {
	if to := x.forward.to; to != nil && x.server.options.Refused != nil {
		x.server.options.Refused(to.host, to.port, r)
	}
	attributes := []any{"way", string(x.way), "code", string(r.Code)}
	if !gone && !x.told {
		attributes = append(attributes, "status", statusOf(r, x.way))
	}
	if r.Errors == nil { // else the detail may quote an argument
		attributes = append(attributes, "detail", r.Detail)
	}
	if x.client != nil {
		attributes = append(attributes, "client", x.client.Name)
	}
	if r.Cause != nil {
		attributes = append(attributes, "cause", r.Cause.Error())
	}
	switch {
	case gone:
		x.server.log.Debug("client gone", attributes...)
	case x.told && !x.mute:
		x.server.log.Warn("answer broken off", attributes...)
	default:
		x.server.log.Info("refused", attributes...)
	}
}

// handleError answers what fasthttp's parser refused. Its own words may quote
// the request, and are not passed on.
func (s *Server) handleError(ctx *fasthttp.RequestCtx, err error) {
	x := s.begin(ctx)
	defer x.end()
	x.hangUp = true
	refusal := malformed("the request is not HTTP/1.1 as RFC 9112 describes it")
	var small *fasthttp.ErrSmallBuffer
	var timeout net.Error
	switch {
	case x.head.fault != nil:
		if err := gate(&x.head); err != nil {
			refusal = asRefusal(err)
		}
	case errors.As(err, &small):
		refusal = functions.Refuse(functions.HeadersTooLarge, fmt.Sprintf("the head of the request is longer than %d bytes", x.conn.limits.HeaderBytes))
	case s.base.Err() != nil:
		refusal = errStopped
	case errors.As(err, &timeout) && timeout.Timeout():
		refusal = functions.Refuse(functions.RequestTimeout, "the request did not come in time")
	}
	x.refuse(refusal)
}
