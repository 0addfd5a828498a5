package upstream

import (
	"context"
	"crypto/x509"
	"errors"
	"time"

	"github.com/egret-proxy/egret/functions"
	"github.com/egret-proxy/egret/proxy/egress"
)

// Options are the settings of a [Transport]. A zero field means its default.
type Options struct {
	// Dialer makes the connections. There is no default.
	Dialer *egress.Dialer
	// RootCAs are the authorities that upstreams are verified with, unless the
	// Identity of a request says otherwise. Nil means those of the system.
	RootCAs *x509.CertPool
	// TLSTimeout is for the handshake. 10 seconds.
	TLSTimeout time.Duration
	// FirstByteTimeout is for the time from the end of the request to the end
	// of the answer's head. 60 seconds.
	FirstByteTimeout time.Duration
	// StallTimeout is how long a body may stand still, in either direction. It
	// does not limit how long a body takes. 5 minutes.
	StallTimeout time.Duration
	// IdleTimeout is how long an unused connection is kept. 10 seconds, less
	// than most servers keep it.
	IdleTimeout time.Duration
	// MaxIdle is the most connections that are kept unused. The one that was
	// used the longest ago gives way. 256.
	MaxIdle int
	// MaxHead is the most bytes of an answer's head. 64 KiB.
	MaxHead int
	// MaxFields is the most fields of an answer's head. 200.
	MaxFields int
}

func (o Options) withDefaults() Options {
	o.TLSTimeout = positive(o.TLSTimeout, 10*time.Second)
	o.FirstByteTimeout = positive(o.FirstByteTimeout, time.Minute)
	o.StallTimeout = positive(o.StallTimeout, 5*time.Minute)
	o.IdleTimeout = positive(o.IdleTimeout, 10*time.Second)
	o.MaxIdle = positive(o.MaxIdle, 256)
	o.MaxHead = positive(o.MaxHead, 64<<10)
	o.MaxFields = positive(o.MaxFields, 200)
	return o
}

func positive[T int | time.Duration](n, otherwise T) T {
	if n > 0 {
		return n
	}
	return otherwise
}

// A Transport performs requests. It is safe for concurrent use.
type Transport struct {
	options  Options
	identity *Identity // of requests without one
	pool     *pool
}

// New makes a Transport. It connects to nothing.
func New(options Options) (*Transport, error) {
	if options.Dialer == nil {
		return nil, errors.New("cannot make a transport: no dialer is set")
	}
	options = options.withDefaults()
	return &Transport{options: options, identity: NewIdentity(nil, nil), pool: newPool(options.MaxIdle, options.IdleTimeout)}, nil
}

// A Lifetime is a context that tells one exchange of its end, without what
// [context.AfterFunc] costs. The function it gives ends the watch, and reports
// false when f was called, or is about to be.
type Lifetime interface {
	context.Context
	Watch(f func()) (release func() bool)
}

// RoundTrip sends req and reads the head of its answer into answer, which is
// closed by the caller if the error is nil. Every error is a
// [*functions.Refusal].
func (t *Transport) RoundTrip(ctx context.Context, req *Request, answer *Answer) error {
	if err := t.roundTrip(ctx, req, answer); err != nil {
		return req.withRemedy(err)
	}
	return nil
}

func (t *Transport) roundTrip(ctx context.Context, req *Request, answer *Answer) error {
	answer.transport, answer.Connecting = t, 0
	if r := ended(ctx); r != nil {
		return r
	}
	if r := req.broken(); r != nil {
		return r
	}
	where := t.placeOf(req)
	for {
		c, err := t.connect(ctx, where, req, answer)
		if err != nil {
			return err
		}
		reused := c.used
		err = answer.run(ctx, c, req)
		if err == nil {
			return nil
		}
		again := reused && answer.mayRepeat(req, c, err)
		if !again {
			err = answer.fail(ctx, c, err)
		}
		answer.drop(c)
		switch {
		case !again:
			return err
		case c.link.written > 0:
			// Some of it was sent: once more, and on a new connection.
			return t.repeat(ctx, where, req, answer)
		}
	}
}

// repeat sends req on a new connection.
func (t *Transport) repeat(ctx context.Context, where place, req *Request, answer *Answer) error {
	c, err := t.dial(ctx, where, req, answer)
	if err != nil {
		if refusal, ok := errors.AsType[*functions.Refusal](err); ok && refusal.Loss == functions.Unsent {
			refusal.Loss = functions.Unanswered // the first time it was sent
		}
		return err
	}
	if err := answer.run(ctx, c, req); err != nil {
		err = answer.fail(ctx, c, err)
		answer.drop(c)
		return err
	}
	return nil
}

// connect gives a connection that was kept and is alive, or a new one.
func (t *Transport) connect(ctx context.Context, where place, req *Request, answer *Answer) (*conn, error) {
	for {
		if req.Alone {
			return t.dial(ctx, where, req, answer)
		}
		c := t.pool.take(where)
		if c == nil {
			return t.dial(ctx, where, req, answer)
		}
		if c.alive(req.isShort() && c.link.socket.peeks()) {
			return c, nil
		}
		c.close()
	}
}

func (t *Transport) dial(ctx context.Context, where place, req *Request, answer *Answer) (*conn, error) {
	if t.pool.isClosed() {
		return nil, functions.Refuse(functions.Draining, "the transport is closed")
	}
	begin := time.Now()
	defer func() { answer.Connecting += time.Since(begin) }()
	return dial(ctx, where, req, &t.options)
}

// Close closes the connections that nobody uses. Those in use are closed when
// their exchange ends.
func (t *Transport) Close() { t.pool.close() }
