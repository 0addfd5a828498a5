package scrub

import (
	"sync/atomic"

	"github.com/google/uuid"
)

// A node is where a value ends, where longer values part, or both. It never
// changes: a change puts another one in its place, so that who searches needs no
// lock. The values below a node have as many bytes in common as it is deep;
// which ones they are is written in the values alone, and nothing of a value
// stays when it is removed.
type node struct {
	value  string      // the value that ends here, when it has owners
	owners []uuid.UUID // each as often as it has added the value
	fork   *fork       // nil where no value is longer
}

func leaf(owner uuid.UUID, value string) *node {
	return &node{value: value, owners: []uuid.UUID{owner}}
}

func (n *node) ends() bool { return len(n.owners) > 0 }

// depth is how many bytes the values at and below n have in common.
func (n *node) depth() int {
	if n.fork != nil {
		return n.fork.depth
	}
	return len(n.value)
}

// next gives the place of the values that go on from n with c, or nil.
func (n *node) next(c byte) *atomic.Pointer[node] {
	if n.fork == nil {
		return nil
	}
	return n.fork.next(c)
}

// sample gives a value at or below n.
func (n *node) sample() string {
	for !n.ends() {
		n = n.fork.nodes[0].Load()
	}
	return n.value
}

// fronts appends what the values at and below n begin with, each once. There may
// be no n.
func (n *node) fronts(list []uint64) []uint64 {
	switch {
	case n == nil:
		return list
	case n.depth() >= MinLength:
		return append(list, front(n.sample()))
	}
	for i := range n.fork.nodes {
		list = n.fork.nodes[i].Load().fronts(list)
	}
	return list
}
