package functions_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tidwall/gjson"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/functions"
	"github.com/egret-proxy/egret/templates"
)

// viewed is a Function with more keys.
func viewed(more string) string {
	return "  - {name: f, url: https://api.acme.test/, " + more + "}\n"
}

// answering makes every answer one of a status, a type and a body.
func (w *world) answering(status int, contentType, body string) {
	w.sender.answer = func(context.Context, *sentRequest) (*reply, error) {
		return &reply{Status: status, Body: []byte(body), Header: []templates.Field{{Name: "Content-Type", Value: contentType}}}, nil
	}
}

const people = `{"total":2, "people":[
	{"id":7,"name":"Ann","mail":{"home":"ann@home.test","work":"ann@work.test"},"tags":["a","b"]},
	{"id":8,"name":"Bob","mail":null,"tags":[]}
],"owner":{"name":"Eve"}}`

// What comes out of an answer under rules. Each answer is given as it is, and out of
// the cache.
func TestView(t *testing.T) {
	for _, c := range []struct{ name, rules, body, want string }{
		{"a pointer", `select: /people/1/name`, people, `"Bob"`},
		{"a pointer to all in an element", `select: /people/0/mail`, people, `{"home":"ann@home.test","work":"ann@work.test"}`},
		{"a pointer to nothing", `select: /people/2`, people, `null`},
		{"a pointer through a scalar", `select: /total/0`, people, `null`},
		{"a pointer with a leading zero", `select: /people/01`, people, `null`},
		{"a pointer to a name with a slash", `select: /a~1b/~0`, `{"a/b":{"~":1}}`, `1`},
		{"a pointer to an empty name", `select: /`, `{"":{"x":1}}`, `{"x":1}`},
		{"a pointer with an escaped name", `select: /mail`, `{"m\u0061il":[1]}`, `[1]`},
		{"a pointer into white space", `select: /a/b`, " { \"a\" : { \"b\" : 1.50 } } ", `1.50`},
		{"a path", `select: people.#.name`, people, `["Ann","Bob"]`},
		{"a path with a query", `select: 'people.#(name=="Bob").id'`, people, `8`},
		{"a path that counts", `select: people.#`, people, `2`},
		{"a path with several", `select: '{total,owner.name}'`, people, `{"total":2,"name":"Eve"}`},
		{"a path to nothing", `select: nobody`, people, `null`},
		{"a path with a modifier", `select: people.1.@keys`, people, `["id","name","mail","tags"]`},

		{"fields", `fields: [total, /owner/name]`, people, `{"total":2,"owner":{"name":"Eve"}}`},
		{"fields in elements", `fields: [/people/name, /people/mail/work]`, people, `{"people":[{"name":"Ann","mail":{"work":"ann@work.test"}},{"name":"Bob"}]}`},
		{"fields of one element", `fields: [/people/1/name]`, people, `{"people":[{"name":"Bob"}]}`},
		{"fields of one element and of all", `fields: [/people/1/name, /people/id]`, people, `{"people":[{"id":7},{"id":8,"name":"Bob"}]}`},
		{"an element", `fields: [/people/0/tags/1]`, people, `{"people":[{"tags":["b"]}]}`},
		{"an element beyond", `fields: [/people/9]`, people, `{"people":[]}`},
		{"a number that is too large", `fields: [/people/99999999999999999999]`, people, `{"people":[]}`},
		{"what was selected", `select: /people, fields: [id]`, people, `[{"id":7},{"id":8}]`},
		{"what a path selected", `select: people.#.mail, fields: [home]`, people, `[{"home":"ann@home.test"}]`},
		{"nested arrays", `fields: [a]`, `[[{"a":1,"b":2}],[[{"a":3}],4,"x",{}],null]`, `[[{"a":1}],[[{"a":3}],{}]]`},
		{"a number in an object is a name", `fields: [/0]`, `{"0":1,"1":2}`, `{"0":1}`},
		{"a field that is not there", `fields: [x]`, people, `{}`},
		{"a field of a scalar", `fields: [/total/x]`, people, `{}`},
		{"a field that is an object", `fields: [owner]`, people, `{"owner":{"name":"Eve"}}`},
		{"a field and what is in it", `fields: [owner, /owner/name]`, people, `{"owner":{"name":"Eve"}}`},
		{"fields of a text", `fields: [x]`, `"text"`, `null`},
		{"fields of nothing", `select: /x, fields: [x]`, people, `null`},
		{"fields of an empty array", `fields: [x]`, `[]`, `[]`},
		{"a field twice", `fields: [a]`, `{"a":1,"b":2,"a":3,"\u0061":4}`, `{"a":1,"a":3,"\u0061":4}`},

		{"mask", `mask: [/people/mail/home, owner]`, `{"people":{"mail":{"home":"x","work":"y"}},"owner":{"n":1}}`, `{"people":{"mail":{"home":"(masked)","work":"y"}},"owner":"(masked)"}`},
		{"mask in elements", `select: /people, fields: [mail], mask: [/people/mail/home]`, people, `[{"mail":{"home":"(masked)","work":"ann@work.test"}},{"mail":null}]`},
		{"mask of an element", `select: people.#.name, mask: [/people/0/name]`, people, `["(masked)","Bob"]`},
		{"mask of an array", `select: /people/0/tags, mask: [/people/tags]`, people, `"(masked)"`},
		{"mask of every type", `mask: [a]`, `[{"a":1},{"a":null},{"a":true},{"a":[1]},{"a":{}},{"a":""}]`, `[{"a":"(masked)"},{"a":"(masked)"},{"a":"(masked)"},{"a":"(masked)"},{"a":"(masked)"},{"a":"(masked)"}]`},
		{"mask of what stands twice", `mask: [a]`, `{"a":1,"b":2,"a":3}`, `{"a":"(masked)","b":2,"a":"(masked)"}`},
		{"mask of what stands twice above", `mask: [/a/b]`, `{"a":{"b":1},"a":{"b":2}}`, `{"a":{"b":"(masked)"},"a":{"b":"(masked)"}}`},
		{"mask of an escaped name", `mask: [mail]`, `{"\u006dail":1,"m\u0061\u0069l":2,"MAIL":3}`, `{"\u006dail":"(masked)","m\u0061\u0069l":"(masked)","MAIL":3}`},
		{"mask of a name beyond ASCII", `mask: ["é😀"]`, `{"\u00e9\ud83d\ude00":1}`, `{"\u00e9\ud83d\ude00":"(masked)"}`},
		{"mask of a name with quotes", `mask: ['a"\b']`, `{"a\"\\b":1,"c":"\"a"}`, `{"a\"\\b":"(masked)","c":"\"a"}`},
		{"mask before a path", `select: "people.#(name==\"Ann\")#.id", mask: [/people/name]`, people, `[]`},
		{"mask in a text of JSON", `mask: [a]`, `"{\"a\":1,\"b\":2}"`, `{"a":"(masked)","b":2}`},
		{"a number in a text", `mask: [a]`, `"12"`, `"12"`},
		{"mask of nothing there", `mask: [x]`, `{"a" : [1 , 2]}`, `{"a":[1 , 2]}`},
		{"an empty object", `mask: [x]`, ` { } `, `{}`},
		{"mask with a byte order mark", `mask: [a]`, "\ufeff{\"a\":1}", `{"a":"(masked)"}`},

		{"broken JSON", `mask: [a]`, `{"a":1`, ``},
		{"JSON with more behind it", `fields: [a]`, `{"a":1}{"a":2}`, ``},
		{"no JSON", `select: /a`, `a`, ``},
		{"nothing", `mask: [a]`, ``, ``},
		{"no text", `mask: [a]`, "{\"a\":\"\xff\"}", ``},
		{"hidden", `hide: true`, people, ``},
		{"too deep", `mask: [a]`, strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000), ``},
		{"only opened", `fields: [a]`, strings.Repeat(`{"a":`, 2_000_000), ``},
		{"deep", `mask: [a]`, strings.Repeat("[", 9000) + `{"a":1}` + strings.Repeat("]", 9000), strings.Repeat("[", 9000) + `{"a":"(masked)"}` + strings.Repeat("]", 9000)},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, viewed("output: {"+c.rules+"}"))
			w.answering(200, "application/json", c.body)
			wantOutput(t, w.call(t, functions.Call{Function: "f"}), c.want)
		})
	}
}

