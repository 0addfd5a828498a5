package upstream

import (
	"container/list"
	"context"
	"net"
	"sync/atomic"
	"time"

	"github.com/valyala/fasthttp"
)

const (
	// maxHeader is the most bytes of an answer's header, and the size of the
	// buffer that it is read into.
	maxHeader = 64 << 10
	// maxConnDuration is how long a connection is used, so that a change of
	// DNS is seen.
	maxConnDuration = 10 * time.Minute
)

// A lane is one connection and the fasthttp client that speaks on it. A client
// of many connections would not say which of them it takes for a request, and
// then neither could a dead one be sorted out before the request is written,
// nor the right one be closed when a caller goes away.
//
// A lane belongs to one exchange at a time, or to the pool.
type lane struct {
	where   place
	options *Options
	client  fasthttp.HostClient
	conn    atomic.Pointer[conn]

	// Of the exchange that has the lane:
	ctx           context.Context
	target        string
	headerTimeout time.Duration

	// Of the pool:
	element *list.Element
	expiry  *time.Timer
	since   time.Time
}

func newLane(where place, options *Options) *lane {
	l := &lane{where: where, options: options}
	l.client = fasthttp.HostClient{
		Addr:                          where.address(),
		MaxConns:                      1,
		Transport:                     l,
		DialTimeout:                   l.dial,
		MaxIdemponentCallAttempts:     1,
		RetryIfErr:                    never,
		NoDefaultUserAgentHeader:      true,
		DisableHeaderNamesNormalizing: true,
		DisablePathNormalizing:        true,
		SecureErrorLogMessage:         true,
		StreamResponseBody:            true,
		ReadBufferSize:                maxHeader,
		MaxIdleConnDuration:           options.IdleTimeout,
		MaxConnDuration:               maxConnDuration,
	}
	return l
}

func never(*fasthttp.Request, int, error) (resetTimeout, retry bool) { return false, false }

// RoundTrip is as in [fasthttp.RoundTripper]. It puts the target into the
// request at the last moment: set earlier, fasthttp would parse it, and write
// what it understood.
func (l *lane) RoundTrip(client *fasthttp.HostClient, req *fasthttp.Request, resp *fasthttp.Response) (bool, error) {
	req.SetRequestURI(l.target)
	return fasthttp.DefaultTransport.RoundTrip(client, req, resp)
}

// begin makes the lane ready for an exchange.
func (l *lane) begin(ctx context.Context, target string, headerTimeout time.Duration) {
	l.ctx, l.target, l.headerTimeout = ctx, target, headerTimeout
	if c := l.conn.Load(); c != nil {
		c.begin(headerTimeout)
	}
}

// dial is the client's way to connect. It has no use for the time-out, because
// the context of the exchange rules.
func (l *lane) dial(string, time.Duration) (net.Conn, error) {
	raw, err := l.options.Dialer.DialContext(l.ctx, "tcp", l.where.address(), l.where.grant)
	if err != nil {
		return nil, err
	}
	c := &conn{Conn: raw, raw: raw, stall: l.options.StallTimeout}
	if l.where.grant.TLS {
		if c.Conn, err = handshake(l.ctx, raw, l.where.host, l.options); err != nil {
			_ = raw.Close()
			return nil, err
		}
	}
	c.begin(l.headerTimeout)
	l.conn.Store(c)
	// Whoever ended the context before conn was stored found nothing to close.
	if err := l.ctx.Err(); err != nil {
		_ = c.Close()
		return nil, err
	}
	return c, nil
}

// abort ends the exchange that has the lane, from any goroutine.
func (l *lane) abort() {
	if c := l.conn.Load(); c != nil {
		c.abort()
	}
}

// reusable reports whether the last exchange left the connection fit for
// another one.
func (l *lane) reusable() bool {
	c := l.conn.Load()
	return c != nil && c.reusable() && l.client.IdleConnsCount() == 1
}

// alive reports whether the upstream has kept the connection open, and silent,
// while it was idle.
func (l *lane) alive() bool {
	return l.reusable() && silent(l.conn.Load().raw)
}

func (l *lane) close() {
	l.abort()
	l.client.CloseIdleConnections()
}
