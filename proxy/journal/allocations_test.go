//go:build !race

// The race detector keeps slices on the heap that would be on the stack.

package journal_test

import (
	"testing"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/proxy/journal"
)

// To add a record allocates nothing, and to write one allocates nothing.
func TestAllocations(t *testing.T) {
	j := newJournal(t, configs.Journal{Entries: 64}, journal.Options{})
	r, line := whole(), make([]byte, 0, 4<<10)
	r.Target.SetText("/a-path-that-is-longer-than-what-a-compiler-keeps-on-its-stack")
	for what, do := range map[string]func(){
		"Add":        func() { j.Add(r) },
		"AppendJSON": func() { line = r.AppendJSON(line[:0]) },
	} {
		if got := testing.AllocsPerRun(1000, do); got != 0 {
			t.Errorf("%s: got %v allocations, want none", what, got)
		}
	}
}