// wantOutput wants an output, "" for none, in the result and in its envelope.
func wantOutput(t *testing.T, result *functions.Result, want string) {
	t.Helper()
	if got := output(result); got != want {
		t.Errorf("the output is %.300s\nwant %.300s", got, want)
	}
	envelope := result.AppendJSON(nil)
	if !json.Valid(envelope) {
		t.Fatalf("%.300s is no JSON", envelope)
	}
	if got := gjson.GetBytes(envelope, "output").Raw; got != want {
		t.Errorf("the envelope has %.300s\nwant %.300s", got, want)
	}
	if result.Body != nil || result.Header != nil {
		t.Errorf("the raw answer can be read: %v %.100s", result.Header, result.Body)
	}
}

// Rules for JSON hold for whatever reads as JSON, and nothing else is shown.
func TestViewOfTypes(t *testing.T) {
	for _, c := range []struct{ contentType, body, want string }{
		{"text/plain", `{"a":1,"b":2}`, `{"a":"(masked)","b":2}`},
		{"", `{"a":1}`, `{"a":"(masked)"}`},
		{"text/html; charset=utf-8", `<p>a</p>`, ``},
		{"application/problem+json", `{"a":1}`, `{"a":"(masked)"}`},
		{"application/json; charset=utf-16le", "{\x00\"\x00a\x00\"\x00:\x001\x00}\x00", `{"a":"(masked)"}`},
		{"text/plain; charset=utf-16", "\xfe\xff\x00{\x00\"\x00a\x00\"\x00:\x001\x00}", `{"a":"(masked)"}`},
		{"text/plain; charset=klingon", `{"a":1}`, ``},
		{"application/x-ndjson", "{\"a\":1}\n{\"a\":2}\n", ``},
		{"application/x-ndjson", "{\"a\":1}\n", `{"a":"(masked)"}`},
		{"application/octet-stream", `{"a":1}`, ``},
		{"image/png", "\x89PNG", ``},
	} {
		w := newWorld(t, viewed("output: {mask: [a]}"))
		w.answering(200, c.contentType, c.body)
		if got := output(w.call(t, functions.Call{Function: "f"})); got != c.want {
			t.Errorf("%s: the output of %q is %s, want %s", c.contentType, c.body, got, c.want)
		}
	}
}

