package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"os"
	"runtime"

	"github.com/valyala/fasthttp"
)

// floorSettings say which of its works a floor does.
type floorSettings struct {
	stream bool   // pass answers on as they come
	roots  string // the file with the authority of upstreams that speak TLS
	pair   string // the file with the certificate that a decrypted tunnel shows; "" leaves tunnels blind
}

// floorHandler is the least that a forward proxy on fasthttp does, and all that
// the floor does: no check, no swap, no scrub, no log, no metric. It is unsafe:
// it resends requests and passes hop-by-hop fields on. Nothing of the kind can
// be cheaper; what egret costs above it is what egret adds.
//
// The stock client reads an answer whole before it is passed on. With stream it
// passes it on as it comes, which costs more for small answers, and memory for
// big ones does not grow with them.
func floorHandler(set floorSettings) (fasthttp.RequestHandler, error) {
	trust, err := trustIn(set.roots)
	if err != nil {
		return nil, err
	}
	client := &fasthttp.Client{StreamResponseBody: set.stream, TLSConfig: trust}
	forward := func(ctx *fasthttp.RequestCtx) {
		if err := client.Do(&ctx.Request, &ctx.Response); err != nil {
			ctx.Error("the upstream did not answer", fasthttp.StatusBadGateway)
		}
	}
	tunnel := passBlindly
	if set.pair != "" {
		show, err := serverConfig(set.pair)
		if err != nil {
			return nil, err
		}
		tunnel = decrypt(show, forward)
	}
	return func(ctx *fasthttp.RequestCtx) {
		if ctx.IsConnect() {
			tunnel(ctx)
			return
		}
		forward(ctx)
	}, nil
}

// trustIn is for connections to upstreams with a certificate of the authority in
// a file; nil without one.
func trustIn(file string) (*tls.Config, error) {
	if file == "" {
		return nil, nil
	}
	text, err := os.ReadFile(file) //nolint:gosec // egretbench has written it
	if err != nil {
		return nil, err
	}
	c := sameWork()
	c.RootCAs = x509.NewCertPool()
	if !c.RootCAs.AppendCertsFromPEM(text) {
		return nil, errors.New(file + " has no certificate")
	}
	return c, nil
}

// A floorHello is the first thing that the floor says: where it listens.
type floorHello struct{ Address string }

// serveFloor is the floor's process. Asked, it tells how many objects it has
// allocated.
func serveFloor(ctx context.Context, in io.Reader, out io.Writer, set floorSettings) error {
	handler, err := floorHandler(set)
	if err != nil {
		return err
	}
	address, err := serveOnLoopback(&fasthttp.Server{Handler: handler})
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
