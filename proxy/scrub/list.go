package scrub

import (
	"encoding/binary"

	"github.com/google/uuid"
)

// A Replacement is a live value and what stands in its place.
type Replacement struct {
	Value string
	With  string
}

// New makes a Scrubber of the values of at least MinLength bytes. Of two values
// that begin at the same place the longer one is replaced; of two equal ones
// the first of the list counts. New gives nil when nothing is left to replace.
func New(values []Replacement) *Scrubber {
	x := &Index{}
	for i, r := range values {
		x.Add(numbered(i), r.Value)
	}
	if x.root.Load() == nil {
		return nil
	}
	return &Scrubber{sources: [2]source{{index: x, namer: list(values)}}}
}

// A list names values that their places in it own.
type list []Replacement

// Name gives what stands in the place of the first of the owners.
func (l list) Name(owners []uuid.UUID) (string, bool) {
	return l[binary.BigEndian.Uint64(owners[0][:])].With, true
}

func numbered(i int) (owner uuid.UUID) {
	binary.BigEndian.PutUint64(owner[:], uint64(i))
	return owner
}
