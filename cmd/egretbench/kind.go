package main

import (
	"context"
	"errors"
	"net"
	"time"
)

// A kind is what a load does with its connections.
type kind string

const (
	// steady keeps Connections open and sends on each as soon as it can, for
	// Duration, or Count requests in all.
	steady kind = "steady"
	// short opens a connection for each of Count requests, Connections at a
	// time, from addresses spread over 127.0.0.0/8.
	short kind = "short"
	// idle opens Count connections one after the other, makes one request on
	// each, and leaves them open.
	idle kind = "idle"
)

// kinds has how each kind of load is done.
var kinds = map[kind]func(*load, context.Context) error{
	steady: (*load).steadily,
	short:  (*load).shortConnections,
	idle:   (*load).idleConnections,
}

// steadily keeps all connections busy.
func (l *load) steadily(ctx context.Context) error {
	return l.each(func(c *client) error { return l.keepBusy(ctx, c) })
}

// keepBusy sends on one connection until time or count is over. A connection
// that got a wrong answer is not used again.
func (l *load) keepBusy(ctx context.Context, c *client) error {
	t := tally{}
	defer l.add(&t)
	for now := time.Now(); ctx.Err() == nil; {
		if l.job.Count > 0 && l.next.Add(1) > int64(l.job.Count) || l.job.Count == 0 && now.Sub(l.begin) >= l.job.Duration {
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
