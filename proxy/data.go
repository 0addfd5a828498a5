package proxy

import (
	"context"
	"fmt"
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
		HeaderReceived:                headerReceived,
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

// headerReceived gives the body its own time.
func headerReceived(*fasthttp.RequestHeader) fasthttp.RequestConfig {
	return fasthttp.RequestConfig{ReadTimeout: bodyTimeout}
}

// An exchange is one request on the data plane.
type exchange struct {
	ctx      *fasthttp.RequestCtx
	rt       *runtime
	head     *head
	way      way
	client   *configs.Client
	allow    string // the methods there are, when this one is not
	complete bool   // the body was read to its end
	hangUp   bool   // the connection ends with the answer
	start    time.Time
}

// context ends when the server gives up what is still in flight. fasthttp's own
// ends already when the server begins to drain.
func (x *exchange) context() context.Context { return x.rt.server.base }

// conn is the client's connection, nil when it is not one of ours.
func (x *exchange) conn() *conn {
	c, _ := x.ctx.Conn().(*conn)
	return c
}

// handle is the outermost handler. No panic passes it: one request must not end
// the others.
func (s *Server) handle(ctx *fasthttp.RequestCtx) {
	x := &exchange{ctx: ctx, rt: s.hold(), head: &head{}, way: other, start: time.Now()}
	defer x.rt.release()
	defer func() {
		if p := recover(); p != nil {
			s.log.Error("panic", "way", string(x.way), "panic", fmt.Sprintf("%T", p), "stack", string(debug.Stack()))
			x.hangUp = true
			x.refuse(functions.Refuse(functions.Internal, "egret could not handle the request"))
		}
	}()
	x.head = readHead(&ctx.Request.Header)
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
	if err := gate(x.head); err != nil {
		x.hangUp = true // where such a request ends is anyone's guess
		return err
	}
	if x.rt.server.draining.Load() {
		x.hangUp = true
		return errStopped
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
	x.hangUp = true // what follows is not meant to be HTTP
	if _, err := parseTunnel(x.head.target); err != nil {
		return err
	}
	if _, err := x.rt.clients.proxy(x.head.values("Proxy-Authorization")); err != nil {
		return err
	}
	return functions.Refuse(functions.NotImplemented, "CONNECT is not supported yet")
}

// done counts the request.
func (x *exchange) done(status int, code string) {
	x.rt.server.metrics.request(x.way, status, code, time.Since(x.start))
}
