package functions

import (
	"context"
	"sync"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// shelves are the slots of the Functions that bound how many of their answers
// are kept, by the Function's digest: a reload keeps those of a Function that has
// not changed. The zero value is ready.
type shelves struct {
	mu    sync.Mutex
	slots map[string]*simplelru.LRU[string, struct{}]
}

// use notes that the answer under key is used, and takes out the one of the same
// Function that was not used for the longest time when there are too many.
func (r *Results) use(ctx context.Context, key string, f *Function) {
	most := f.config.Caching.MaxEntries
	if most == 0 {
		return
	}
	if last, full := r.shelves.use(f.config.Digest, key, most); full {
		// When that fails it stays until its end.
		_ = r.store.Delete(ctx, last)
	}
}

// use gives the key that has to go, if there is one.
func (s *shelves) use(digest, key string, most int) (last string, full bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	keys, ok := s.slots[digest]
	if !ok {
		if s.slots == nil {
			s.slots = map[string]*simplelru.LRU[string, struct{}]{}
		}
		// It never takes one out by itself. Its error is that of a size below one.
		keys, _ = simplelru.NewLRU[string, struct{}](most+1, nil)
		s.slots[digest] = keys
	}
	keys.Add(key, struct{}{})
	if keys.Len() <= most {
		return "", false
	}
	last, _, full = keys.RemoveOldest()
	return last, full
}

// Keep forgets what is noted of the Functions that set has not. What they stored
// stays until its end, and is not found by others.
func (r *Results) Keep(set *Set) {
	digests := make(map[string]bool, len(set.functions))
	for _, f := range set.functions {
		digests[f.config.Digest] = true
	}
	r.shelves.mu.Lock()
	defer r.shelves.mu.Unlock()
	for digest := range r.shelves.slots {
		if !digests[digest] {
			delete(r.shelves.slots, digest)
		}
	}
}
