package scrub

import (
	"sync"
	"sync/atomic"

	"github.com/google/uuid"
)

// MinLength is the length in bytes below which a value is not searched for: it
// would be found in ordinary text.
const MinLength = 8

// An Index is a set of values that changes while texts are searched for them:
// all that are live in a server, and who owns each. However many there are, a
// change costs what the length of the value does, and a text is searched in the
// time that its own length takes.
//
// Searching takes no lock. A value is found in each text that is searched after
// Add has returned. The zero Index is empty and ready.
type Index struct {
	root     atomic.Pointer[node]
	filter   atomic.Pointer[filter]
	removals atomic.Uint64

	mu sync.Mutex // one change at a time
}

// Add makes value, and its signature part if it is a JWT, one more of owner's.
// The Index keeps the string, and copies nothing of it. A value shorter than
// MinLength is left out.
func (x *Index) Add(owner uuid.UUID, value string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, text := range parts(value) {
		if len(text) >= MinLength {
			x.insert(owner, text)
			x.mark(text)
		}
	}
}

// Remove takes back one Add of the same owner and value.
func (x *Index) Remove(owner uuid.UUID, value string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, text := range parts(value) {
		if len(text) >= MinLength {
			x.remove(owner, text)
		}
	}
	x.removals.Add(1)
}

// Removals changes with every [Index.Remove]: who has found a value here need
// not look again while it is the same.
func (x *Index) Removals() uint64 { return x.removals.Load() }

// mark makes the filter let a value pass that is in the tree already. A filter
// forgets nothing: when it is too full, another one takes its place, with the
// values that are left.
func (x *Index) mark(value string) {
	if f := x.filter.Load(); f != nil && !f.full() {
		f.add(front(value))
		return
	}
	x.filter.Store(newFilter(x.root.Load().fronts(nil)))
}

// next is the first place in text, from a given one on, at which a value may
// begin, or the length of the text.
func (x *Index) next(text []byte, from int, atEOF bool) int {
	f := x.filter.Load()
	if f == nil || x.root.Load() == nil {
		return len(text)
	}
	at := f.next(text, from)
	if atEOF && at+MinLength > len(text) {
		return len(text)
	}
	return at
}
