package functions_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/egret-proxy/egret/functions"
)

// nest gives arguments of objects and arrays, depth of them inside each other.
func nest(depth int) string {
	return `{"v":` + strings.Repeat("[", depth-1) + strings.Repeat("]", depth-1) + `}`
}

func TestCallDepth(t *testing.T) {
	for _, c := range []struct {
		limits string
		most   int
	}{{"", 500}, {"limits: {call_depth: 8}\n", 8}, {"limits: {call_depth: 10000}\n", 10_000}} {
		w := newWorld(t, anything)
		w.reload(t, c.limits+foundation+anything)
		arguments := nest(c.most)
		if got := string(w.request(t, "f", arguments).Body); got != arguments {
			t.Errorf("%d levels of %d: the body has %d bytes, want the %d of the arguments", c.most, c.most, len(got), len(arguments))
		}
		for _, arguments := range []string{
			nest(c.most + 1), nest(10_001), nest(90_000), nest(300_000),
			`{"u":1,"v":` + strings.Repeat(`{"a":`, c.most) + "1" + strings.Repeat("}", c.most) + `}`,
		} {
			refusal := w.refused(t, functions.InvalidArguments, functions.Call{Function: "f", Arguments: []byte(arguments)})
			want := []functions.ArgumentError{{Keyword: "depth", Detail: "the arguments are nested deeper than " + strconv.Itoa(c.most) + " levels"}}
			if diff := cmp.Diff(want, refusal.Errors); diff != "" || refusal.Rule != "limits.call_depth" {
				t.Errorf("%d bytes: Errors (-want +got):\n%s\nthe rule is %q", len(arguments), diff, refusal.Rule)
			}
		}
	}
}

// What is no JSON is told so, however deep it is, and brackets in texts are none.
func TestCallDepthOfText(t *testing.T) {
	w := newWorld(t, anything)
	brackets := `{"v":"` + strings.Repeat(`[{\"`, 5_000) + `"}`
	if got := string(w.request(t, "f", brackets).Body); got != brackets {
		t.Errorf("the body has %d bytes, want the %d of the arguments", len(got), len(brackets))
	}
	w.refused(t, functions.MalformedRequest, functions.Call{Function: "f", Arguments: []byte(strings.Repeat("[", 9_000))})
}
