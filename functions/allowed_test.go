package functions_test

import (
	"context"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/egret-proxy/egret/functions"
)

// allowing lets use have the values only that list answered with.
const allowing = `
  - name: list
    parameters: {properties: {v: {}}, required: [v]}
    url: https://api.acme.test/list
    json: {v: </v>}
    cache: results
  - name: use
    parameters: {properties: {id: {}, n: {default: 1}, order: {}, other: {}}}
    allowed_from:
      id: {cache: results, pointer: /orders/id}
      n: {cache: results, pointer: /numbers}
      /order/lines/id: {cache: results, pointer: /lines/1}
    url: https://api.acme.test/use
    json: {id: </id>, n: </n>, order: </order>, part: </other/id>}
    cache: second
`

const allowedList = `{"orders":[{"id":"A-1"},[{"id":"\u00e9\/<"}],{"id":["A-2",["A-3"]]},{"id":{"id":"A-4"}},{"id":null},{"id":true},"A-5"],` +
	`"numbers":[1,1.50,20000000000000000001,-0,1e400,"7"],"lines":[["no"],["L-1","L-2"],{"1":"no"}],"id":"A-6"}`

// allowingWorld is one in which alice has called list, and so has egret.
func allowingWorld(t testing.TB, more string) *world {
	w := newWorld(t, more)
	w.sender.answer = func(_ context.Context, r *sentRequest) (*reply, error) {
		if r.Target == "/list" {
			return jsonAnswer(200, allowedList), nil
		}
		return jsonAnswer(200, `{}`), nil
	}
	return w
}

const listFirst = "is none of the values that list gave; call list first, and use a value from its answer"

func TestAllowed(t *testing.T) {
	w := allowingWorld(t, allowing)
	alice := w.client("alice")
	w.call(t, functions.Call{Function: "list", Client: alice, Arguments: []byte(`{"v":1}`)})
	for _, c := range []struct {
		arguments string
		refused   string // the pointers
	}{
		{``, ``},
		{`{"id":"A-1"}`, ``},
		{`{"id":"\u0041-1"}`, ``},
		{`{"id":"é/<"}`, ``},
		{`{"id":["A-1","A-2","A-3"]}`, ``},
		{`{"id":[["A-1"],[]]}`, ``},
		{`{"id":[]}`, ``},
		{`{"id":true}`, ``},
		{`{"id":false}`, `/id`},
		{`{"id":"true"}`, `/id`},
		{`{"id":"a-1"}`, `/id`},
		{`{"id":"A-1 "}`, `/id`},
		{`{"id":"A-4"}`, `/id`},
		{`{"id":"A-5"}`, `/id`},
		{`{"id":"A-6"}`, `/id`},
		{`{"id":""}`, `/id`},
		{`{"id":null}`, `/id`},
		{`{"id":{}}`, `/id`},
		{`{"id":{"id":"A-1"}}`, `/id`},
		{`{"id":["A-1","x",{},"A-2",["y"]]}`, `/id/1 /id/2 /id/4/0`},
		{`{"id":"` + anyID + `"}`, `/id`},
		{`{"n":1.0}`, ``},
		{`{"n":10e-1}`, ``},
		{`{"n":15e-1}`, ``},
		{`{"n":20000000000000000001}`, ``},
		{`{"n":20000000000000000001.00}`, ``},
		{`{"n":20000000000000000000}`, `/n`},
		{`{"n":0}`, ``},
		{`{"n":1e400}`, ``},
		{`{"n":7}`, `/n`},
		{`{"n":"7"}`, ``},
		{`{"n":"1"}`, `/n`},
		{`{"n":-1}`, `/n`},
		{`{"order":{"lines":[{"id":"L-1"},{"id":"L-2"},{}]}}`, ``},
		{`{"order":{"lines":{"id":"L-1"}}}`, ``},
		{`{"order":{"lines":[{"id":"L-1"},[{"id":"no"}]]}}`, `/order/lines/1/0/id`},
		{`{"order":{"lines":7}}`, ``},
		{`{"order":"` + resultID + `"}`, `/order`},
		{`{"order":{"lines":["` + resultID + `"]}}`, `/order/lines/0`},
		{`{"id":"x","n":2,"order":{"lines":{"id":"no"}}}`, `/id /n /order/lines/id`},
	} {
		before := w.sender.count()
		_, err := w.Call(t.Context(), functions.Call{Function: "use", Client: alice, Arguments: []byte(c.arguments), NoCache: true})
		if c.refused == "" {
			if err != nil || w.sender.count() != before+1 {
				t.Errorf("%s: %v and %d requests, want none and one", c.arguments, err, w.sender.count()-before)
			}
			continue
		}
		var want []functions.ArgumentError
		for pointer := range strings.FieldsSeq(c.refused) {
			want = append(want, functions.ArgumentError{Pointer: pointer, Keyword: "allowed_from", Detail: listFirst})
		}
		if codeOf(err) != functions.InvalidArguments {
			t.Errorf("%s: %v, want %s", c.arguments, err, functions.InvalidArguments)
			continue
		}
		refusal := wantCode(t, err, functions.InvalidArguments)
		if diff := cmp.Diff(want, refusal.Errors); diff != "" {
			t.Errorf("%s: Errors (-want +got):\n%s", c.arguments, diff)
		}
		if refusal.Rule != "functions[1].allowed_from" || strings.Contains(refusal.Error(), "A-1") {
			t.Errorf("%s: the rule is %q and the error %q", c.arguments, refusal.Rule, refusal.Error())
		}
		if _, err := w.Explain(t.Context(), functions.Call{Function: "use", Client: alice, Arguments: []byte(c.arguments)}); codeOf(err) != functions.InvalidArguments {
			t.Errorf("%s: Explain: %v, want %s", c.arguments, err, functions.InvalidArguments)
		}
	}
}