// What callers hear of an error is the sentence of its status, and rules hold for
// what is passed on.
func TestErrorSentences(t *testing.T) {
	const sentences = `errors: {404: "There is no \"such\" order.", 4xx: Not so., 5xx: Down., default: Gone.}`
	for _, c := range []struct {
		name, more, method string
		status             int
		want               string
		ok                 bool
	}{
		{"ok", sentences, "GET", 200, `{"a":1,"b":2}`, true},
		{"the status", sentences, "GET", 404, `"There is no \"such\" order."`, false},
		{"its class", sentences, "GET", 410, `"Not so."`, false},
		{"another class", sentences, "GET", 503, `"Down."`, false},
		{"the default", sentences, "GET", 302, `"Gone."`, false},
		{"no content", sentences, "GET", 304, `"Gone."`, false},
		{"of HEAD", sentences, "HEAD", 404, `"There is no \"such\" order."`, false},
		{"of no status of HTTP", sentences, "GET", 799, `"Gone."`, false},
		{"none for it", `errors: {404: No.}`, "GET", 403, `{"a":1,"b":2}`, false},
		{"none for it, under a mask", `errors: {404: No.}, output: {mask: [a]}`, "GET", 500, `{"a":"(masked)","b":2}`, false},
		{"a mask of an error", `output: {mask: [a]}`, "GET", 500, `{"a":"(masked)","b":2}`, false},
		{"fields of an error", `output: {fields: [b]}`, "GET", 500, `{"b":2}`, false},
		{"a hidden error", `output: {hide: true}`, "GET", 500, ``, false},
		{"a sentence for a hidden error", `output: {hide: true}, errors: {5xx: Down.}`, "GET", 500, `"Down."`, false},
		{"an error that is an answer", `errors: {4xx: No.}, ok_statuses: [404]`, "GET", 404, `{"a":1,"b":2}`, true},
		{"one that is none", `errors: {4xx: No.}, ok_statuses: [404]`, "GET", 403, `"No."`, false},
		{"hidden HEAD", `output: {mask: [a]}`, "HEAD", 200, ``, true},
		{"no content under a mask", `output: {mask: [a]}`, "GET", 204, ``, true},
		{"no content, cut", `output: {max_bytes: 64}`, "GET", 204, ``, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, viewed("method: "+c.method+", "+c.more))
			w.answering(c.status, "application/json", `{"a":1,"b":2}`)
			result := w.call(t, functions.Call{Function: "f"})
			wantOutput(t, result, c.want)
			if result.OK != c.ok || result.Status != c.status {
				t.Errorf("ok is %t and the status %d, want %t and %d", result.OK, result.Status, c.ok, c.status)
			}
		})
	}
}

