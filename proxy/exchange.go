package proxy

import (
	"bytes"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/functions"
	"github.com/egret-proxy/egret/proxy/upstream"
	"github.com/egret-proxy/egret/proxy/wire"
)

// An exchange is one request on the data plane. Exchanges are used again, with
// what they have allocated.
type exchange struct {
	ctx    *fasthttp.RequestCtx
	server *Server
	rt     *runtime
	conn   *conn
	head   head
	way    way
	client *configs.Client
	room   room
	allow  string  // the methods there are, when this one is not
	keys   *keySet // that was asked for
	body   requestBody
	start  time.Time
	hangUp bool // the connection ends with the answer
	told   bool // the head of the answer is on its way
	mute   bool // it is, and nothing more can be said in a tunnel
	left   bool // the runtime is not held any more
	status int  // of the answer

	forward forwarding
	scrub   scrubbing
	raw     functions.Answer // of a call that asks for it
	note    note
	request upstream.Request
	answer  upstream.Answer
	out     []byte // what is written to the client
	scratch []byte // a body that is read whole
	// Bound once.
	passInterim func(code int, fields []wire.Field)
	mayName     func(cache *configs.Cache) bool
}

var exchanges = sync.Pool{New: func() any {
	x := &exchange{}
	x.passInterim = x.interim
	x.mayName = func(cache *configs.Cache) bool { return mayName(x.client, cache) }
	return x
}}

// begin takes up a request.
func (s *Server) begin(ctx *fasthttp.RequestCtx) *exchange {
	x := exchanges.Get().(*exchange)
	x.ctx, x.server, x.rt, x.conn = ctx, s, s.hold(), connOf(ctx)
	x.way, x.client, x.allow, x.start = other, nil, "", time.Now()
	x.told, x.mute, x.left, x.status = false, false, false, 0
	if x.conn.tunnel != nil {
		x.way = intercept
	}
	x.beginNote()
	x.conn.stage.Store(int32(inBody))
	x.conn.life.begin()
	_ = x.conn.flush() // an earlier answer must not wait; an error shows with the next write
	x.note.sent = x.conn.sent.Load()
	x.hangUp = ctx.Request.Header.ConnectionClose()
	x.head.read(&ctx.Request.Header, &x.conn.inlet)
	x.hangUp = x.hangUp || x.head.http10 // RFC 9112 section 9.3
	x.body.begin(x)
	return x
}

// end gives the exchange back. Nothing of the request stays in it.
func (x *exchange) end() {
	x.answer.Close()
	x.room.leave()
	x.conn.waiting.end()
	if x.body.unread() {
		// What is left must not be read as a request.
		x.hangUp = true
		x.conn.unread.Store(true)
	}
	x.endNote()
	if x.hangUp || x.conn.hurried.Load() || x.conn.life.Err() != nil {
		x.ctx.SetConnectionClose()
	} else {
		x.conn.stage.Store(int32(answered))
	}
	x.leaveRuntime()
	x.request.Header.Reset()
	header, out, scratch := x.request.Header, forget(x.out), forget(x.scratch)
	x.head = head{}
	x.forward.reset()
	x.scrub = scrubbing{}
	x.ctx, x.server, x.rt, x.conn, x.client, x.keys = nil, nil, nil, nil, nil, nil
	x.request = upstream.Request{Header: header, Target: x.request.Target[:0]}
	x.body = requestBody{text: forget(x.body.text)}
	x.out, x.scratch = out, scratch
	x.raw = functions.Answer{Header: forget(x.raw.Header), Body: forget(x.raw.Body)}
	exchanges.Put(x)
}

// maxKept is the size beyond which a buffer is not kept for another request.
const maxKept = 128 << 10

// forget empties a buffer, which may hold what concerns nobody else.
func forget(buffer []byte) []byte {
	if cap(buffer) > maxKept {
		return nil
	}
	clear(buffer)
	return buffer[:0]
}

// handle is the outermost handler. No panic passes it: one request must not end
// the others.
func (s *Server) handle(ctx *fasthttp.RequestCtx) {
	x := s.begin(ctx)
	defer x.end()
	defer x.recover()
	if s.inFlight.Add(1) > int64(x.rt.limits.Concurrency) {
		defer s.inFlight.Add(-1)
		x.refuse(functions.Refuse(functions.TooManyRequests, "there are too many requests in flight"))
		return
	}
	defer s.inFlight.Add(-1)
	if err := x.serve(); err != nil {
		x.refuse(asRefusal(err))
		return
	}
	x.done("")
}

// recover makes a panic an answer, if it is not too late for one.
func (x *exchange) recover() {
	p := recover()
	if p == nil {
		return
	}
	x.logPanic(p)
	x.refuse(functions.Refuse(functions.Internal, "egret could not handle the request"))
	x.hangUp = true
}

// logPanic logs the type of what was panicked with, and not the value: that may
// hold what nobody should read.
func (x *exchange) logPanic(p any) {
	x.server.log.Error("panic", "way", string(x.way), "panic", fmt.Sprintf("%T", p), "stack", string(debug.Stack()))
}

var continueLine = []byte("HTTP/1.1 100 Continue\r\n\r\n")

// serve answers the request, or says why not.
func (x *exchange) serve() error {
	if err := x.check(); err != nil {
		return err
	}
	if x.body.awaited {
		// Only who may send the body is asked for it: RFC 9110 section 10.1.1.
		if err := x.conn.send(continueLine); err != nil {
			return errGone
		}
	}
	switch x.way {
	case forward, intercept, gateway:
		return x.serveForward()
	case keys:
		x.serveKeys()
		return nil
	case tunnel:
		return x.serveConnect()
	case call, list, other:
	}
	return x.serveAPI()
}

// check makes every check that needs neither the body nor a value.
func (x *exchange) check() error {
	if x.way == other && x.isForward() {
		x.way = forward
	}
	if err := gate(&x.head); err != nil {
		x.hangUp = true // where such a request ends is anyone's guess
		return err
	}
	x.note.gated = true
	x.beginUpgrade()
	if x.server.draining.Load() {
		x.hangUp = true
		return errStopped
	}
	if x.conn.connects && x.conn.tunnel == nil && x.head.method != fasthttp.MethodConnect {
		x.hangUp, x.told, x.mute = true, true, true // it gets no answer either
		return malformed("what follows a CONNECT that was refused is not taken for a request")
	}
	switch {
	case x.way == intercept:
		return x.checkIntercepted()
	case x.head.method == fasthttp.MethodConnect:
		return x.checkConnect()
	case x.way == forward:
		return x.checkForward()
	default:
		return x.checkAPI()
	}
}

// isForward reports whether a request is one for a proxy.
func (x *exchange) isForward() bool {
	target := x.head.target
	return x.head.method == fasthttp.MethodConnect || len(target) > 0 && target[0] != '/' && bytes.Contains(target, []byte("://"))
}

// done counts the request.
func (x *exchange) done(code functions.Code) {
	x.note.until = time.Now()
	x.server.metrics.request(x.way, x.status, code, x.note.until.Sub(x.start))
}
