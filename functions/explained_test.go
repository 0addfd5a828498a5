package functions_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/egret-proxy/egret/functions"
)

// everywhere puts the argument v into every context that there is.
const everywhere = `
  - {name: path, parameters: {properties: {v: {}}}, url: "https://api.acme.test/a/{/v}/b"}
  - {name: url_query, parameters: {properties: {v: {}}}, url: "https://api.acme.test/?a=1&v={/v}&w=x{/v}"}
  - {name: query, parameters: {properties: {v: {}}}, url: https://api.acme.test/?a, query: {v: </v>, w: "x</v>"}}
  - {name: header, parameters: {properties: {v: {}}}, url: https://api.acme.test/, headers: {X-V: </v>, Cookie: "v=</v>"}}
  - {name: json, parameters: {properties: {v: {}}}, url: https://api.acme.test/, json: {v: </v>, list: [1.50, </v>], text: "<& </v>"}}
  - {name: json_text, parameters: {properties: {v: {}}}, url: https://api.acme.test/, headers: {Content-Type: application/json}, body: '{"v": {/v}, "t": "\n{/v}"}'}
  - {name: form, parameters: {properties: {v: {}}}, url: https://api.acme.test/, form: {v: </v>, w: "x </v>"}}
  - {name: xml, parameters: {properties: {v: {}}}, url: https://api.acme.test/, headers: {Content-Type: application/xml}, body: '<a b="{/v}">{/v}</a>'}
  - {name: plain, parameters: {properties: {v: {}}}, method: PATCH, url: https://api.acme.test/, headers: {Content-Type: text/plain}, body: "</v>, <b> {/v}"}
  - {name: defaults, parameters: {properties: {v: {}, w: {default: "<w> &"}}}, url: https://api.acme.test/, query: {v: </v>}, json: {v: </v>, w: </w>}}
`

// What is explained is what is sent, byte for byte, or both are refused alike.
func TestExplainedIsSent(t *testing.T) {
	w := newWorld(t, everywhere)
	values := []string{
		`"A-1001"`, `""`, `"a b+c%20d"`, `"<&\"'\\/>"`, `"é\u0000\u0007\u007f"`, `"\u00e9\ud83d\ude00\u202e"`, `"a\tb"`, `"a\r\nX: y"`, `".."`, `"/?#"`, `"</v>{/v}"`,
		`1`, `-0.10e+5`, `9007199254740993`, `1e400`, `true`, `null`, `[]`, `["a","b c",1.50,null]`, `[["a"]]`, `{"b":1,"a":[{}]}`, `"` + unknownID + `"`,
		`"` + strings.Repeat("x", 1<<16) + `"`, strings.Repeat("[", 100) + strings.Repeat("]", 100),
	}
	same, refused := 0, 0
	for _, name := range []string{"path", "url_query", "query", "header", "json", "json_text", "form", "xml", "plain", "defaults"} {
		for _, v := range append(values, "") {
			call := functions.Call{Function: name, Arguments: []byte(`{"v":` + v + `}`)}
			if v == "" {
				call.Arguments = nil
			}
			explanation, err := w.Explain(t.Context(), call)
			_, refusal := w.Call(t.Context(), call)
			if err != nil || refusal != nil {
				refused++
				if err == nil || refusal == nil || err.Error() != refusal.Error() {
					t.Errorf("%s %.60s: Explain: %v, the call: %v", name, v, err, refusal)
				}
				continue
			}
			same++
			sent := w.sender.last()
			headers := [][2]string{}
			for _, f := range sent.Header {
				headers = append(headers, [2]string{f.Name, f.Value})
			}
			want := functions.ExplainedRequest{Method: sent.Method, URL: sent.Scheme + "://" + sent.Authority + sent.Target, Headers: headers, Body: string(sent.Body)}
			if diff := cmp.Diff(want, explanation.Request); diff != "" {
				t.Errorf("%s %.60s: the request (-sent +explained):\n%s", name, v, diff)
			}
		}
	}
	if same < 100 || refused < 20 {
		t.Errorf("%d requests were sent and %d refused, want more of both", same, refused)
	}
}