func TestMaxBytes(t *testing.T) {
	long := strings.Repeat("x", 100)
	for _, c := range []struct {
		name, contentType, body string
		want                    string
		isCut                   bool
	}{
		{"what fits", "application/json", `{"a":[1, 2]}`, `{"a":[1, 2]}`, false},
		{"what fits exactly", "application/json", `"` + long[:62] + `"`, `"` + long[:62] + `"`, false},
		{"one byte more", "application/json", `"` + long[:63] + `"`, `"` + long[:62] + `"`, true},
		{"what fits without white space", "application/json", "[1," + strings.Repeat(" ", 64) + "2]", `[1,2]`, false},
		{"members", "application/json", `{"a":"` + long[:50] + `","b":12,"c":3}`, `{"a":"` + long[:50] + `"}`, true},
		{"a text is whole or not there", "application/json", `{"a":1,"b":"` + long + `","c":2}`, `{"a":1}`, true},
		{"elements", "application/json", `[` + strings.Repeat(`[1,2],`, 20) + `3]`, `[[1,2],[1,2],[1,2],[1,2],[1,2],[1,2],[1,2],[1,2],[1,2],[1,2]]`, true},
		{"what is open is closed", "application/json", `{"a":{"b":[{"c":"` + long[:30] + `"},{"c":"` + long + `"}]},"d":1}`, `{"a":{"b":[{"c":"` + long[:30] + `"}]}}`, true},
		{"a long name", "application/json", `{"` + long + `":1}`, `{}`, true},
		{"a long number", "application/json", strings.Repeat("1", 100), `null`, true},
		{"brackets", "application/json", strings.Repeat("[", 100) + strings.Repeat("]", 100), `[]`, true},
		{"characters", "text/plain", strings.Repeat("é", 40), `"` + strings.Repeat("é", 31) + `"`, true},
		{"wide characters", "text/plain", strings.Repeat("😀", 40), `"` + strings.Repeat("😀", 15) + `"`, true},
		{"escapes", "text/plain", strings.Repeat("\x01", 40), `"` + strings.Repeat(`\u0001`, 10) + `"`, true},
		{"short escapes", "text/plain", strings.Repeat("\n", 40), `"` + strings.Repeat(`\n`, 31) + `"`, true},
		{"pairs", "application/json", `"` + strings.Repeat(`\ud83d\ude00`, 9) + `"`, `"` + strings.Repeat(`\ud83d\ude00`, 5) + `"`, true},
		{"half pairs", "application/json", `"` + strings.Repeat(`\ud83d`, 20) + `"`, `"` + strings.Repeat(`\ud83d`, 10) + `"`, true},
		{"bytes", "image/png", strings.Repeat("\xff", 40), `{"content_type":"image/png"}`, true},
		{"broken JSON", "application/json", `{"a":` + long, `"{\"a\":` + long[:55] + `"`, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, viewed("cache: results, output: {max_bytes: 64}"))
			w.answering(200, c.contentType, c.body)
			for _, source := range []functions.Source{functions.FromUpstream, functions.FromCache} {
				result := w.call(t, functions.Call{Function: "f"})
				wantOutput(t, result, c.want)
				if result.Truncated != c.isCut || result.Source != source {
					t.Errorf("cut: %t, from %s, want %t from %s", result.Truncated, result.Source, c.isCut, source)
				}
				if at := strings.Index(string(result.AppendJSON(nil)), c.want+`,"truncated":true,"output_cache":`); at < 0 == c.isCut {
					t.Errorf("the envelope is %s, want it to say whether the output is cut", result.AppendJSON(nil))
				}
				if len(result.Output()) > 64 {
					t.Errorf("the output has %d bytes, want 64 at most", len(result.Output()))
				}
			}
		})
	}
	w := newWorld(t, viewed("errors: {404: "+long+"}, output: {max_bytes: 64}"))
	w.answering(404, "text/plain", "")
	wantOutput(t, w.call(t, functions.Call{Function: "f"}), `"`+long[:62]+`"`)
}

