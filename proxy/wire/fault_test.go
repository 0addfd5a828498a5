package wire_test

import (
	"testing"

	"github.com/egret-proxy/egret/proxy/wire"
)

// TestFaults: each has a sentence of its own.
func TestFaults(t *testing.T) {
	seen := map[string]bool{}
	for fault := wire.BareLineFeed; fault <= wire.Chunk; fault++ {
		text := fault.Error()
		if text == "" || seen[text] {
			t.Errorf("fault %d says %q", fault, text)
		}
		seen[text] = true
	}
}
