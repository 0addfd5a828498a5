package scrub_test

import (
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"unsafe"
	"weak"

	"github.com/egret-proxy/egret/proxy/scrub"
)

// TestFoundWhileOthersChange: texts are searched while values that begin alike
// come and go. Those that stay are found each time, and a new one is as soon as
// Add has returned.
func TestFoundWhileOthersChange(t *testing.T) {
	var x scrub.Index
	s := x.Scrubber(everyone{}, nil)
	random := rand.New(rand.NewPCG(9, 10))
	values := tokens(random, 3000)
	staying, changing := values[:100], values[100:]
	for _, value := range staying {
		x.Add(owner(0), value)
	}
	var done atomic.Bool
	var readers sync.WaitGroup
	for g := range 3 {
		readers.Go(func() {
			for i := g; !done.Load(); i++ {
				if value := staying[i%len(staying)]; !s.Found([]byte("token " + value + ".")) {
					t.Errorf("%q is not found", value)
					return
				}
			}
		})
	}
	for range 3 {
		for i, value := range changing {
			x.Add(owner(1), value)
			if !s.Found([]byte(value)) {
				t.Errorf("%q is not found after it was added", value)
			}
			if i >= 500 {
				x.Remove(owner(1), changing[i-500])
			}
		}
		for _, value := range changing[len(changing)-500:] {
			x.Remove(owner(1), value)
		}
	}
	done.Store(true)
	readers.Wait()
}

// TestRemovedIsGone: no part of a value stays in memory, wherever others parted
// from it.
func TestRemovedIsGone(t *testing.T) {
	var x scrub.Index
	kept := "secret-key-" + strings.Repeat("a", 40)
	x.Add(owner(0), kept)
	pointers := []weak.Pointer[byte]{}
	for i := range 100 {
		bytes := []byte("secret-key-" + strings.Repeat("a", i%30) + strings.Repeat("b", 30) + word(rand.New(rand.NewPCG(1, uint64(i))), 9))
		pointers = append(pointers, weak.Make(&bytes[0]))
		value := unsafe.String(&bytes[0], len(bytes))
		x.Add(owner(i), value)
	}
	for i := range pointers {
		p := pointers[i].Value()
		length := len("secret-key-") + i%30 + 30 + 9
		x.Remove(owner(i), unsafe.String(p, length))
	}
	runtime.GC()
	for i, p := range pointers {
		if p.Value() != nil {
			t.Errorf("value %d is still there", i)
		}
	}
	if s := x.Scrubber(everyone{}, nil); !s.Has(kept) {
		t.Error("the value that stays is gone")
	}
}

// What every answer pays costs no memory.
func TestSearchAllocatesNothing(t *testing.T) {
	x := indexOf(jwts(1000))
	text := []byte(strings.Repeat(`{"order":{"id":"A-1001","token":"eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCJ9.e30"}},`, 100))
	if n := testing.AllocsPerRun(100, func() {
		s := x.Scrubber(everyone{}, nil)
		if s.Found(text) {
			t.Error("a value is found where there is none")
		}
	}); n != 0 {
		t.Errorf("a search makes %v allocations, want none", n)
	}
}