// The output cache keeps the whole answer: what it stands for is not what callers
// see.
func TestCacheHoldsTheWhole(t *testing.T) {
	w := newWorld(t, anything)
	w.reload(t, secretFoundation+viewed("cache: secrets, output: {select: /data, fields: [id, mail], mask: [/data/mail]}")+passing)
	w.answering(200, "application/json", `{"data":{"id":7,"mail":"ann@acme.test","rest":true}}`)
	for range 2 {
		wantOutput(t, w.call(t, functions.Call{Function: "f"}), `{"id":7,"mail":"(masked)"}`)
	}
	for pointer, want := range map[string]string{"/data/mail": `"ann@acme.test"`, "/data/rest": `true`, "": `{"data":{"id":7,"mail":"ann@acme.test","rest":true}}`} {
		function := "pass" + strings.ReplaceAll(pointer, "/data/", "_")
		if got := string(w.request(t, function, `{"v":"`+secondID+`"}`).Body); got != want {
			t.Errorf("%s in a request is %s, want %s", pointer, got, want)
		}
	}
}

const secretFoundation = `
caches:
  - {name: secrets, id: 33333333-2222-3333-4444-555555555555, ttl: 60s, hosts: [api.acme.test]}
  - {name: results, id: 22222222-2222-3333-4444-555555555555, ttl: 60s}
functions:
`

const passing = `
  - {name: pass, parameters: {properties: {v: {}}}, url: https://api.acme.test/, json: </v>}
  - {name: pass_mail, parameters: {properties: {v: {}}}, url: https://api.acme.test/, json: </v/data/mail>}
  - {name: pass_rest, parameters: {properties: {v: {}}}, url: https://api.acme.test/, json: </v/data/rest>}
`

