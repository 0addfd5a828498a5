package functions_test

import (
	"testing"

	"github.com/egret-proxy/egret/functions"
)

const ordered = `
  - name: f
    parameters:
      properties: {path: {type: string, maxLength: 80}, auth: {type: string}, q: {type: string}}
      additionalProperties: false
    fixed: {limit: 10}
    url: https://api.acme.test/{/path}
    query: {q: </q>, limit: </limit>}
    headers: {Authorization: Bearer </auth>}
    cache: results
`

// Each step has everything wrong that the steps below it have wrong, so the
// refusal that comes shows what is looked at first.
func TestOrder(t *testing.T) {
	w := newWorld(t, ordered)
	w.tokens.err = functions.Refuse(functions.TokenUnavailable, "no key")
	w.sender.answer = nil
	for _, step := range []struct {
		name, function, client, arguments string
		onlyIfCached                      bool
		want                              functions.Code
		reads                             bool
	}{
		{"no such Function", "g", "dave", `{"a":1,"a":2}`, true, functions.UnknownFunction, false},
		{"a Function of others", "f", "dave", `{"a":1,"a":2}`, true, functions.FunctionDenied, false},
		{"broken arguments", "f", "carol", `{"limit":1,"limit":1,"path":"` + awayID + `"}`, true, functions.MalformedRequest, false},
		{"a fixed argument", "f", "carol", `{"limit":1,"path":"` + awayID + `"}`, true, functions.InvalidArguments, false},
		{"wrong arguments", "f", "carol", `{"more":1,"path":"` + awayID + `"}`, true, functions.InvalidArguments, false},
		{"a cache of others", "f", "carol", `{"path":"` + awayID + `"}`, true, functions.CacheDenied, false},
		{"a cache for another host", "f", "alice", `{"path":"` + awayID + `"}`, true, functions.CacheHostDenied, false},
		{"a cache in a path", "f", "alice", `{"path":"` + tokenID + `","auth":"` + tokenID + `"}`, true, functions.SurfaceDenied, false},
		{"nothing is stored", "f", "alice", `{"path":"..","auth":"` + tokenID + `"}`, true, functions.NotCached, false},
		{"no value", "f", "alice", `{"path":"..","auth":"` + tokenID + `"}`, false, functions.TokenUnavailable, true},
	} {
		t.Run(step.name, func(t *testing.T) {
			before := w.tokens.count()
			w.refused(t, step.want, functions.Call{
				Function: step.function, Client: w.client(step.client), Arguments: []byte(step.arguments), OnlyIfCached: step.onlyIfCached,
			})
			if read := w.tokens.count() > before; read != step.reads {
				t.Errorf("a value was read: %t, want %t", read, step.reads)
			}
		})
	}
	w.tokens.err = nil
	w.refused(t, functions.UnsafeValue, functions.Call{Function: "f", Arguments: []byte(`{"path":"..","auth":"` + tokenID + `"}`)})
	w.refused(t, functions.MissingArgument, functions.Call{Function: "f", Arguments: []byte(`{"auth":"` + tokenID + `"}`)})
	if n := w.sender.count(); n != 0 {
		t.Errorf("%d requests were sent, want none", n)
	}
}

// An answer that is stored is given only to those who could have asked for it.
func TestHitPassesNoCheckBy(t *testing.T) {
	w := newWorld(t, ordered)
	arguments := []byte(`{"path":"a","auth":"` + tokenID + `"}`)
	w.call(t, functions.Call{Function: "f", Client: w.client("alice"), Arguments: arguments})
	if got := w.call(t, functions.Call{Function: "f", Client: w.client("bob"), Arguments: arguments}); got.Source != functions.FromCache {
		t.Fatalf("the source for bob is %q, want %q", got.Source, functions.FromCache)
	}
	reads := w.tokens.count()

	w.refused(t, functions.CacheDenied, functions.Call{Function: "f", Client: w.client("carol"), Arguments: arguments})
	w.refused(t, functions.FunctionDenied, functions.Call{Function: "f", Client: w.client("dave"), Arguments: arguments})

	// The Function is the same, the cache has moved.
	w.reload(t, replaceOnce(t, foundation, "ttl: 15m, hosts: [api.acme.test]}", "ttl: 15m, hosts: [elsewhere.test]}")+ordered)
	w.refused(t, functions.CacheHostDenied, functions.Call{Function: "f", Client: w.client("alice"), Arguments: arguments})
	w.reload(t, replaceOnce(t, foundation, "ttl: 15m, hosts: [api.acme.test]}", "ttl: 15m, hosts: [api.acme.test], surfaces: [query]}")+ordered)
	w.refused(t, functions.SurfaceDenied, functions.Call{Function: "f", Client: w.client("alice"), Arguments: arguments})

	if sent, read := w.sender.count(), w.tokens.count()-reads; sent != 1 || read != 0 {
		t.Errorf("%d requests and %d reads, want 1 and 0", sent, read)
	}
}
