package main

import (
	"context"
	"io"
	"runtime"

	"github.com/valyala/fasthttp"
)

// floorHandler is the least that a forward proxy on fasthttp does, and all that
// the floor does: no check, no swap, no scrub, no log, no metric. It is unsafe:
// it resends requests and passes hop-by-hop fields on. Nothing of the kind can
// be cheaper; what egret costs above it is what egret adds.
//
// The stock client reads an answer whole before it is passed on. With stream it
// passes it on as it comes, which costs more for small answers, and memory for
// big ones does not grow with them.
func floorHandler(stream bool) fasthttp.RequestHandler {
	client := &fasthttp.Client{StreamResponseBody: stream}
	return func(ctx *fasthttp.RequestCtx) {
		if err := client.Do(&ctx.Request, &ctx.Response); err != nil {
			ctx.Error("the upstream did not answer", fasthttp.StatusBadGateway)
		}
	}
}

// A floorHello is the first thing that the floor says: where it listens.
type floorHello struct{ Address string }

// serveFloor is the floor's process. Asked, it tells how many objects it has
// allocated.
func serveFloor(ctx context.Context, in io.Reader, out io.Writer, stream bool) error {
	address, err := serveOnLoopback(&fasthttp.Server{Handler: floorHandler(stream)})
	if err != nil {
		return err
	}
	c := newConversation(in, out)
	if err := c.say(floorHello{Address: address}); err != nil {
		return err
	}
	return c.answer(ctx, func() any {
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		return stats.Mallocs
	})
}