// What callers may not see is hidden when the upstream gives it back, and what they
// may see is not.
func TestWithheldIsHidden(t *testing.T) {
	const body = `{"data":{"id":"visible-7","mail":["ann@acme.test","b@c.de",{"deep\u0065r":"in an object"}],"card":4111111111111111},"mail":"visible mail"}`
	for _, c := range []struct{ name, rules, place, body, want string }{
		{"the whole", `mask: [/data/mail, /data/card]`, `</v>`, body, `ann@acme.test=, in an object=, 4111111111111111=`},
		{"a list with it", `mask: [/data/mail, /data/card]`, `["</v>"]`, body, `ann@acme.test=, in an object=, 4111111111111111=`},
		{"what is masked", `mask: [/data/mail, /data/card]`, `</v/data/mail>`, body, `ann@acme.test=/data/mail, in an object=/data/mail`},
		{"in what is masked", `mask: [/data/mail, /data/card]`, `</v/data/mail/0>`, body, `ann@acme.test=/data/mail/0`},
		{"a number", `mask: [/data/mail, /data/card]`, `</v/data/card>`, body, `4111111111111111=/data/card`},
		{"above what is masked", `mask: [/data/mail, /data/card]`, `</v/data>`, body, `ann@acme.test=/data, in an object=/data, 4111111111111111=/data`},
		{"beside it", `mask: [/data/mail, /data/card]`, `</v/data/id>`, body, ``},
		{"of the same name", `mask: [/data/mail, /data/card]`, `</v/mail>`, body, ``},
		{"an element", `mask: [/data/mail/1]`, `</v/data/mail/0>`, body, ``},
		{"that element", `mask: [/data/mail/0]`, `</v/data/mail/0>`, body, `ann@acme.test=/data/mail/0`},
		{"each of the elements", `mask: [mail]`, `</v/0/mail>`, `[{"mail":"ann@acme.test"},{"mail":"bob@acme.test"}]`, `ann@acme.test=/0/mail`},
		{"a text of JSON", `mask: [mail]`, `</v/mail>`, `"{\"mail\":\"ann@acme.test\"}"`, `ann@acme.test=/mail`},
		{"hidden", `hide: true`, `</v/data/id>`, body, `visible-7=/data/id`},
		{"all hidden", `hide: true`, `</v>`, body, `visible-7=, ann@acme.test=, in an object=, visible mail=, 4111111111111111=`},
		{"a hidden text", `hide: true`, `</v>`, `"plain text"`, `plain text=`},
		{"nothing", `hide: true`, `</v/x>`, body, ``},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, anything)
			w.reload(t, secretFoundation+viewed("cache: secrets, output: {"+c.rules+"}")+
				"  - {name: pass, parameters: {properties: {v: {}}}, url: https://api.acme.test/, json: {v: "+c.place+"}}\n")
			w.answering(200, "application/json", c.body)
			var got []string
			w.call(t, functions.Call{Function: "f"})
			for _, h := range w.request(t, "pass", `{"v":"`+secondID+`"}`).Hide {
				got = append(got, h.Value.Reveal()+"="+strings.TrimPrefix(h.With, secondID))
				if !strings.HasPrefix(h.With, secondID) {
					t.Errorf("%s stands in the place, want an ID before it", h.With)
				}
			}
			if diff := cmp.Diff(c.want, strings.Join(got, ", ")); diff != "" {
				t.Errorf("hidden (-want +got):\n%s", diff)
			}
		})
	}
}

// So much that callers may not see is not sent at all.
func TestTooMuchIsWithheld(t *testing.T) {
	w := newWorld(t, anything)
	w.reload(t, secretFoundation+viewed("cache: secrets, output: {hide: true}")+passing)
	w.answering(200, "application/json", `[`+strings.Repeat(`"a long text",`, 20_000)+`1]`)
	w.call(t, functions.Call{Function: "f"})
	w.refused(t, functions.UnsafeValue, functions.Call{Function: "pass", Arguments: []byte(`{"v":"` + secondID + `"}`)})
}

