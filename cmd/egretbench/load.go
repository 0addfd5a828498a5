package main

import (
	"context"
	"crypto/tls"
	"errors"
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
	l.fail(l.prepare(ctx))
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
	begin   time.Time    // of what is measured
	next    atomic.Int64 // how many of job.Count were begun
	clients []*client    // open ones
	secure  *tls.Config  // nil without TLS
	resumed atomic.Int64 // connections
	errors  int
	err     error // the first

	mu    sync.Mutex
	total tally
}

// warmUps is how many requests each connection of a steady load makes before
// it counts, so that pools and buffers behind it are filled.
const warmUps = 5

// prepare opens the connections of a steady load and warms them up.
func (l *load) prepare(ctx context.Context) (err error) {
	if l.job.Roots != nil {
		if l.secure, err = clientConfig(l.job); err != nil {
			return err
		}
	}
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
	l.begin = time.Now()
	if drive := kinds[l.job.Kind]; l.err == nil && drive != nil {
		l.fail(drive(l, ctx))
	}
	r := result{
		Requests: l.total.requests, Bytes: l.total.bytes, Resumed: int(l.resumed.Load()), Errors: l.errors, Took: time.Since(l.begin),
		P50: l.total.latency.quantile(0.50), P99: l.total.latency.quantile(0.99),
	}
	if l.err != nil {
		r.Error = l.err.Error()
	}
	return r
}

func (l *load) dial(ctx context.Context, source net.Addr) (*client, error) {
	c, err := dial(ctx, source, l.job, l.secure, l.started.Add(l.job.Patience))
	if err == nil && c.resumed {
		l.resumed.Add(1)
	}
	return c, err
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

func (l *load) add(t *tally) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.total.add(t)
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