// Many values are compared in time that grows with their number alone.
func TestAllowedMany(t *testing.T) {
	w := allowingWorld(t, allowing)
	var list strings.Builder
	for i := range 90_000 {
		list.WriteString(`,"x` + strconv.Itoa(i) + `"`)
	}
	w.sender.answer = func(context.Context, *sentRequest) (*reply, error) {
		return jsonAnswer(200, `{"orders":{"id":[1`+list.String()+`]},"numbers":1}`), nil
	}
	w.call(t, functions.Call{Function: "list", Arguments: []byte(`{"v":1}`)})
	w.call(t, functions.Call{Function: "use", Arguments: []byte(`{"id":[1` + list.String() + `]}`)})
}

// What one client was given, no other may use, and a hit is no way around it.
func TestAllowedIsEachClients(t *testing.T) {
	w := allowingWorld(t, allowing)
	use := functions.Call{Function: "use", Client: w.client("alice"), Arguments: []byte(`{"id":"A-1"}`)}
	empty := func() {
		t.Helper()
		refusal := w.refused(t, functions.CacheEmpty, use)
		contains(t, refusal.Detail, "call list first, /id needs a value from its answer")
	}
	empty()
	w.call(t, functions.Call{Function: "list", Client: w.client("alice"), Arguments: []byte(`{"v":1}`)})
	w.call(t, use)
	if got := w.call(t, use).Source; got != functions.FromCache {
		t.Errorf("the answer is from %s, want %s", got, functions.FromCache)
	}
	use.Client = w.client("bob")
	empty()
	if _, err := w.Explain(t.Context(), use); codeOf(err) != functions.CacheEmpty {
		t.Errorf("Explain: %v, want %s", err, functions.CacheEmpty)
	}
}

// The names in a refusal are of Functions that the client may call.
func TestAllowedNames(t *testing.T) {
	w := newWorld(t, `
  - {name: a, url: "https://api.acme.test/", cache: results}
  - {name: b, url: "https://api.acme.test/", cache: results}
  - name: use
    parameters: {properties: {id: {}}}
    allowed_from: {id: {cache: results, pointer: /id}}
    url: https://api.acme.test/
`)
	w.call(t, functions.Call{Function: "a", Client: w.client("alice")})
	use := functions.Call{Function: "use", Client: w.client("alice"), Arguments: []byte(`{"id":1}`)}
	refusal := w.refused(t, functions.InvalidArguments, use)
	if got, want := refusal.Errors[0].Detail, "is none of the values that a or b gave; call one of them first, and use a value from its answer"; got != want {
		t.Errorf("the detail is %q, want %q", got, want)
	}
	w.client("alice").Functions.All, w.client("alice").Functions.List = false, []string{"use"}
	refusal = w.refused(t, functions.InvalidArguments, use)
	if got, want := refusal.Errors[0].Detail, "is none of the values that cache results holds"; got != want {
		t.Errorf("the detail is %q, want %q", got, want)
	}
}

// A cache that can be filled is, and explain fills nothing.
func TestAllowedFills(t *testing.T) {
	w := allowingWorld(t, `
  - {name: list, url: "https://api.acme.test/list", cache: results}
  - name: use
    parameters: {properties: {id: {default: A-1}}}
    allowed_from: {id: {cache: results, pointer: /orders/id}}
    url: https://api.acme.test/use
`)
	invented := functions.Call{Function: "use", Client: w.client("carol"), Arguments: []byte(`{"id":"A-9"}`)}
	if _, err := w.Explain(t.Context(), invented); err != nil {
		t.Errorf("Explain: %v, want no judgement", err)
	}
	if n := w.sender.count(); n != 0 {
		t.Errorf("%d requests were sent to explain, want none", n)
	}
	w.refused(t, functions.InvalidArguments, invented)
	if n := w.sender.count(); n != 1 {
		t.Errorf("%d requests were sent, want the one that fills the cache", n)
	}
	w.call(t, functions.Call{Function: "use", Client: w.client("carol")})
	if _, err := w.Explain(t.Context(), invented); codeOf(err) != functions.InvalidArguments {
		t.Errorf("Explain: %v, want %s", err, functions.InvalidArguments)
	}
}

// An answer that is text is one value, and JSON in it can be pointed into.
func TestAllowedText(t *testing.T) {
	for _, c := range []struct{ pointer, contentType, body, good string }{
		{"", "text/plain", "A-1", `"A-1"`},
		{", pointer: /id", "text/plain", `{"id":"A-1"}`, `"A-1"`},
		{"", "application/json", `["A-1",2]`, `2`},
		{"", "application/json", `7`, `7.0`},
	} {
		w := newWorld(t, `
  - {name: list, url: "https://api.acme.test/list", cache: results}
  - name: use
    parameters: {properties: {id: {}}}
    allowed_from: {id: {cache: results`+c.pointer+`}}
    url: https://api.acme.test/use
`)
		w.sender.answer = func(context.Context, *sentRequest) (*reply, error) {
			r := jsonAnswer(200, c.body)
			r.Header[0].Value = c.contentType
			return r, nil
		}
		w.call(t, functions.Call{Function: "use", Arguments: []byte(`{"id":` + c.good + `}`)})
		w.refused(t, functions.InvalidArguments, functions.Call{Function: "use", Arguments: []byte(`{"id":"A-"}`)})
	}
}
