package scrub

import (
	"bytes"
	"slices"
	"sync/atomic"
)

// A fork is where values part, by the byte that they have at its depth. Its
// nodes are what is put in each other's place: nothing else of it changes.
type fork struct {
	depth int
	bytes []byte
	nodes []atomic.Pointer[node] // one for each of bytes; never nil
}

func newFork(depth int, bytes []byte, nodes ...*node) *fork {
	f := &fork{depth: depth, bytes: bytes, nodes: make([]atomic.Pointer[node], len(nodes))}
	for i, n := range nodes {
		f.nodes[i].Store(n)
	}
	return f
}

// next gives the place of the values that go on with c, or nil.
func (f *fork) next(c byte) *atomic.Pointer[node] {
	if i := bytes.IndexByte(f.bytes, c); i >= 0 {
		return &f.nodes[i]
	}
	return nil
}

// with is f and another byte, which it has not yet.
func (f *fork) with(c byte, n *node) *fork {
	return newFork(f.depth, append(slices.Clip(f.bytes), c), append(f.list(), n)...)
}

// without is f without one of its bytes.
func (f *fork) without(c byte) *fork {
	i := bytes.IndexByte(f.bytes, c)
	return newFork(f.depth, slices.Delete(slices.Clone(f.bytes), i, i+1), slices.Delete(f.list(), i, i+1)...)
}

func (f *fork) list() []*node {
	list := make([]*node, len(f.nodes), len(f.nodes)+1)
	for i := range f.nodes {
		list[i] = f.nodes[i].Load()
	}
	return list
}
