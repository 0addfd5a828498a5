package functions_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/egret-proxy/egret/functions"
)

const traced = `
  - name: f
    parameters: {properties: {id: {type: string}, auth: {}, more: {}}}
    url: https://api.acme.test/${env:CONFIGURED}/{/id}
    query: {limit: "10", more: </more>}
    headers: {Authorization: Bearer </auth>, X-Again: </auth>}
    json: {auth: </more>}
  - name: stored
    parameters: {properties: {auth: {}}}
    url: https://api.acme.test/
    headers: {Authorization: Bearer </auth>}
    cache: results
`

// A trace has what was swapped, and the names of the tokens; an answer out of
// the output cache swaps nothing.
func TestTrace(t *testing.T) {
	w := newWorld(t, traced)
	swap := func(surface string) string { return "token " + surface + " key of token id of token" }
	for _, c := range []struct {
		name      string
		call      functions.Call
		want      []string
		source    functions.Source
		began, ok bool
	}{
		{"nothing", functions.Call{Function: "f", Arguments: []byte(`{"id":"1","auth":"x"}`)}, nil, functions.FromUpstream, true, true},
		{"three places", functions.Call{Function: "f", Arguments: []byte(`{"id":"1","auth":"` + tokenID + `","more":"` + anyID + `"}`)}, []string{"any query key of any id of any", swap("header"), "any body key of any id of any"}, functions.FromUpstream, true, true},
		{"stored", functions.Call{Function: "stored", Arguments: []byte(`{"auth":"` + tokenID + `"}`)}, []string{swap("header")}, functions.FromUpstream, true, true},
		{"out of the cache", functions.Call{Function: "stored", Arguments: []byte(`{"auth":"` + tokenID + `"}`)}, nil, functions.FromCache, false, true},
		{"anew", functions.Call{Function: "stored", Arguments: []byte(`{"auth":"` + tokenID + `"}`), NoCache: true}, []string{swap("header")}, functions.FromUpstream, true, true},
		{"refused", functions.Call{Function: "f", Arguments: []byte(`{"id":1}`)}, nil, "", false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			trace := &functions.Trace{Swaps: []functions.Swap{{KeyID: "of a call before"}}, Began: time.Now()}
			trace.Reset()
			c.call.Trace = trace
			_, err := w.Call(t.Context(), c.call)
			if (err == nil) != c.ok {
				t.Fatalf("got error %v, want one: %t", err, !c.ok)
			}
			var got []string
			for _, s := range trace.Swaps {
				got = append(got, s.Cache.Name+" "+s.Surface.String()+" "+s.KeyID+" "+s.TokenID)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("swaps (-want +got):\n%s", diff)
			}
			if trace.Source != c.source || trace.Began.IsZero() == c.began || (trace.CallID == [16]byte{}) == c.ok {
				t.Errorf("got source %q, begin %v, call %s", trace.Source, trace.Began, trace.CallID)
			}
		})
	}
}

// A caller that gives up may use its trace again, though the call goes on.
func TestTraceOfGoneCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "  - {name: f, parameters: {properties: {v: {}}}, url: 'https://api.acme.test/', headers: {X-V: </v>}, cache: results, timeout: 3s}\n")
		set, err := functions.New(w.cfg, functions.Options{Tokens: waiting{}, Sender: w.sender, Results: w.results})
		if err != nil {
			t.Fatal(err)
		}
		trace := &functions.Trace{}
		_, err = set.Call(t.Context(), functions.Call{Function: "f", Arguments: []byte(`{"v":"` + tokenID + `"}`), Trace: trace})
		if err == nil || trace.Began.IsZero() || trace.Wait != 3*time.Second {
			t.Errorf("got error %v and a wait of %v, want one of 3s", err, trace.Wait)
		}
		w.results.Wait()
	})
}

// A label shows placeholders, and nothing that is configured.
func TestLabel(t *testing.T) {
	w := newWorld(t, traced+`
  - {name: host, url: "https://${env:CONFIGURED}.acme.test:8443/"}
  - {name: all, url: "${env:CONFIGURED_URL:-https://api.acme.test/v1}/x"}
  - {name: port, url: "https://api.acme.test:8443?a=b"}
`)
	for _, want := range []functions.Label{
		{Function: "f", Path: "functions[0]", Host: "api.acme.test", Target: "/(configured)/{/id}?limit=10&more={/more}"},
		{Function: "stored", Path: "functions[1]", Host: "api.acme.test", Target: "/"},
		{Function: "host", Path: "functions[2]", Host: "(configured)", Target: "/"},
		{Function: "all", Path: "functions[3]", Host: "(configured)", Target: "(configured)/x"},
		{Function: "port", Path: "functions[4]", Host: "api.acme.test:8443", Target: "/?a=b"},
	} {
		got, ok := w.Label(want.Function)
		if diff := cmp.Diff(want, got); diff != "" || !ok {
			t.Errorf("the label (-want +got):\n%s", diff)
		}
	}
	if _, ok := w.Label("no_such"); ok {
		t.Error("a Function that there is not has a label")
	}
}