// Where a default stands is told, and that nobody sent it.
func TestExplainDefaults(t *testing.T) {
	w := newWorld(t, `
  - name: f
    parameters:
      properties:
        a: {default: 1}
        b: {type: object, properties: {c: {default: 2}}}
        auth: {default: `+anyID+`}
    url: https://api.acme.test/
    query: {a: </a>}
    headers: {Authorization: Bearer </auth/part>}
    json: {c: </b/c>, b: </b>}
`)
	explanation, err := w.Explain(t.Context(), functions.Call{Function: "f", Arguments: []byte(`{"b":{}}`)})
	if err != nil {
		t.Fatal(err)
	}
	want := []functions.Placed{
		{Pointer: "/a", Surface: "query", Escaping: "query_value", Default: true},
		{Pointer: "/auth/part", Surface: "header", Escaping: "header_value", Cache: "any", Rule: "caches[1].hosts", Default: true},
		{Pointer: "/b/c", Surface: "body", Escaping: "json_value", Default: true},
		{Pointer: "/b", Surface: "body", Escaping: "json_value"},
	}
	if diff := cmp.Diff(want, explanation.Placed); diff != "" {
		t.Errorf("placed (-want +got):\n%s", diff)
	}
	explanation, err = w.Explain(t.Context(), functions.Call{Function: "f", Arguments: []byte(`{"a":1,"auth":"x"}`)})
	if err == nil {
		t.Fatalf("Explain = %v, want a refusal: what is no object has no part", explanation)
	}
	if n, reads := w.sender.count(), w.tokens.count(); n+reads != 0 {
		t.Errorf("%d requests and %d reads, want none", n, reads)
	}
}

// The slot in the output cache depends on what was sent, and on nothing else.
func TestExplainSlot(t *testing.T) {
	w := newWorld(t, `
  - {name: f, parameters: {properties: {a: {default: 1}, b: {}}}, url: "https://api.acme.test/", query: {a: </a>}, cache: results}
`)
	slot := func(client, arguments string) string {
		t.Helper()
		explanation, err := w.Explain(t.Context(), functions.Call{Function: "f", Client: w.client(client), Arguments: []byte(arguments)})
		if err != nil {
			t.Fatal(err)
		}
		return explanation.OutputCache.Key
	}
	if a, b := slot("alice", `{"a":2,"b":"x"}`), slot("bob", ` {"b":"\u0078", "a":2}`); a != b || len(a) != 64 {
		t.Errorf("the slots of equal arguments are %q and %q, want one digest", a, b)
	}
	if a, b := slot("alice", ``), slot("alice", `{"a":1}`); a == b {
		t.Errorf("the slots are both %s, want two: one argument was left out", a)
	}
}

// Each permission names the line that gives it.
func TestExplainPolicy(t *testing.T) {
	w := newWorld(t, anything)
	w.reload(t, `
clients:
  - {name: eve, key: 0123456789abcdef0123456789abcdef-eve, functions: [f], caches: [token]}
caches:
  - {name: token, id: `+tokenID+`, ttl: 15m, hosts: ["127.0.0.1:8080"]}
  - {name: hidden, id: `+anyID+`, ttl: 15m, hosts: ["127.0.0.1:8080"]}
  - {name: list, ttl: 15m}
tokens:
  - {name: a, cache: token, value: "${env:TOKEN}"}
  - {name: b, cache: hidden, value: "${env:TOKEN}"}
functions:
  - {name: list, url: "http://127.0.0.1:8080/", cache: list}
  - name: f
    parameters: {properties: {auth: {}, id: {}}}
    fixed: {key: `+anyID+`}
    allowed_from: {id: {cache: list, pointer: /n}}
    url: http://127.0.0.1:8080/
    headers: {Authorization: </auth>, X-Key: </key>}
`)
	explanation, err := w.Explain(t.Context(), functions.Call{Function: "f", Client: w.client("eve"), Arguments: []byte(`{"auth":"` + tokenID + `","id":1}`)})
	if err != nil {
		t.Fatal(err)
	}
	want := []functions.Permission{
		{What: "client eve may call Function f", Rule: "clients[0].functions"},
		{What: "client eve may name cache token", Rule: "clients[0].caches"},
		{What: "cache token may be sent to the host of Function f", Rule: "caches[0].hosts"},
		{What: "cache token may stand in the header", Rule: "caches[0]"},
		{What: "/id is limited to the values of cache list", Rule: "functions[1].allowed_from.id"},
		{What: "Function f may call its own host", Rule: "functions[1].url"},
		{What: "the address is written out in the url", Rule: "functions[1].url"},
	}
	if diff := cmp.Diff(want, explanation.Policy); diff != "" {
		t.Errorf("policy (-want +got):\n%s", diff)
	}
}
