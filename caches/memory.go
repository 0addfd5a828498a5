package caches

import (
	"container/list"
	"context"
	"fmt"
	"sync"
	"time"

	gocache "github.com/patrickmn/go-cache"
)

// Limits bounds a [Memory]. What is not positive takes its default.
type Limits struct {
	Entries int   // default 10,000
	Bytes   int64 // keys and data together, default 64 MiB
}

const (
	defaultEntries = 10_000
	defaultBytes   = 64 << 20
)

// Memory is the [Store] in this process. Beyond its limits it forgets what was
// used the longest time ago. It starts no goroutine: its owner calls
// [Memory.Sweep] from time to time.
type Memory struct {
	limits Limits

	mu sync.Mutex
	// items holds elements of order. go-cache must never decide about expiry:
	// it reads the wall clock only, and takes a lifetime that has run out for
	// an endless one. So everything in it is stored without expiration.
	items *gocache.Cache
	order *list.List // of *slot, the last used in front
	bytes int64
}

type slot struct {
	key   string
	entry Entry
}

func (s *slot) size() int64 { return int64(len(s.key) + len(s.entry.Data)) }

// NewMemory makes an empty Memory.
func NewMemory(l Limits) *Memory {
	if l.Entries <= 0 {
		l.Entries = defaultEntries
	}
	if l.Bytes <= 0 {
		l.Bytes = defaultBytes
	}
	return &Memory{
		limits: l,
		items:  gocache.New(gocache.NoExpiration, 0),
		order:  list.New(),
	}
}

// Get gives the entry under key and counts as a use of it. There is no error.
func (m *Memory) Get(_ context.Context, key string) (Entry, bool, error) {
	now := time.Now()
	m.mu.Lock()
	defer m.mu.Unlock()
	el, ok := m.elementLocked(key)
	if !ok {
		return Entry{}, false, nil
	}
	s := el.Value.(*slot)
	if s.entry.Expired(now) {
		m.removeLocked(el)
		return Entry{}, false, nil
	}
	m.order.MoveToFront(el)
	return s.entry, true, nil
}

// Put makes e the entry under key.
func (m *Memory) Put(_ context.Context, key string, e Entry) error {
	now := time.Now()
	m.mu.Lock()
	defer m.mu.Unlock()
	el, held := m.elementLocked(key)
	if err := m.fits(key, e, now); err != nil {
		if held {
			m.removeLocked(el)
		}
		return err
	}
	if held {
		m.replaceLocked(el, e)
	} else {
		s := &slot{key: key, entry: e}
		m.items.Set(key, m.order.PushFront(s), gocache.NoExpiration)
		m.bytes += s.size()
	}
	for m.order.Len() > m.limits.Entries || m.bytes > m.limits.Bytes {
		m.removeLocked(m.order.Back())
	}
	return nil
}

// fits says why an entry can never be stored.
func (m *Memory) fits(key string, e Entry, now time.Time) error {
	if e.Expired(now) {
		return fmt.Errorf("cannot store an entry in memory: %w", ErrExpired)
	}
	if size := int64(len(key) + len(e.Data)); size > m.limits.Bytes {
		return fmt.Errorf("cannot store an entry of %d bytes in memory: %w", len(e.Data), ErrTooLarge)
	}
	return nil
}

// replaceLocked puts e in the place of what an element holds.
func (m *Memory) replaceLocked(el *list.Element, e Entry) {
	s := el.Value.(*slot)
	m.bytes -= s.size()
	s.entry = e
	m.bytes += s.size()
	m.order.MoveToFront(el)
}

// Delete removes what is under key. There is no error.
func (m *Memory) Delete(_ context.Context, key string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if el, ok := m.elementLocked(key); ok {
		m.removeLocked(el)
	}
	return nil
}

// Sweep removes what is expired at now, so that dead values do not linger, and
// tells how many there were.
func (m *Memory) Sweep(now time.Time) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	before := m.order.Len()
	for el := m.order.Front(); el != nil; {
		next := el.Next()
		if el.Value.(*slot).entry.Expired(now) {
			m.removeLocked(el)
		}
		el = next
	}
	return before - m.order.Len()
}

// Len is the number of entries, expired ones that were not swept included.
func (m *Memory) Len() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.order.Len()
}

// Bytes is the size of the keys and data of all entries.
func (m *Memory) Bytes() int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.bytes
}

func (m *Memory) elementLocked(key string) (*list.Element, bool) {
	v, ok := m.items.Get(key)
	if !ok {
		return nil, false
	}
	return v.(*list.Element), true
}

func (m *Memory) removeLocked(el *list.Element) {
	s := m.order.Remove(el).(*slot)
	m.items.Delete(s.key)
	m.bytes -= s.size()
}
