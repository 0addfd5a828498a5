package scrub

import (
	"encoding/binary"
	"math/bits"
	"sync/atomic"
)

// A filter passes by the places of a text at which no value begins, without a
// look at the values. It is a Bloom filter of all that stands in five bytes in a
// row of the first eight of a value. There are four such windows, so one look at
// every fourth place of a text meets one of them, wherever a value begins.
//
// One goroutine may add while others search.
type filter struct {
	words []atomic.Uint64 // a power of two of them
	shift uint            // leaves of a hash the number of a word
	used  int             // bits that are set
}

const (
	windows = 4                       // of a value
	window  = MinLength - windows + 1 // bytes
	skip    = 8 * (windows - 1)       // bits before the last window
)

// A filter is made with at least freshBits for each bit that is set, and is full
// when it has fullBits: one window in some hundred then passes by mistake, which
// costs a second look.
const (
	freshBits = 8
	fullBits  = 5
)

// front gives the first eight bytes of a value.
func front(value string) uint64 {
	var first [MinLength]byte
	copy(first[:], value)
	return binary.LittleEndian.Uint64(first[:])
}

// newFilter makes a filter of values that begin with fronts.
func newFilter(fronts []uint64) *filter {
	words := 16
	for words*64 < len(fronts)*windows*marksOfOne*freshBits {
		words *= 2
	}
	f := &filter{words: make([]atomic.Uint64, words), shift: uint(64 - bits.TrailingZeros(uint(words)))}
	for _, first := range fronts {
		f.add(first)
	}
	return f
}

func (f *filter) full() bool { return f.used*fullBits > len(f.words)*64 }

// add makes the filter let values pass that begin with first.
func (f *filter) add(first uint64) {
	for i := range windows {
		h := hash(first >> (8 * i))
		before := f.words[h>>f.shift].Or(marks(h))
		f.used += bits.OnesCount64(marks(h) &^ before)
	}
}

// next is the first place of text, from a given one on, at which a value may
// begin. The last bytes of a text are too few to tell.
func (f *filter) next(text []byte, from int) int {
	words, shift := f.words, f.shift&63
	for ; from+MinLength <= len(text); from += windows {
		h := hash(binary.LittleEndian.Uint64(text[from:]) >> skip)
		if m := marks(h); words[h>>shift].Load()&m != m {
			continue
		}
		for at := from; at < from+windows; at++ {
			if at+MinLength > len(text) || f.passes(binary.LittleEndian.Uint64(text[at:])) {
				return at
			}
		}
	}
	return from
}

// passes looks at the first window and at the last one.
func (f *filter) passes(first uint64) bool { return f.has(hash(first)) && f.has(hash(first>>skip)) }

func (f *filter) has(h uint64) bool { return f.words[h>>f.shift].Load()&marks(h) == marks(h) }

// hash mixes the bytes of the window with which first begins. Its upper half is
// good: Knuth, The Art of Computer Programming, volume 3, section 6.4.
func hash(first uint64) uint64 {
	const golden = 0x9e3779b97f4a7c15 // 2^64 divided by the golden ratio
	return first & (1<<(8*window) - 1) * golden
}

// marksOfOne is how many bits a window has.
const marksOfOne = 2

// marks gives the bits of a window in its word.
func marks(h uint64) uint64 { return 1<<(h>>32&63) | 1<<(h>>38&63) }
