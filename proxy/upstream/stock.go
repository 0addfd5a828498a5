package upstream

import (
	"context"
	"crypto/x509"
	"errors"
	"time"

	"github.com/egret-proxy/egret/functions"
	"github.com/egret-proxy/egret/proxy/egress"
)

// Options are the settings of a [Stock] transport. A zero field means its
// default.
type Options struct {
	// Dialer makes the connections. There is no default.
	Dialer *egress.Dialer
	// RootCAs are the authorities that upstreams are verified with. Nil means
	// those of the system.
	RootCAs *x509.CertPool
	// TLSTimeout is for the handshake. 10 seconds.
	TLSTimeout time.Duration
	// HeaderTimeout is for the time from the end of the request to the end of
	// the answer's header. 60 seconds.
	HeaderTimeout time.Duration
	// StallTimeout is how long a body may stand still, in either direction. It
	// does not limit how long a body takes. 5 minutes.
	StallTimeout time.Duration
	// IdleTimeout is how long an unused connection is kept. 10 seconds, less
	// than most servers keep it.
	IdleTimeout time.Duration
	// MaxIdle is the most connections that are kept unused. The one that was
	// used the longest ago gives way. 256.
	MaxIdle int
}

func (o Options) withDefaults() Options {
	o.TLSTimeout = positive(o.TLSTimeout, 10*time.Second)
	o.HeaderTimeout = positive(o.HeaderTimeout, time.Minute)
	o.StallTimeout = positive(o.StallTimeout, 5*time.Minute)
	o.IdleTimeout = positive(o.IdleTimeout, 10*time.Second)
	if o.MaxIdle <= 0 {
		o.MaxIdle = 256
	}
	return o
}

func positive(d, otherwise time.Duration) time.Duration {
	if d > 0 {
		return d
	}
	return otherwise
}

// Stock is the transport on fasthttp's client. It is safe for concurrent use.
type Stock struct {
	options Options
	pool    *pool
}

var _ Transport = (*Stock)(nil)

// NewStock makes a transport. It connects to nothing.
func NewStock(options Options) (*Stock, error) {
	if options.Dialer == nil {
		return nil, errors.New("cannot make a transport: no dialer is set")
	}
	options = options.withDefaults()
	return &Stock{options: options, pool: newPool(options.MaxIdle, options.IdleTimeout)}, nil
}

// RoundTrip is as in [Transport]. A request goes out on a connection of its own
// pool that is found alive, or on a new one; it is never sent again.
func (s *Stock) RoundTrip(ctx context.Context, req *Request) (*Answer, error) {
	if err := check(req); err != nil {
		return nil, err
	}
	if r := ended(ctx); r != nil {
		return nil, r
	}
	if s.pool.isClosed() {
		return nil, functions.Refuse(functions.Draining, "the transport is closed")
	}
	where := placeOf(req)
	l := s.pool.take(where)
	if l == nil {
		l = newLane(where, &s.options)
	}
	x := &exchange{lane: l, pool: s.pool}
	answer, err := x.run(ctx, req)
	if err != nil {
		return nil, err
	}
	return answer, nil
}

// Close is as in [Transport].
func (s *Stock) Close() { s.pool.close() }
