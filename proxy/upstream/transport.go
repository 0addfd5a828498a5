package upstream

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"io"
	"time"

	"github.com/egret-proxy/egret/functions"
	"github.com/egret-proxy/egret/proxy/egress"
	"github.com/egret-proxy/egret/proxy/wire"
)

// Options are the settings of a [Transport]. A zero field means its default.
type Options struct {
	// Dialer makes the connections. There is no default.
	Dialer *egress.Dialer
	// RootCAs are the authorities that upstreams are verified with. Nil means
	// those of the system.
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
	options Options
	pool    *pool
}

// New makes a Transport. It connects to nothing.
func New(options Options) (*Transport, error) {
	if options.Dialer == nil {
		return nil, errors.New("cannot make a transport: no dialer is set")
	}
	options = options.withDefaults()
	return &Transport{options: options, pool: newPool(options.MaxIdle, options.IdleTimeout)}, nil
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
	answer.transport = t
	if r := ended(ctx); r != nil {
		return r
	}
	if r := req.broken(); r != nil {
		return r
	}
	where := placeOf(req)
	for {
		c, err := t.connect(ctx, where, req)
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
	c, err := t.dial(ctx, where, req)
	if err != nil {
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
func (t *Transport) connect(ctx context.Context, where place, req *Request) (*conn, error) {
	for {
		if req.Alone {
			return t.dial(ctx, where, req)
		}
		c := t.pool.take(where)
		if c == nil {
			return t.dial(ctx, where, req)
		}
		if c.alive(req.isShort() && c.link.socket.peeks()) {
			return c, nil
		}
		c.close()
	}
}

func (t *Transport) dial(ctx context.Context, where place, req *Request) (*conn, error) {
	if t.pool.isClosed() {
		return nil, functions.Refuse(functions.Draining, "the transport is closed")
	}
	return dial(ctx, where, req.Deadline, &t.options)
}

// Close closes the connections that nobody uses. Those in use are closed when
// their exchange ends.
func (t *Transport) Close() { t.pool.close() }

// run performs req on c. After an error the caller drops c.
func (a *Answer) run(ctx context.Context, c *conn, req *Request) error {
	a.ctx, a.conn, a.upload, a.deadline = ctx, c, nil, req.Deadline
	c.begin(req.Deadline)
	if life, ok := ctx.(Lifetime); ok {
		a.release = life.Watch(c.cut)
	} else {
		a.release = context.AfterFunc(ctx, c.cut)
	}
	if err := a.send(c, req); err != nil {
		return err
	}
	if err := a.receive(c, req); err != nil {
		return err
	}
	return a.open(req)
}

// send writes the request. What fits in one write to a connection that is
// reused is put off until the answer is read.
func (a *Answer) send(c *conn, req *Request) error {
	c.request = req.append(c.request[:0])
	if c.used && req.isShort() {
		c.link.hold()
	}
	_, err := c.Write(c.request)
	c.request = forget(c.request)
	if err != nil {
		return err
	}
	if req.Stream == nil {
		c.link.wantBy = a.answerBy()
		return nil
	}
	c.link.wantBy = a.within(maxUpload)
	if err := c.link.arm(); err != nil { // before the upload sets another limit
		return err
	}
	a.upload = startUpload(c, req, a.answerBy)
	return nil
}

// maxUpload is the longest that an upload may take. That it stands still is
// noticed by those who read and write it.
const maxUpload = 24 * time.Hour

func (a *Answer) answerBy() time.Time { return a.within(a.transport.options.FirstByteTimeout) }

// within is the end of d, or of the exchange if that is earlier.
func (a *Answer) within(d time.Duration) time.Time {
	by := time.Now().Add(d)
	if !a.deadline.IsZero() && a.deadline.Before(by) {
		return a.deadline
	}
	return by
}

// maxInterims is the most interim answers before one answer.
const maxInterims = 20

// receive reads the head of the answer. Interim answers are handed on.
func (a *Answer) receive(c *conn, req *Request) error {
	for range maxInterims {
		if err := a.head(c); err != nil {
			return err
		}
		switch {
		case a.Code >= 200:
			// A reader of the body sets its own time limits.
			if a.upload != nil {
				a.upload.handOver()
			}
			c.link.wantBy, c.link.readBy = time.Time{}, a.readBy(c)
			return nil
		case a.Code == 101:
			return errSwitched
		case a.Code != 100 && req.Interim != nil:
			req.Interim(a.Code, a.Fields)
		}
	}
	return errInterims
}

// readBy is the time limit that is set, as far as that is known: an upload sets
// one of its own.
func (a *Answer) readBy(c *conn) time.Time {
	if a.upload != nil {
		return time.Time{}
	}
	return c.link.readBy
}

var headEnd = []byte("\r\n\r\n")

// head reads one head.
func (a *Answer) head(c *conn) error {
	seen := 0
	for {
		unread := c.unread()
		if end := bytes.Index(unread[max(0, seen-3):], headEnd); end >= 0 {
			end += max(0, seen-3) + len(headEnd)
			if end > a.transport.options.MaxHead {
				return errLargeHead
			}
			c.from += end
			return a.parse(unread[:end])
		}
		if bad := malformed(unread, seen); bad != nil {
			return bad
		}
		seen = len(unread)
		if seen >= a.transport.options.MaxHead {
			return errLargeHead
		}
		if err := c.fill(a.transport.options.MaxHead); err != nil {
			if err == io.EOF && seen > 0 { //nolint:errorlint // of the connection itself
				err = io.ErrUnexpectedEOF
			}
			return err
		}
	}
}

// malformed sees at once what will never become a head, so that nobody waits
// for its end: what does not begin like one, and lines without a carriage
// return. What stands before from was looked at already.
func malformed(text []byte, from int) error {
	const begin = "HTTP/1."
	n := min(len(text), len(begin))
	if string(text[:n]) != begin[:n] {
		return wire.StatusLine
	}
	for i := from; ; {
		next := bytes.IndexByte(text[i:], '\n')
		if next < 0 {
			return nil
		}
		i += next
		if i == 0 || text[i-1] != '\r' {
			return wire.BareLineFeed
		}
		i++
	}
}

func (a *Answer) parse(head []byte) error {
	line, rest, ok := nextLine(head)
	if !ok {
		return wire.BareLineFeed
	}
	var err error
	if a.Status, err = wire.ParseStatus(line); err != nil {
		return err
	}
	a.Fields, err = wire.Scan(a.Fields[:0], rest, a.transport.options.MaxFields)
	return err
}

// mayRepeat reports whether the request may be sent again: on a connection that
// was dead before, if nothing was written, or if the method permits it and
// nothing came back.
func (a *Answer) mayRepeat(req *Request, c *conn, err error) bool {
	l := c.link
	switch {
	case l.aborted.Load() || l.received > 0:
		return false
	case l.stale:
		return true
	case a.upload != nil || !gone(err) && !l.ended:
		return false
	default:
		return l.written == 0 || req.repeatable()
	}
}

// fail is the refusal of an exchange that came to no answer.
func (a *Answer) fail(ctx context.Context, c *conn, err error) error {
	if a.upload != nil {
		if broken := a.upload.failed(); broken != nil {
			return broken
		}
		a.upload.end(c) // which may still write
		a.upload = nil
	}
	return unanswered(ctx, c.link, err)
}

// drop closes the connection of an exchange that came to no answer.
func (a *Answer) drop(c *conn) {
	if a.upload != nil {
		a.upload.end(c)
	}
	if a.release != nil {
		a.release()
	}
	a.conn, a.upload, a.release, a.ctx = nil, nil, nil, nil
	c.close()
	clear(a.Fields)
	a.Fields = a.Fields[:0]
}
