package main

import (
	"crypto/tls"
	"io"
	"net"

	"github.com/valyala/fasthttp"
)

// passBlindly is the least that a tunnel takes. Where the system can move bytes
// from one socket to another by itself, Go lets it.
func passBlindly(ctx *fasthttp.RequestCtx) {
	up, err := net.Dial("tcp", string(ctx.Host()))
	if err != nil {
		ctx.Error("the upstream does not listen", fasthttp.StatusBadGateway)
		return
	}
	ctx.Hijack(func(down net.Conn) {
		if owner, ok := down.(interface{ UnsafeConn() net.Conn }); ok {
			down = owner.UnsafeConn() // which has nothing unread: the load waits for the answer
		}
		returned := make(chan struct{})
		go func() {
			defer close(returned)
			passOn(down, up)
		}()
		passOn(up, down)
		<-returned
		_ = up.Close()
	})
}

// passOn copies what one side says to the other, and that it has ended.
func passOn(to, from net.Conn) {
	_, _ = io.Copy(to, from)
	if half, ok := to.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite()
	}
}

// decrypt is the least that interception takes: TLS inside the tunnel, with a
// certificate that is there already, and requests in it.
func decrypt(show *tls.Config, forward fasthttp.RequestHandler) fasthttp.RequestHandler {
	inside := &fasthttp.Server{Handler: forward}
	return func(ctx *fasthttp.RequestCtx) {
		ctx.Hijack(func(down net.Conn) { _ = inside.ServeConn(tls.Server(down, show)) })
	}
}
