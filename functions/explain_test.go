package functions_test

import (
	"errors"
	"regexp"
	"testing"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/functions"
)

const explained = `
  - name: f
    parameters:
      required: [id, auth]
      properties: {id: {type: string}, auth: {}, more: {}, limit: {type: integer}}
    fixed: {limit: 10, tenant: {name: canary}, key: aaaaaaaa-2222-3333-4444-555555555555}
    method: PUT
    url: https://api.acme.test/${env:CONFIGURED}/orders/{/id}
    query: {limit: </limit>, q: </more>}
    headers:
      Authorization: Bearer </auth>
      X-Part: </auth/access_token>
      X-Key: </key>
      X-Tenant: t-</tenant/name>
      X-Configured: k=${env:CONFIGURED}
    json: {id: </id>, more: </more>, limit: </limit>, text: "<& {/id}"}
    cache: results
`

// dialled is what is said of a host that is a name.
const dialled = `{"what":"the address must be a public one, which is judged when it is dialled","rule":"egress.allow_private"}`

var digest = regexp.MustCompile(`"key":"[0-9a-f]{64}"`)

// explain gives an explanation, without the digest in it.
func (w *world) explain(t testing.TB, c functions.Call) string {
	t.Helper()
	explanation, err := w.Explain(t.Context(), c)
	if err != nil {
		t.Fatalf("Explain %s %s: %v", c.Function, c.Arguments, err)
	}
	text, err := explanation.JSON()
	if err != nil {
		t.Fatalf("JSON: %v", err)
	}
	return digest.ReplaceAllString(string(text), `"key":"(digest)"`)
}

func TestExplain(t *testing.T) {
	w := newWorld(t, explained)
	call := functions.Call{
		Function: "f", Client: w.client("alice"),
		Arguments: []byte(`{"id":"A/1<","auth":"11111111-2222-3333-4444-555555555555","more":"AAAAAAAA-2222-3333-4444-555555555555"}`),
	}
	const (
		placed = `"placed":[` +
			`{"pointer":"/id","surface":"path","escaping":"path_segment"},` +
			`{"pointer":"/more","surface":"query","escaping":"query_value","cache":"any","rule":"caches[1].hosts"},` +
			`{"pointer":"/auth","surface":"header","escaping":"header_value","cache":"token","rule":"caches[0].hosts"},` +
			`{"pointer":"/auth/access_token","surface":"header","escaping":"header_value","cache":"token","rule":"caches[0].hosts"},` +
			`{"pointer":"/id","surface":"body","escaping":"json_value"},` +
			`{"pointer":"/more","surface":"body","escaping":"json_value","cache":"any","rule":"caches[1].hosts"},` +
			`{"pointer":"/id","surface":"body","escaping":"json_string"}]`
		request = `{"function":"f","request":{"method":"PUT",` +
			`"url":"https://api.acme.test/(configured)/orders/A%2F1%3C?limit=(fixed)&q=` + anyID + `",` +
			`"headers":[["Authorization","Bearer ` + tokenID + `"],["X-Part","` + tokenID + `/access_token"],["X-Key","(fixed)"],["X-Tenant","t-(fixed)"],` +
			`["X-Configured","k=(configured)"],["Content-Type","application/json"],` + everyField + `],` +
			`"body":"{\"id\":\"A/1<\",\"more\":\"` + anyID + `\",\"limit\":\"(fixed)\",\"text\":\"<& A/1<\"}"},`
		policy = `"policy":[{"what":"client alice may call Function f","rule":"clients[0]"},` +
			`{"what":"client alice may name cache token","rule":"clients[0]"},{"what":"cache token may be sent to the host of Function f","rule":"caches[0].hosts"},` +
			`{"what":"client alice may name cache any","rule":"clients[0]"},{"what":"cache any may be sent to the host of Function f","rule":"caches[1].hosts"},` +
			`{"what":"cache any may stand in the query","rule":"caches[1].surfaces"},{"what":"cache token may stand in the header","rule":"caches[0]"},` +
			`{"what":"cache any may stand in the body","rule":"caches[1].surfaces"},{"what":"Function f may call its own host","rule":"functions[0].url"},` + dialled + `]`
		before = request + placed + `,"output_cache":{"id":"` + resultID + `","key":"(digest)","hit":false},` + policy + `,"verdict":"allowed"}`
		after  = request + placed + `,"output_cache":{"id":"` + resultID + `","key":"(digest)","hit":true},` + policy + `,"verdict":"allowed"}`
	)
	if got := w.explain(t, call); got != before {
		t.Errorf("Explain is\n%s\nwant\n%s", got, before)
	}
	if sent, reads := w.sender.count(), w.tokens.count(); sent != 0 || reads != 0 {
		t.Errorf("%d requests and %d reads, want none", sent, reads)
	}

	w.tokens.values["token"] = `{"access_token":"x"}`
	w.call(t, call)
	if got := w.explain(t, call); got != after {
		t.Errorf("when it is stored, Explain is\n%s\nwant\n%s", got, after)
	}
	call.NoCache = true
	if got := w.explain(t, call); got != before {
		t.Errorf("with no-cache, Explain is\n%s\nwant\n%s", got, before)
	}
}

