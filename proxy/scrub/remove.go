package scrub

import (
	"slices"
	"sync/atomic"

	"github.com/google/uuid"
)

// remove takes value from owner once, if it is owner's. x.mu is held.
func (x *Index) remove(owner uuid.UUID, value string) {
	var above *atomic.Pointer[node] // what place is in the fork of
	place := &x.root
	for n := place.Load(); n != nil; n = place.Load() {
		if n.ends() && n.value == value {
			break
		}
		if n.depth() >= len(value) {
			return
		}
		next := n.next(value[n.depth()])
		if next == nil {
			return
		}
		above, place = place, next
	}
	n := place.Load()
	if n == nil {
		return
	}
	left := n.disownedBy(owner)
	if left != nil || above == nil {
		place.Store(left)
		return
	}
	parent := above.Load()
	above.Store(joined(parent.value, parent.owners, parent.fork.without(value[parent.depth()])))
}

// disownedBy is what is left of n when an owner loses the value that ends there.
func (n *node) disownedBy(owner uuid.UUID) *node {
	i := slices.Index(n.owners, owner)
	if i < 0 {
		return n
	}
	return joined(n.value, slices.Concat(n.owners[:i], n.owners[i+1:]), n.fork)
}

// joined is the smallest node of the parts of one: what neither ends a value nor
// parts some is none.
func joined(value string, owners []uuid.UUID, f *fork) *node {
	switch {
	case f != nil && len(f.nodes) == 0:
		return joined(value, owners, nil)
	case len(owners) > 0:
		return &node{value: value, owners: owners, fork: f}
	case f == nil:
		return nil
	case len(f.nodes) == 1:
		return f.nodes[0].Load()
	}
	return &node{fork: f}
}
