package upstream

import (
	"sync"
	"time"
)

// A pool keeps the connections that no exchange uses.
type pool struct {
	limit  int
	expiry time.Duration

	mu     sync.Mutex
	closed bool
	// idle has the connection of each place that was put aside last; its under
	// is the one before.
	idle map[place]*conn
	// oldest and newest are the ends of the list of all of them, in the order
	// in which they were put aside.
	oldest, newest *conn
	count          int
	sweeper        *time.Timer
}

func newPool(limit int, expiry time.Duration) *pool {
	return &pool{limit: limit, expiry: expiry, idle: map[place]*conn{}}
}

// take gives the connection of where that was used last, or nil.
func (p *pool) take(where place) *conn {
	p.mu.Lock()
	defer p.mu.Unlock()
	c := p.idle[where]
	if c != nil {
		p.removeLocked(c)
	}
	return c
}

// put keeps c. It gives the connection that has to be closed instead, if there
// is one: c itself, when the pool is closed, or the one that was used the
// longest ago.
func (p *pool) put(c *conn) *conn {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || p.limit == 0 {
		return c
	}
	c.since = time.Now()
	c.under, c.over = p.idle[c.place], nil
	if c.under != nil {
		c.under.over = c
	}
	p.idle[c.place] = c
	c.older, c.newer = p.newest, nil
	if p.newest != nil {
		p.newest.newer = c
	} else {
		p.oldest = c
	}
	p.newest = c
	p.count++
	p.sweepLaterLocked()
	if p.count <= p.limit {
		return nil
	}
	oldest := p.oldest
	p.removeLocked(oldest)
	return oldest
}

func (p *pool) removeLocked(c *conn) {
	switch {
	case c.over != nil:
		c.over.under = c.under
	case c.under != nil:
		p.idle[c.place] = c.under
	default:
		delete(p.idle, c.place)
	}
	if c.under != nil {
		c.under.over = c.over
	}
	if c.older != nil {
		c.older.newer = c.newer
	} else {
		p.oldest = c.newer
	}
	if c.newer != nil {
		c.newer.older = c.older
	} else {
		p.newest = c.older
	}
	c.over, c.under, c.older, c.newer = nil, nil, nil, nil
	p.count--
}

// sweepLaterLocked sees to it that the pool is swept when the oldest
// connection expires. One timer serves all of them.
func (p *pool) sweepLaterLocked() {
	if p.sweeper == nil {
		p.sweeper = time.AfterFunc(p.expiry, p.sweep)
	}
}

// sweep closes what nobody has used for too long.
func (p *pool) sweep() {
	var expired []*conn
	p.mu.Lock()
	for p.oldest != nil && time.Since(p.oldest.since) >= p.expiry {
		expired = append(expired, p.oldest)
		p.removeLocked(p.oldest)
	}
	p.sweeper = nil
	if p.oldest != nil && !p.closed {
		p.sweeper = time.AfterFunc(p.expiry-time.Since(p.oldest.since), p.sweep)
	}
	p.mu.Unlock()
	for _, c := range expired {
		c.close()
	}
}

func (p *pool) isClosed() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.closed
}

func (p *pool) close() {
	var all []*conn
	p.mu.Lock()
	p.closed = true
	if p.sweeper != nil {
		p.sweeper.Stop()
	}
	for p.oldest != nil {
		all = append(all, p.oldest)
		p.removeLocked(p.oldest)
	}
	p.mu.Unlock()
	for _, c := range all {
		c.close()
	}
}
