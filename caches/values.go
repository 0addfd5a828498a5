package caches

import (
	"encoding/binary"
	"sync"
	"time"

	"github.com/egret-proxy/egret/configs"
)

// The bounds of what [Values] keeps for one cache.
const (
	maxValues     = 256
	maxValueBytes = 64 << 20
)

// Values is what each cache ID stands for now, and what it stood for as long as
// that is alive: an answer may echo a value that has been replaced. A cache may
// have several current values, told apart by a key. While a new one is not good
// yet, the one before it is still current.
//
// For each cache it keeps at most 256 values and 64 MiB; beyond that it forgets
// the oldest replaced value, then the oldest one. A value without data has a
// lifetime, and is nothing that could be found in an answer. No lock is ever held for more
// than a small part of the caches. The zero Values is empty and ready.
type Values struct {
	watcher Watcher // nil when nobody is told
	shards  [1 << shardBits]shard
}

// shardBits makes a shard of 100,000 caches hold about 400 of them: a sweep
// keeps a reader waiting for some microseconds.
const shardBits = 8

// A shard is the part of the caches that one lock guards.
type shard struct {
	mu     sync.RWMutex
	caches map[configs.ID]*history
}

// A history is what one cache holds, the oldest first.
type history struct {
	values []value
	bytes  int
}

type value struct {
	key      string
	entry    Entry
	text     string // the data, which entry shares
	replaced bool
}

// NewValues makes an empty Values.
func NewValues() *Values { return &Values{} }

// Put makes e the current value of the cache under key. The one before stays
// alive for [Values.Live] until it expires. Nobody may change e.Data afterwards.
func (v *Values) Put(id configs.ID, key string, e Entry) {
	e = e.shared()
	held := value{key: key, entry: e, text: e.secret.Reveal()}
	v.tellAdded(id, held.text)
	v.tellForgotten(v.shard(id).put(id, held, time.Now()))
}

// put gives what the cache has forgotten for it.
func (s *shard) put(id configs.ID, held value, now time.Time) []forgotten {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.caches == nil {
		s.caches = map[configs.ID]*history{}
	}
	h := s.caches[id]
	if h == nil {
		h = &history{}
		s.caches[id] = h
	}
	return forgottenBy(id, h.put(held, now), nil)
}

// shard gives the shard of a cache. IDs that people count up fill all shards as
// evenly as random ones do.
func (v *Values) shard(id configs.ID) *shard {
	const golden = 0x9e3779b97f4a7c15 // 2^64 divided by the golden ratio
	x := binary.LittleEndian.Uint64(id[:8])*golden ^ binary.LittleEndian.Uint64(id[8:])
	return &v.shards[x*golden>>(64-shardBits)]
}

// Get gives the current value of the cache under key, if it is [Entry.Usable]:
// the newest one that is good.
func (v *Values) Get(id configs.ID, key string) (Entry, bool) {
	now := time.Now()
	s := v.shard(id)
	s.mu.RLock()
	defer s.mu.RUnlock()
	h := s.caches[id]
	if h == nil {
		return Entry{}, false
	}
	for i := len(h.values) - 1; i >= 0; i-- {
		held := &h.values[i]
		if held.key != key || !held.entry.NotBefore.IsZero() && held.entry.Early(now) {
			continue
		}
		return held.entry, !held.entry.Spent(now)
	}
	return Entry{}, false
}

// Newest gives the last value that was put under key, if it is not
// [Entry.Spent]. It may not be good yet.
func (v *Values) Newest(id configs.ID, key string) (Entry, bool) {
	now := time.Now()
	s := v.shard(id)
	s.mu.RLock()
	defer s.mu.RUnlock()
	if h := s.caches[id]; h != nil {
		for i := len(h.values) - 1; i >= 0; i-- {
			if held := &h.values[i]; held.key == key {
				return held.entry, !held.entry.Spent(now)
			}
		}
	}
	return Entry{}, false
}

// Live appends to dst every value of the cache that is not expired, current and
// replaced ones under all keys, and returns the longer slice. They are for
// finding a value in an answer, not for sending one.
func (v *Values) Live(id configs.ID, dst []string) []string {
	now := time.Now()
	s := v.shard(id)
	s.mu.RLock()
	defer s.mu.RUnlock()
	h := s.caches[id]
	if h == nil {
		return dst
	}
	for i := range h.values {
		if h.values[i].text != "" && !h.values[i].entry.Expired(now) {
			dst = append(dst, h.values[i].text)
		}
	}
	return dst
}

// Sweep forgets what is expired at now, so that dead values do not linger.
func (v *Values) Sweep(now time.Time) {
	for i := range v.shards {
		v.tellForgotten(v.shards[i].sweep(now))
	}
}

func (s *shard) sweep(now time.Time) (gone []forgotten) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, h := range s.caches {
		gone = forgottenBy(id, h.keep(func(held value) bool { return !held.entry.Expired(now) }), gone)
		if len(h.values) == 0 {
			delete(s.caches, id)
		}
	}
	return gone
}
