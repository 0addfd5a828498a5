//go:build !race

// The race detector makes a sync.Pool forget things on purpose.

package functions_test

import (
	"testing"

	"github.com/egret-proxy/egret/functions"
)

// A call takes two pieces of memory at most: the text of its arguments, and
// either the context in which it waits for a value or the key of its answer.
func TestCallAllocatesLittle(t *testing.T) {
	for _, function := range []string{"direct", "direct_stored"} {
		call := caller(t, functions.Call{Function: function})
		var err error
		if n := testing.AllocsPerRun(1000, func() {
			if failed := call(); failed != nil {
				err = failed
			}
		}); n > 2 || err != nil {
			t.Errorf("%s: a call makes %v allocations, want at most 2; %v", function, n, err)
		}
	}
}