// Where rules say what is shown, the raw answer is refused before anything is asked.
func TestRawIsRefused(t *testing.T) {
	for more, rule := range map[string]string{
		"output: {select: /a}":                 "functions[0].output",
		"output: {fields: [a]}":                "functions[0].output",
		"output: {mask: [a]}":                  "functions[0].output",
		"output: {hide: true}":                 "functions[0].output",
		"output: {max_bytes: 1KiB}":            "functions[0].output",
		"errors: {404: No.}":                   "functions[0].errors",
		"prompt: Be kind., ok_statuses: [404]": "",
	} {
		w := newWorld(t, viewed(more))
		_, err := w.Raw(t.Context(), functions.Call{Function: "f"}, &functions.Answer{})
		if (err != nil) != (rule != "") {
			t.Errorf("%s: the error is %v, want one: %t", more, err, rule != "")
		}
		if rule == "" {
			continue
		}
		if got := wantCode(t, err, functions.FunctionDenied); got.Rule != rule || w.sender.count() > 0 {
			t.Errorf("%s: refused by %s after %d requests, want %s and none", more, got.Rule, w.sender.count(), rule)
		}
		w.refused(t, functions.FunctionDenied, functions.Call{Function: "f", Raw: true})
		if _, err := w.Explain(t.Context(), functions.Call{Function: "f"}); err != nil {
			t.Errorf("%s: explain: %v, want none", more, err)
		}
	}
}

func TestPrompt(t *testing.T) {
	w := newWorld(t, viewed(`cache: results, prompt: "Say \"so\".", ok_statuses: [404], output: {max_bytes: 64}`))
	w.answering(404, "application/json", `[`+strings.Repeat("1,", 99)+`1]`)
	for _, source := range []string{"upstream", "cache"} {
		envelope, outcome, err := w.AppendEnvelope(t.Context(), nil, functions.Call{Function: "f"})
		if err != nil || !outcome.OK || !outcome.Truncated || outcome.Prompt != `Say "so".` {
			t.Fatalf("the outcome is %+v with error %v, want ok, truncated and the prompt", outcome, err)
		}
		var names []string
		gjson.ParseBytes(envelope).ForEach(func(name, _ gjson.Result) bool {
			names = append(names, name.String())
			return true
		})
		want := []string{"call_id", "function", "ok", "status", "source", "output", "truncated", "prompt", "output_cache", "duration_ms"}
		if diff := cmp.Diff(want, names); diff != "" || gjson.GetBytes(envelope, "source").String() != source || gjson.GetBytes(envelope, "prompt").String() != `Say "so".` {
			t.Errorf("from %s, the envelope is %s (-want +got):\n%s", source, envelope, diff)
		}
	}
}

// The rules are part of what an answer is stored under: other rules find none.
func TestOtherRulesMiss(t *testing.T) {
	w := newWorld(t, viewed("cache: results, output: {fields: [n]}"))
	wantOutput(t, w.call(t, functions.Call{Function: "f"}), `{"n":1}`)
	w.reload(t, foundation+viewed("cache: results, output: {fields: [n, m]}"))
	if result := w.call(t, functions.Call{Function: "f"}); result.Source != functions.FromUpstream {
		t.Errorf("the source is %s, want the upstream", result.Source)
	}
}

// Two Functions may fill a cache, of which one masks: it holds a secret for both.
func TestSharedCacheIsSecret(t *testing.T) {
	w := newWorld(t, anything)
	w.reload(t, secretFoundation+viewed("cache: secrets, output: {mask: [mail]}")+
		"  - {name: g, url: https://api.acme.test/, cache: secrets}\n"+
		"  - {name: pass, parameters: {properties: {v: {}}}, url: https://api.acme.test/, json: </v/mail>}\n")
	cache := w.cfg.Caches[0]
	if !cache.Secret || cache.Credential || cache.Surfaces != configs.Header|configs.Query|configs.Body {
		t.Errorf("the cache is %+v, want a secret for header, query and body", cache)
	}
	w.answering(200, "application/json", `{"mail":"ann@acme.test"}`)
	if got := output(w.call(t, functions.Call{Function: "g"})); got != `{"mail":"ann@acme.test"}` {
		t.Errorf("the output is %s, want all", got)
	}
	w.call(t, functions.Call{Function: "f"})
	if hidden := w.request(t, "pass", `{"v":"`+secondID+`"}`).Hide; len(hidden) != 1 || hidden[0].Value.Reveal() != "ann@acme.test" {
		t.Errorf("%d texts are hidden, want the one that is masked", len(hidden))
	}
}