// everyField are the fields that every request has.
const everyField = `["Accept","application/json, */*;q=0.9"],["Accept-Encoding","identity"]`

// An argument with several IDs is listed with each.
func TestExplainSeveral(t *testing.T) {
	w := newWorld(t, anything)
	got := w.explain(t, functions.Call{Function: "f", Arguments: []byte(`{"v":["` + anyID + `",{"a":"` + resultID + `"}]}`)})
	want := `{"function":"f","request":{"method":"POST","url":"https://api.acme.test/","headers":[["Content-Type","application/json"],` + everyField + `],` +
		`"body":"{\"v\":[\"` + anyID + `\",{\"a\":\"` + resultID + `\"}]}"},` +
		`"placed":[{"pointer":"/v","surface":"body","escaping":"json_value","cache":"any","rule":"caches[1].hosts"},{"pointer":"/v","surface":"body","escaping":"json_value","cache":"results","rule":"caches[3]"}],` +
		`"policy":[{"what":"cache any may be sent to the host of Function f","rule":"caches[1].hosts"},{"what":"cache results may be sent to the host of Function f","rule":"caches[3]"},` +
		`{"what":"cache any may stand in the body","rule":"caches[1].surfaces"},{"what":"cache results may stand in the body","rule":"caches[3]"},` +
		`{"what":"Function f may call its own host","rule":"functions[0].url"},` + dialled + `],"verdict":"allowed"}`
	if got != want {
		t.Errorf("Explain is\n%s\nwant\n%s", got, want)
	}
}

// To explain is not to use: nothing is filled, and nothing becomes the latest.
func TestExplainChangesNothing(t *testing.T) {
	w := newWorld(t, chained)
	w.explain(t, functions.Call{Function: "use", Arguments: []byte(`{"v":"` + secondID + `"}`)})
	w.explain(t, functions.Call{Function: "session"})
	if n := w.sender.count(); n != 0 {
		t.Errorf("%d requests were sent, want none", n)
	}

	w = echoWorld(t)
	w.put(t, "bob", "b")
	w.explain(t, functions.Call{Function: "put", Client: w.client("alice"), Arguments: []byte(`{"v":"b"}`)})
	w.refused(t, functions.CacheEmpty, functions.Call{Function: "show", Client: w.client("alice"), Arguments: []byte(`{"v":"` + resultID + `"}`)})
}

