package scrub

import (
	"math/rand/v2"
	"testing"

	"github.com/google/uuid"
)

// TestFilterStaysSharp: however many values have come and gone, few places of a
// text without one are looked at twice.
func TestFilterStaysSharp(t *testing.T) {
	random := rand.New(rand.NewPCG(17, 18))
	word := func() string {
		b := make([]byte, 12)
		for i := range b {
			b[i] = byte(random.Uint32())
		}
		return string(b)
	}
	var text []byte
	for range 8192 {
		text = append(text, word()...)
	}
	var x Index
	var held []string
	for _, n := range []int{1, 100, 10_000, 30_000, 100} {
		for ; len(held) > n; held = held[1:] {
			x.Remove(uuid.UUID{}, held[0])
		}
		for len(held) < n {
			held = append(held, word())
			x.Add(uuid.UUID{}, held[len(held)-1])
		}
		for range 20_000 { // values are replaced
			x.Remove(uuid.UUID{}, held[0])
			held = append(held[1:], word())
			x.Add(uuid.UUID{}, held[len(held)-1])
		}
		places := 0
		for at := x.next(text, 0, true); at < len(text); at = x.next(text, at+1, true) {
			places++
		}
		if places > len(text)/200 {
			t.Errorf("with %d values, %d of %d places are looked at twice, want fewer than 0.5 %%", n, places, len(text))
		}
		if most := 16 + (n+20_000)*windows*marksOfOne*freshBits*4/64; len(x.filter.Load().words) > most {
			t.Errorf("with %d values the filter has %d words, want at most %d", n, len(x.filter.Load().words), most)
		}
	}
}
