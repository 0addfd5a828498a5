package upstream

import (
	"container/list"
	"sync"
	"time"
)

// A pool keeps the lanes that no exchange uses.
type pool struct {
	limit  int
	expiry time.Duration

	mu     sync.Mutex
	closed bool
	// idle has the lanes of each place, in the order in which they were put
	// aside. A place without lanes has no entry.
	idle map[place][]*lane
	// order has all of them, in the same order.
	order *list.List
}

func newPool(limit int, expiry time.Duration) *pool {
	return &pool{limit: limit, expiry: expiry, idle: map[place][]*lane{}, order: list.New()}
}

// take gives the lane of where that was used last and whose connection is
// alive, or nil.
func (p *pool) take(where place) *lane {
	for {
		l := p.pop(where)
		if l == nil || l.alive() {
			return l
		}
		l.close()
	}
}

func (p *pool) pop(where place) *lane {
	p.mu.Lock()
	defer p.mu.Unlock()
	lanes := p.idle[where]
	if len(lanes) == 0 {
		return nil
	}
	l := lanes[len(lanes)-1]
	p.removeLocked(l)
	return l
}

// put keeps l, or closes it when its connection can serve no other exchange.
func (p *pool) put(l *lane) {
	if evicted := p.keep(l); evicted != nil {
		evicted.close()
	}
}

// keep gives the lane that has to be closed, if there is one.
func (p *pool) keep(l *lane) *lane {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || !l.reusable() {
		return l
	}
	p.idle[l.where] = append(p.idle[l.where], l)
	l.element, l.since = p.order.PushBack(l), time.Now()
	l.expiry = time.AfterFunc(p.expiry, func() { p.expire(l) })
	if p.order.Len() <= p.limit {
		return nil
	}
	oldest := p.order.Front().Value.(*lane)
	p.removeLocked(oldest)
	return oldest
}

// expire closes l if it is idle still.
func (p *pool) expire(l *lane) {
	p.mu.Lock()
	// The timer may fire while l is taken, and even put back.
	idle := l.element != nil && time.Since(l.since) >= p.expiry
	if idle {
		p.removeLocked(l)
	}
	p.mu.Unlock()
	if idle {
		l.close()
	}
}

func (p *pool) removeLocked(l *lane) {
	l.expiry.Stop()
	p.order.Remove(l.element)
	l.element = nil
	lanes := p.idle[l.where]
	for i := range lanes {
		if lanes[i] == l {
			lanes = append(lanes[:i], lanes[i+1:]...)
			break
		}
	}
	if len(lanes) == 0 {
		delete(p.idle, l.where)
		return
	}
	p.idle[l.where] = lanes
}

func (p *pool) isClosed() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.closed
}

func (p *pool) close() {
	p.mu.Lock()
	p.closed = true
	var lanes []*lane
	for p.order.Len() > 0 {
		l := p.order.Front().Value.(*lane)
		p.removeLocked(l)
		lanes = append(lanes, l)
	}
	p.mu.Unlock()
	for _, l := range lanes {
		l.close()
	}
}
