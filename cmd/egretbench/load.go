package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// serveLoad is the load generator's process. For each job it makes ready, says
// so, waits for the word, and says what it saw.
func serveLoad(ctx context.Context, in io.Reader, out io.Writer) error {
	c := newConversation(in, out)
	for {
		var j job
		if err := c.hear(&j); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
		if err := serveJob(ctx, c, &j); err != nil {
			return err
		}
	}
}

// serveJob does one job. Its connections are closed when the next thing is
// said, or nothing more.
func serveJob(ctx context.Context, c *conversation, j *job) error {
	l := &load{job: j, started: time.Now()}
	defer l.close()
	if err := l.prepare(ctx); err != nil {
		l.fail(err)
	}
	var word done
	if err := c.ask(done{}, &word); err != nil {
		return err
	}
	if err := c.ask(l.run(ctx), &word); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	return nil
}

// A load is one job being done.
type load struct {
	job     *job
	started time.Time
	next    atomic.Int64 // how many of job.Count were begun

	mu       sync.Mutex
	clients  []*client // open ones
	latency  histogram
	requests int
	bytes    int64
	errors   int
	err      error // the first
}

// warmUps is how many requests each connection of a steady load makes before
// it counts, so that pools and buffers behind it are filled.
const warmUps = 5

// prepare opens the connections of a steady load and warms them up.
func (l *load) prepare(ctx context.Context) error {
	if l.job.Kind != steady {
		return nil
	}
	for range l.job.Connections {
		c, err := l.dial(ctx, nil)
		if err != nil {
			return err
		}
		l.clients = append(l.clients, c)
	}
	if l.job.Count > 0 {
		return nil // each request may be a gigabyte
	}
	return l.each(func(c *client) error {
		for range warmUps {
			if _, err := c.exchange(); err != nil {
				return err
			}
		}
		return nil
	})
}

// run does what is measured.
func (l *load) run(ctx context.Context) result {
	begin := time.Now()
	if l.err == nil {
		switch l.job.Kind {
		case steady:
			l.fail(l.each(func(c *client) error { return l.keepBusy(ctx, c, begin) }))
		case short:
			l.fail(l.shortConnections(ctx))
		case idle:
			l.fail(l.idleConnections(ctx))
		default:
			l.fail(fmt.Errorf("there is no kind of load %q", l.job.Kind))
		}
	}
	r := result{
		Requests: l.requests, Bytes: l.bytes, Errors: l.errors, Took: time.Since(begin),
		P50: l.latency.quantile(0.50), P99: l.latency.quantile(0.99),
	}
	if l.err != nil {
		r.Error = l.err.Error()
	}
	return r
}

// keepBusy sends on one connection until time or count is over. A connection
// that got a wrong answer is not used again.
func (l *load) keepBusy(ctx context.Context, c *client, begin time.Time) error {
	t := tally{}
	defer l.add(&t)
	for now := time.Now(); ctx.Err() == nil; {
		if l.job.Count > 0 && l.next.Add(1) > int64(l.job.Count) || l.job.Count == 0 && now.Sub(begin) >= l.job.Duration {
			return nil
		}
		length, err := c.exchange()
		if err != nil {
			return err
		}
		after := time.Now()
		t.record(after.Sub(now), length)
		now = after
	}
	return ctx.Err()
}

// shortConnections makes each request on a connection of its own, and counts
// the time from dialling to the end of the answer.
func (l *load) shortConnections(ctx context.Context) error {
	return inParallel(l.job.Connections, func(int) error {
		t := tally{}
		defer l.add(&t)
		for ctx.Err() == nil {
			n := l.next.Add(1)
			if n > int64(l.job.Count) {
				return nil
			}
			begin := time.Now()
			c, err := l.dial(ctx, sourceOf(int(n)))
			if err != nil {
				return err
			}
			length, err := c.exchange()
			if err := errors.Join(err, c.close()); err != nil {
				return err
			}
			t.record(time.Since(begin), length)
		}
		return ctx.Err()
	})
}

// sourceOf spreads connections over loopback's addresses, so that the ports of
// closed ones, which the system keeps for a minute, do not run out.
func sourceOf(n int) net.Addr {
	return &net.TCPAddr{IP: net.IPv4(127, byte(1+n%250), byte(1+n/250%250), 1)}
}

// idleConnections opens connections one after the other, so that the system
// never has reason for more than one connection upstream.
func (l *load) idleConnections(ctx context.Context) error {
	t := tally{}
	defer l.add(&t)
	for range l.job.Count {
		begin := time.Now()
		c, err := l.dial(ctx, nil)
		if err != nil {
			return err
		}
		l.clients = append(l.clients, c)
		length, err := c.exchange()
		if err != nil {
			return err
		}
		t.record(time.Since(begin), length)
	}
	return nil
}

func (l *load) dial(ctx context.Context, source net.Addr) (*client, error) {
	return dial(ctx, source, l.job, l.started.Add(l.job.Patience))
}

// each does the same with all connections at once.
func (l *load) each(do func(*client) error) error {
	return inParallel(len(l.clients), func(i int) error { return do(l.clients[i]) })
}

// inParallel calls do n times at once and waits. It gives all errors.
func inParallel(n int, do func(i int) error) error {
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { errs[i] = do(i) })
	}
	wg.Wait()
	return errors.Join(errs...)
}

// A tally is what one goroutine counted.
type tally struct {
	latency  histogram
	requests int
	bytes    int64
}

func (t *tally) record(took time.Duration, length int64) {
	t.latency.record(took)
	t.requests++
	t.bytes += length
}

func (l *load) add(t *tally) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.latency.add(&t.latency)
	l.requests += t.requests
	l.bytes += t.bytes
}

// fail notes what went wrong, once for each error that was joined.
func (l *load) fail(err error) {
	if err == nil {
		return
	}
	list := []error{err}
	var joined interface{ Unwrap() []error }
	if errors.As(err, &joined) {
		list = joined.Unwrap()
	}
	l.errors += len(list)
	if l.err == nil {
		l.err = list[0]
	}
}

func (l *load) close() {
	for _, c := range l.clients {
		_ = c.close()
	}
}
