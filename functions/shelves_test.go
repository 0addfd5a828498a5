package functions_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/egret-proxy/egret/functions"
)

// asked calls f once for each value and says where the answers came from.
func (w *world) asked(t testing.TB, values ...int) string {
	t.Helper()
	var sources []string
	for _, v := range values {
		got := w.call(t, functions.Call{Function: "f", Arguments: fmt.Appendf(nil, `{"v":%d}`, v)})
		sources = append(sources, string(got.Source[:1]))
	}
	return strings.Join(sources, "")
}

func TestMaxEntries(t *testing.T) {
	w := newWorld(t, keyed("{max_entries: 2}"))
	for _, step := range []struct {
		values []int
		want   string
	}{
		{[]int{1, 2, 1, 2}, "uucc"},
		{[]int{3, 1}, "uu"}, // 1 went for 3, then 2 for 1
		{[]int{3, 2}, "cu"}, // 3 was used, so 1 goes
		{[]int{3, 2, 3, 1}, "cccu"},
		{[]int{3, 2}, "cu"},
	} {
		if got := w.asked(t, step.values...); got != step.want {
			t.Errorf("the sources for %v are %s, want %s", step.values, got, step.want)
		}
	}
}

// A reload keeps the answers, and the bound, of a Function that has not changed.
func TestMaxEntriesOutlivesReload(t *testing.T) {
	text := foundation + keyed("{max_entries: 2}")
	w := newWorld(t, keyed("{max_entries: 2}"))
	w.asked(t, 1, 2)
	other := "  - {name: other, url: https://api.acme.test/}\n"
	w.reload(t, text+other)
	w.results.Keep(w.Set)
	if got, want := w.asked(t, 1, 2, 3, 2, 1), "ccucu"; got != want {
		t.Errorf("the sources are %s, want %s", got, want)
	}
	if n := functions.Shelves(w.results); n != 1 {
		t.Errorf("%d Functions are noted, want 1", n)
	}
	w.reload(t, foundation+other)
	w.results.Keep(w.Set)
	if n := functions.Shelves(w.results); n != 0 {
		t.Errorf("%d Functions are noted after the last has gone, want 0", n)
	}
}
