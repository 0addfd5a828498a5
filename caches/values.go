package caches

import (
	"sync"
	"sync/atomic"
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
// have several current values, told apart by a key.
//
// For each cache it keeps at most 256 values and 64 MiB; beyond that it forgets
// the oldest replaced value, then the oldest one. The zero Values is empty and
// ready.
type Values struct {
	version atomic.Uint64

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
	text     string // the data, made a string once
	replaced bool
}

// NewValues makes an empty Values.
func NewValues() *Values { return &Values{} }

// Put makes e the current value of the cache under key. The one before stays
// alive for [Values.Live] until it expires. Nobody may change e.Data afterwards.
func (v *Values) Put(id configs.ID, key string, e Entry) {
	held := value{key: key, entry: e, text: string(e.Data)}
	held.entry.secret = configs.NewSecret(held.text)
	now := time.Now()
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.caches == nil {
		v.caches = map[configs.ID]*history{}
	}
	h := v.caches[id]
	if h == nil {
		h = &history{}
		v.caches[id] = h
	}
	h.put(held, now)
	v.version.Add(1)
}

// Version changes with every [Values.Put]: who has seen what is live need not
// look again while it is the same.
func (v *Values) Version() uint64 { return v.version.Load() }

// Get gives the current value of the cache under key, if it is [Entry.Usable].
func (v *Values) Get(id configs.ID, key string) (Entry, bool) {
	now := time.Now()
	v.mu.RLock()
	defer v.mu.RUnlock()
	h := v.caches[id]
	if h == nil {
		return Entry{}, false
	}
	for i := len(h.values) - 1; i >= 0; i-- {
		held := &h.values[i]
		if held.key == key && !held.replaced {
			return held.entry, held.entry.Usable(now)
		}
	}
	return Entry{}, false
}

// Live appends to dst every value of the cache that is not expired, current and
// replaced ones under all keys, and returns the longer slice. They are for
// finding a value in an answer, not for sending one.
func (v *Values) Live(id configs.ID, dst []string) []string {
	now := time.Now()
	v.mu.RLock()
	defer v.mu.RUnlock()
	h := v.caches[id]
	if h == nil {
		return dst
	}
	for i := range h.values {
		if !h.values[i].entry.Expired(now) {
			dst = append(dst, h.values[i].text)
		}
	}
	return dst
}

// Sweep forgets what is expired at now, so that dead values do not linger.
func (v *Values) Sweep(now time.Time) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for id, h := range v.caches {
		h.keep(func(held value) bool { return !held.entry.Expired(now) })
		if len(h.values) == 0 {
			delete(v.caches, id)
		}
	}
}
