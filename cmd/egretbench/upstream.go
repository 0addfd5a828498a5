package main

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/valyala/fasthttp"
)

// smallAnswer is what the upstream answers wherever nothing else is asked for:
// 63 bytes of JSON.
const smallAnswer = `{"id":"A-1001","state":"shipped","items":3,"carrier":"Example"}`

// The paths of the upstream's other answers.
const (
	bytesPath  = "/bytes/"  // and their number: an answer of known length
	streamPath = "/stream/" // and a number of bytes: written as they are made
)

// A credential is what kind of Authorization a request carries. The upstream
// counts each kind, and so a system shows that it does what it is measured for.
type credential string

const (
	ownCredential    credential = "own"    // the caller's, of no interest to egret
	cacheID          credential = "id"     // a cache ID that nobody swapped
	liveToken        credential = "token"  // the JWT that it stands for
	staticCredential credential = "static" // what nginx and HAProxy set
	noCredential     credential = "none"
)

// Authorization fields. The first two are of one length.
const (
	tokenID             = "11111111-2222-4333-8444-555555555555"
	ownAuthorization    = "Bearer own-credential-of-the-caller-0123456"
	idAuthorization     = "Bearer " + tokenID
	staticAuthorization = "Bearer static-credential-that-is-about-as-long-as-a-token-of-egret-is-" +
		"0123456789012345678901234567890123456789012345678901234567890123456789"
)

// credentialOf tells the kind of an Authorization field.
func credentialOf(authorization string) credential {
	switch {
	case authorization == ownAuthorization:
		return ownCredential
	case strings.HasPrefix(authorization, "Bearer eyJ"):
		return liveToken
	case authorization == staticAuthorization:
		return staticCredential
	case authorization == idAuthorization:
		return cacheID
	default:
		return noCredential
	}
}

// A seen is how many requests with each kind of credential the upstream got.
type seen map[credential]int64

// An upstreamHello is the first thing that the upstream says: where it listens.
// All but the last answer the same; a cache names two of them.
type upstreamHello struct {
	Plain  string
	Named  string
	Secure string // by TLS; "" without a certificate
	Bytes  string // for a flow
}

// serveUpstream is the upstream's process.
func serveUpstream(ctx context.Context, in io.Reader, out io.Writer, pair string) error {
	u := newUpstream()
	server := &fasthttp.Server{Handler: u.handle, NoDefaultServerHeader: true, MaxRequestsPerConn: 0}
	plain, err := serveOnLoopback(server)
	if err != nil {
		return err
	}
	named, err := serveOnLoopback(server)
	if err != nil {
		return err
	}
	hello := upstreamHello{Plain: plain, Named: named}
	if hello.Bytes, err = u.acceptFlows(); err != nil {
		return err
	}
	if pair != "" {
		if hello.Secure, err = serveTLSOnLoopback(server, pair); err != nil {
			return err
		}
	}
	c := newConversation(in, out)
	if err := c.say(hello); err != nil {
		return err
	}
	return c.answer(ctx, func() any { return u.seen() })
}

// serveOnLoopback serves on a free port until the process ends.
func serveOnLoopback(server *fasthttp.Server) (address string, err error) {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	go func() { _ = server.Serve(listener) }()
	return listener.Addr().String(), nil
}

// serveTLSOnLoopback does so by TLS.
func serveTLSOnLoopback(server *fasthttp.Server, pair string) (address string, err error) {
	config, err := serverConfig(pair)
	if err != nil {
		return "", err
	}
	listener, err := tls.Listen("tcp4", "127.0.0.1:0", config)
	if err != nil {
		return "", err
	}
	go func() { _ = server.Serve(listener) }()
	return listener.Addr().String(), nil
}

// acceptFlows serves flows on a free port until the process ends. One that is
// complete counts as a request without a credential.
func (u *upstream) acceptFlows() (address string, err error) {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go serveFlows(conn, u.chunk, u.counts[noCredential])
		}
	}()
	return listener.Addr().String(), nil
}

type upstream struct {
	counts map[credential]*atomic.Int64 // its keys do not change
	chunk  []byte
}

func newUpstream() *upstream {
	u := &upstream{counts: map[credential]*atomic.Int64{}, chunk: make([]byte, 64<<10)}
	for _, kind := range []credential{ownCredential, cacheID, liveToken, staticCredential, noCredential} {
		u.counts[kind] = new(atomic.Int64)
	}
	for i := range u.chunk {
		u.chunk[i] = "0123456789abcdef"[i%16]
	}
	return u
}

func (u *upstream) seen() seen {
	s := seen{}
	for kind, count := range u.counts {
		if n := count.Load(); n > 0 {
			s[kind] = n
		}
	}
	return s
}

func (u *upstream) handle(ctx *fasthttp.RequestCtx) {
	u.counts[credentialOf(string(ctx.Request.Header.Peek("Authorization")))].Add(1)
	path := string(ctx.Path())
	ctx.SetContentType("application/json")
	if size, found := sizeBehind(bytesPath, path); found {
		ctx.SetContentType("application/octet-stream")
		ctx.SetBody(u.chunk[:min(size, len(u.chunk))])
	} else if size, found := sizeBehind(streamPath, path); found {
		ctx.SetContentType("application/octet-stream")
		ctx.SetBodyStream(io.LimitReader(endless(u.chunk), int64(size)), size)
	} else if path == orderListPath {
		ctx.SetBodyString(orderList)
	} else {
		ctx.SetBodyString(smallAnswer)
	}
}

func sizeBehind(prefix, path string) (size int, found bool) {
	digits, found := strings.CutPrefix(path, prefix)
	if !found {
		return 0, false
	}
	size, err := strconv.Atoi(digits)
	return size, err == nil && size >= 0
}

// An endless reader gives its bytes again and again.
type endless []byte

// Read implements [io.Reader].
func (e endless) Read(p []byte) (int, error) { return copy(p, e), nil }
