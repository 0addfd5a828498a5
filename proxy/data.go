package proxy

import (
	"context"
	"errors"
	"fmt"
	"net"
	"runtime/debug"
	"strings"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/functions"
)

// Limits of the data plane.
const (
	maxHead        = 16 << 10 // bytes of a request's head
	prefetchBody   = 8 << 10  // bytes of a body that are read before the handler runs
	headTimeout    = 10 * time.Second
	bodyTimeout    = time.Hour
	idleTimeout    = 75 * time.Second
	maxCallRequest = 10 << 20 // bytes of a call's arguments
)

// newDataServer makes the server of the data plane. fasthttp adds nothing of
// its own to an answer, changes no name of a field, and does not read bodies
// ahead: what it hands over is what came.
func (s *Server) newDataServer() *fasthttp.Server {
	return &fasthttp.Server{
		Handler:                       s.handle,
		ErrorHandler:                  s.handleError,
		HeaderReceived:                func(*fasthttp.RequestHeader) fasthttp.RequestConfig { return fasthttp.RequestConfig{ReadTimeout: bodyTimeout} },
		ReadBufferSize:                maxHead,
		ReadTimeout:                   headTimeout,
		IdleTimeout:                   idleTimeout,
		StreamRequestBody:             true,
		MaxRequestBodySize:            prefetchBody,
		DisablePreParseMultipartForm:  true,
		DisableHeaderNamesNormalizing: true,
		NoDefaultServerHeader:         true,
		NoDefaultDate:                 true,
		NoDefaultContentType:          true,
		SecureErrorLogMessage:         true,
		CloseOnShutdown:               true,
		Logger:                        fasthttpLog{s.log},
	}
}

// An exchange is one request on the data plane.
type exchange struct {
	ctx    *fasthttp.RequestCtx
	rt     *runtime
	head   *head
	way    way
	client *configs.Client
	allow  string // the methods there are, when this one is not
	start  time.Time
}

// context ends when the server gives up what is still in flight. fasthttp's own
// ends already when the server begins to drain.
func (x *exchange) context() context.Context { return x.rt.server.base }

// handle is the outermost handler. No panic passes it: one request must not end
// the others.
func (s *Server) handle(ctx *fasthttp.RequestCtx) {
	x := &exchange{ctx: ctx, rt: s.hold(), head: readHead(ctx), way: other, start: time.Now()}
	defer x.rt.release()
	defer func() {
		if p := recover(); p != nil {
			s.log.Error("panic", "way", string(x.way), "panic", fmt.Sprintf("%T", p), "stack", string(debug.Stack()))
			x.refuse(functions.Refuse(functions.Internal, "egret could not handle the request"))
		}
		if x.ctx.Response.Header.Peek("Date") == nil {
			x.ctx.Response.Header.Set("Date", time.Now().UTC().Format(time.RFC1123[:len(time.RFC1123)-3]+"GMT"))
		}
	}()
	if err := x.serve(); err != nil {
		x.refuse(asRefusal(err))
		return
	}
	x.done(ctx.Response.StatusCode(), "")
}

// serve answers the request, or says why not.
func (x *exchange) serve() error {
	absolute := strings.Contains(x.head.target, "://") && x.head.target[0] != '/'
	if absolute || x.head.method == fasthttp.MethodConnect {
		x.way = forward
	}
	if err := gate(x.head, x.ctx.Request.Header.RawHeaders()); err != nil {
		x.ctx.SetConnectionClose()
		return err
	}
	if x.rt.server.draining.Load() {
		x.ctx.SetConnectionClose()
		return functions.Refuse(functions.Draining, "egret is being stopped")
	}
	switch {
	case x.head.method == fasthttp.MethodConnect:
		return x.serveConnect()
	case absolute:
		return x.serveForward()
	default:
		return x.serveAPI()
	}
}

// serveConnect refuses tunnels, which are not supported yet, to those who could
// ask for them.
func (x *exchange) serveConnect() error {
	if _, err := x.rt.clients.proxy(x.head.values("Proxy-Authorization")); err != nil {
		return err
	}
	return functions.Refuse(functions.NotImplemented, "CONNECT is not supported yet")
}

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
	if x.ctx.Request.IsBodyStream() || x.head.method == fasthttp.MethodConnect {
		x.ctx.SetConnectionClose()
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

// done counts the request.
func (x *exchange) done(status int, code string) {
	x.rt.server.metrics.request(x.way, status, code, time.Since(x.start))
}

// handleError answers what fasthttp's parser refused. Its own words may quote
// the request, and are not passed on.
func (s *Server) handleError(ctx *fasthttp.RequestCtx, err error) {
	refusal := functions.Refuse(functions.MalformedRequest, "the request is not HTTP/1.1 as RFC 9112 describes it")
	var small *fasthttp.ErrSmallBuffer
	var timeout net.Error
	switch {
	case errors.As(err, &small):
		refusal = functions.Refuse(functions.HeadersTooLarge, fmt.Sprintf("the head of the request is longer than %d bytes", maxHead))
	case errors.As(err, &timeout) && timeout.Timeout():
		refusal = functions.Refuse(functions.RequestTimeout, "the request did not come in time")
	}
	x := &exchange{ctx: ctx, rt: s.hold(), head: &head{}, way: other, start: time.Now()}
	defer x.rt.release()
	x.refuse(refusal)
	ctx.SetConnectionClose()
}