// What a call would be refused for, its explanation is refused for.
func TestExplainRefused(t *testing.T) {
	w := newWorld(t, ordered)
	for _, c := range []struct {
		name, function, client, arguments string
		onlyIfCached                      bool
		want                              functions.Code
	}{
		{"no such Function", "g", "dave", `{`, false, functions.UnknownFunction},
		{"a Function of others", "f", "dave", `{`, false, functions.FunctionDenied},
		{"broken arguments", "f", "alice", `{`, false, functions.MalformedRequest},
		{"wrong arguments", "f", "alice", `{"limit":1}`, false, functions.InvalidArguments},
		{"a cache of others", "f", "carol", `{"path":"` + tokenID + `"}`, false, functions.CacheDenied},
		{"a cache for another host", "f", "alice", `{"path":"` + awayID + `"}`, false, functions.CacheHostDenied},
		{"a cache in a path", "f", "alice", `{"path":"` + tokenID + `"}`, false, functions.SurfaceDenied},
		{"nothing stored", "f", "alice", `{"path":"a","auth":"x"}`, true, functions.NotCached},
		{"an unsafe value", "f", "alice", `{"path":"..","auth":"x"}`, false, functions.UnsafeValue},
		{"a missing argument", "f", "alice", `{"path":"a"}`, false, functions.MissingArgument},
	} {
		explanation, err := w.Explain(t.Context(), functions.Call{
			Function: c.function, Client: w.client(c.client), Arguments: []byte(c.arguments), OnlyIfCached: c.onlyIfCached,
		})
		if codeOf(err) != c.want || explanation != nil {
			t.Errorf("%s: Explain = %v, %v, want %s", c.name, explanation, err, c.want)
		}
	}

	// What the sender knows without dialling, it says.
	denied := functions.Refuse(functions.PrivateAddress, "not public")
	var judged *sentRequest
	w.sender.judge = func(r *sentRequest) error {
		judged = r
		return denied
	}
	_, err := w.Explain(t.Context(), functions.Call{Function: "f", Arguments: []byte(`{"path":"a","auth":"` + tokenID + `"}`)})
	if !errors.Is(err, denied) {
		t.Errorf("Explain: %v, want %v", err, denied)
	}
	if judged.Host != "api.acme.test" || judged.Port != 443 || judged.Cleartext || judged.Literal {
		t.Errorf("judged was host %s, port %d, cleartext %t, literal %t", judged.Host, judged.Port, judged.Cleartext, judged.Literal)
	}
}

func TestLiteral(t *testing.T) {
	for url, want := range map[string]bool{
		"https://api.acme.test/": false, "http://127.0.0.1:8080/": true, "http://[::1]/": true, "http://LOCALHOST./": true, "http://localhost.test/": false,
	} {
		w := newWorld(t, "  - {name: f, url: '"+url+"'}\n")
		if r := w.request(t, "f", ""); r.Literal != want {
			t.Errorf("%s: Literal = %t, want %t", url, r.Literal, want)
		}
	}
}

func TestList(t *testing.T) {
	w := newWorld(t, `
  - {name: g, instructions: Use it., parameters: {properties: {a: {type: string}}}, url: "https://api.acme.test/"}
  - {name: f, url: "https://api.acme.test/", timeout: 7s}
`)
	want := `[{"name":"f","instructions":"","parameters":{"type":"object","properties":{},"additionalProperties":false}},` +
		`{"name":"g","instructions":"Use it.","parameters":{"properties":{"a":{"type":"string"}}}}]`
	for _, client := range []string{"", "alice", "carol"} {
		if got := quoted(t, w.List(w.client(client))); got != want {
			t.Errorf("the list for %q is %s, want %s", client, got, want)
		}
	}
	if got := quoted(t, w.List(w.client("dave"))); got != "[]" {
		t.Errorf("the list for dave is %s, want []", got)
	}
	only := &configs.Client{Name: "eve", Functions: configs.Names{List: []string{"g"}}}
	if got := w.List(only); len(got) != 1 || got[0].Name != "g" {
		t.Errorf("the list for eve is %v, want g alone", got)
	}
	if got, err := w.Describe("g", only); err != nil || got.Instructions != "Use it." {
		t.Errorf("Describe g = %v, %v", got, err)
	}
	_, err := w.Describe("f", only)
	wantCode(t, err, functions.FunctionDenied)
	_, err = w.Describe("h", only)
	wantCode(t, err, functions.UnknownFunction)
	if f, none := w.Timeout("f"), w.Timeout("h"); f.String() != "7s" || none != 0 {
		t.Errorf("the timeouts are %s and %s, want 7s and 0", f, none)
	}
}
