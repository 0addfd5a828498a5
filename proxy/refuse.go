package proxy

import (
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/egret-proxy/egret/functions"
)

// refuse answers with a problem. A request whose body was not read to its end
// takes the connection with it: what is left must not be read as a request.
func (x *exchange) refuse(r *functions.Refusal) {
	response := &x.ctx.Response
	response.Reset()
	status := statusOf(r, x.way)
	if r.Code == functions.Unauthenticated {
		name, values := challenges(x.way)
		for _, value := range values {
			response.Header.Add(name, value)
		}
	}
	if x.allow != "" {
		response.Header.Set("Allow", x.allow)
	}
	response.SetStatusCode(status)
	response.Header.SetContentType("application/problem+json")
	response.Header.Set("Proxy-Status", proxyStatus(r))
	response.SetBodyRaw(problemBody(r, status))
	if x.hangUp || x.ctx.Request.IsBodyStream() && !x.complete {
		x.ctx.SetConnectionClose()
		if c := x.conn(); c != nil {
			c.unread.Store(true)
		}
	}
	x.logRefusal(r, status)
	x.done(status, string(r.Code))
}

// logRefusal tells the operator what the caller was told, and the cause, which
// the caller was not told.
func (x *exchange) logRefusal(r *functions.Refusal, status int) {
	attributes := []any{"way", string(x.way), "code", string(r.Code), "status", status}
	if r.Errors == nil { // else the detail may quote an argument
		attributes = append(attributes, "detail", r.Detail)
	}
	if x.client != nil {
		attributes = append(attributes, "client", x.client.Name)
	}
	if r.Cause != nil {
		attributes = append(attributes, "cause", r.Cause.Error())
	}
	x.rt.server.log.Info("refused", attributes...)
}

// handleError answers what fasthttp's parser refused. Its own words may quote
// the request, and are not passed on.
func (s *Server) handleError(ctx *fasthttp.RequestCtx, err error) {
	refusal := malformed("the request is not HTTP/1.1 as RFC 9112 describes it")
	var small *fasthttp.ErrSmallBuffer
	var timeout net.Error
	switch {
	case errors.As(err, &small):
		refusal = functions.Refuse(functions.HeadersTooLarge, fmt.Sprintf("the head of the request is longer than %d bytes", maxHead))
	case errors.As(err, &timeout) && timeout.Timeout():
		refusal = functions.Refuse(functions.RequestTimeout, "the request did not come in time")
	}
	x := &exchange{ctx: ctx, rt: s.hold(), head: &head{}, way: other, hangUp: true, start: time.Now()}
	defer x.rt.release()
	x.refuse(refusal)
}
