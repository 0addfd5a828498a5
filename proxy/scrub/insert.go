package scrub

import "github.com/google/uuid"

// insert makes value one more of owner's. x.mu is held.
func (x *Index) insert(owner uuid.UUID, value string) {
	place := &x.root
	if place.Load() == nil {
		place.Store(leaf(owner, value))
		return
	}
	near := place.Load().near(value)
	common := commonLength(near, value)
	for {
		n := place.Load()
		depth := n.depth()
		if common >= depth && len(value) > depth {
			if next := n.next(value[depth]); next != nil {
				place = next
				continue
			}
		}
		switch {
		case common < depth:
			place.Store(split(n, near[common], common, owner, value))
		case len(value) == depth:
			place.Store(n.ownedBy(owner, value))
		default:
			place.Store(n.longer(owner, value))
		}
		return
	}
}

// near gives a value that has as many of its first bytes in common with value as
// any at or below n.
func (n *node) near(value string) string {
	for n.fork != nil && n.fork.depth < len(value) {
		next := n.next(value[n.fork.depth])
		if next == nil {
			break
		}
		n = next.Load()
	}
	return n.sample()
}

func commonLength(a, b string) int {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}

// split is n, whose values go on with c at depth, and value, which does not.
func split(n *node, c byte, depth int, owner uuid.UUID, value string) *node {
	if len(value) == depth {
		above := leaf(owner, value)
		above.fork = newFork(depth, []byte{c}, n)
		return above
	}
	return &node{fork: newFork(depth, []byte{c, value[depth]}, n, leaf(owner, value))}
}

// ownedBy is n with one more owner of the value that ends there. Of two equal
// strings it holds the newer one, which others will hold for longer. Who sees
// the shorter list of owners does not look behind its end.
func (n *node) ownedBy(owner uuid.UUID, value string) *node {
	return &node{value: value, owners: append(n.owners, owner), fork: n.fork}
}

// longer is n with a value that goes on with a byte that none below n has.
func (n *node) longer(owner uuid.UUID, value string) *node {
	parting := n.fork
	if parting == nil {
		parting = newFork(n.depth(), nil)
	}
	return &node{value: n.value, owners: n.owners, fork: parting.with(value[n.depth()], leaf(owner, value))}
}
