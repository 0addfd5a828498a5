package functions_test

import (
	"fmt"
	"testing"

	"github.com/egret-proxy/egret/functions"
)

// keyed is a Function whose answers are told apart as the given caching says.
func keyed(caching string) string {
	return fmt.Sprintf(`
  - name: f
    parameters: {properties: {v: {}, w: {}, "ä~/": {}}}
    url: https://api.acme.test/
    json: {v: </v>, w: </w>}
    cache: results
    caching: %s
`, caching)
}

func TestCountingArguments(t *testing.T) {
	for _, c := range []struct {
		key, first, second string
		hit                bool
	}{
		{"arguments", `{"v":1}`, `{"v":1}`, true},
		{"arguments", `{"v":1}`, `{"v":1,"w":2}`, false},
		{"single", `{"v":1}`, `{"v":2,"w":[]}`, true},
		{"single", ``, `{"v":2}`, true},
		{"[v]", `{"v":1,"w":1}`, `{"w":2,"v":1}`, true},
		{"[v]", `{"v":1}`, `{"v":2}`, false},
		{"[v]", `{"v":1}`, `{"v":1.0}`, false},
		{"[v]", `{"v":{"a":1,"b":2}}`, `{"v":{"b":2,"a":1}}`, true},
		{"[v]", `{"v":"\u0041"}`, `{"v":"A"}`, true},
		{"[v]", `{"v":"` + anyID + `"}`, `{"v":"` + unknownID + `"}`, false},
		{"[v]", `{}`, `{"w":1}`, true},
		{"[v]", `{}`, `{"v":null}`, false},
		{"[v]", `{}`, `{"v":""}`, false},
		{"[v]", `{}`, `{"v":[]}`, false},
		{"[v, w]", `{"v":1}`, `{"w":1}`, false},
		{"[v, w]", `{"v":"1,2"}`, `{"v":1,"w":2}`, false},
		{"[v, w]", `{"v":[1,2]}`, `{"v":1,"w":2}`, false},
		{"[v, w]", `{"v":12,"w":3}`, `{"v":1,"w":23}`, false},
		{"[v, w]", `{"v":null}`, `{"w":null}`, false},
		{"[/v/a]", `{"v":{"a":1,"b":1}}`, `{"v":{"a":1,"b":2}}`, true},
		{"[/v/a]", `{"v":{"a":1}}`, `{"v":{"a":2}}`, false},
		{"[/v/a]", `{"v":{}}`, `{"v":7}`, true},
		{"[/v/1]", `{"v":[1,2]}`, `{"v":[3,2]}`, true},
		{"[/v/1]", `{"v":[1,2]}`, `{"v":[1,3]}`, false},
		{"[/v/01]", `{"v":[1,2]}`, `{"v":[1,3]}`, true}, // leads nowhere
		// Below an ID is what the cache holds: the ID counts.
		{"[/v/a]", `{"v":"` + anyID + `"}`, `{"v":"` + anyID + `","w":1}`, true},
		{"[/v/a]", `{"v":"` + anyID + `"}`, `{}`, false},
		{"[/v/a]", `{"v":"x"}`, `{}`, true},
		// What is left to the library has the same form.
		{"['/ä~0~1']", `{"ä~/":"\u0041"}`, `{"\u00e4~/":"A","v":1}`, true},
		{"['/ä~0~1']", `{"ä~/":{"b":1,"ö":2}}`, `{"ä~/":{"ö":2,"b":1}}`, true},
		{"['/ä~0~1']", `{"ä~/":1}`, `{"ä~/":2}`, false},
	} {
		t.Run(c.key+" "+c.first+" "+c.second, func(t *testing.T) {
			w := newWorld(t, keyed("{key: "+c.key+"}"))
			w.call(t, functions.Call{Function: "f", Arguments: []byte(c.first)})
			second := w.call(t, functions.Call{Function: "f", Arguments: []byte(c.second)})
			if hit := second.Source == functions.FromCache; hit != c.hit {
				t.Errorf("a hit: %t, want %t", hit, c.hit)
			}
		})
	}
}

// Whatever counts, a request with a value of the client's own has an answer of
// its own.
func TestSingleIsPersonal(t *testing.T) {
	w := newWorld(t, keyed("{key: single}")+`
  - {name: mine, parameters: {properties: {v: {}}}, url: https://api.acme.test/, json: {v: </v>}, cache: second}
`)
	for i, client := range []string{"alice", "bob"} {
		w.call(t, functions.Call{Function: "mine", Client: w.client(client), Arguments: fmt.Appendf(nil, `{"v":%d}`, i)})
	}
	arguments := []byte(`{"v":"` + secondID + `"}`)
	for _, client := range []string{"alice", "bob"} {
		if got := w.call(t, functions.Call{Function: "f", Client: w.client(client), Arguments: arguments}); got.Source != functions.FromUpstream {
			t.Errorf("the source for %s is %q, want %q", client, got.Source, functions.FromUpstream)
		}
	}
}

func TestPerClient(t *testing.T) {
	w := newWorld(t, keyed("{per_client: true}"))
	bodies := map[string]string{}
	for _, source := range []functions.Source{functions.FromUpstream, functions.FromCache} {
		for _, client := range []string{"", "alice", "bob"} {
			got := w.call(t, functions.Call{Function: "f", Client: w.client(client)})
			if got.Source != source {
				t.Errorf("the source for %q is %q, want %q", client, got.Source, source)
			}
			if before, ok := bodies[client]; ok && before != output(got) {
				t.Errorf("%q got %s, and %s before", client, output(got), before)
			}
			bodies[client] = output(got)
		}
	}
	if n := w.sender.count(); n != 3 {
		t.Errorf("%d requests were sent, want 3", n)
	}
}

// What fills a cache on demand fills it for the one who needs it.
func TestPerClientIsFilledForEach(t *testing.T) {
	w := newWorld(t, `
  - {name: f, url: https://api.acme.test/, cache: results, caching: {per_client: true}}
`+putting)
	want := map[string]string{"alice": `{"it":{"n":1}}`, "bob": `{"it":{"n":3}}`, "": `{"it":{"n":5}}`}
	for range 2 {
		for _, client := range []string{"alice", "bob", ""} {
			got := w.requestBody(t, functions.Call{Function: "use", Client: w.client(client)})
			if string(got) != want[client] {
				t.Errorf("the ID stands for %s to %q, want %s", got, client, want[client])
			}
		}
	}
}
