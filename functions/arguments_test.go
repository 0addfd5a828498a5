package functions_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/egret-proxy/egret/configs/configstest"
	"github.com/egret-proxy/egret/functions"
)

// anything takes any object, and shows what it was in the request.
const anything = `
  - name: f
    parameters: {properties: {v: {}}}
    url: https://api.acme.test/
    json: {v: </v>}
`

func TestMalformed(t *testing.T) {
	w := newWorld(t, anything)
	for _, c := range []struct{ name, arguments, detail string }{
		{"text", `hello`, "not valid JSON"},
		{"only white space", " \n", "not valid JSON"},
		{"an open object", `{"v":1`, "not valid JSON"},
		{"something follows", `{"v":1}{}`, "not valid JSON"},
		{"a byte order mark", "\ufeff{}", "not valid JSON"},
		{"an array", `[{}]`, "not a JSON object"},
		{"a string", `"{}"`, "not a JSON object"},
		{"null", `null`, "not a JSON object"},
		{"a comma too many", `{"v":1,}`, "not valid JSON"},
		{"a comment", `{/**/}`, "not valid JSON"},
		{"a control character", "{\"v\":\"\x01\"}", "not valid JSON"},
		{"a member twice", `{"v":1,"v":1}`, `twice, at byte 7, at or after "/v"`},
		{"a member twice in other spelling", `{"a":1,"\u0061":1}`, `twice, at byte 7, at or after "/a"`},
		{"a member twice in the depth", `{"v":[{"a":{"b":1,"b":2}}]}`, `twice, at byte 18, at or after "/v/0/a/b"`},
		{"invalid UTF-8", "{\"v\":\"\xff\"}", "not valid JSON"},
		{"invalid UTF-8 in a name", "{\"\xc0\x80\":1}", "not valid JSON"},
		{"half a pair", `{"v":"\ud800"}`, "not valid JSON"},
		{"the other half", `{"v":"\udc00"}`, "not valid JSON"},
		{"halves in the wrong order", `{"v":"\udc00\ud800"}`, "not valid JSON"},
		{"half a pair in a name", `{"\ud800":1}`, "not valid JSON"},
		{"deep and open", strings.Repeat(`{"v":`, 100_000), "not valid JSON"},
	} {
		t.Run(c.name, func(t *testing.T) {
			refusal := w.refused(t, functions.MalformedRequest, functions.Call{Function: "f", Arguments: []byte(c.arguments)})
			contains(t, refusal.Detail, c.detail)
			if len(refusal.Detail) > 300 {
				t.Errorf("the detail has %d bytes, want at most 300", len(refusal.Detail))
			}
		})
	}
	if n := w.sender.count(); n != 0 {
		t.Errorf("%d requests were sent, want none", n)
	}
}

// The words of a refusal quote no value: they are logged, and the value may be
// anything.
func TestMalformedQuotesNoValue(t *testing.T) {
	w := newWorld(t, anything)
	for _, arguments := range []string{`{"v":"canary\q"}`, `{"v":canary}`, `canary`, `{"v":"canary` + "\xff" + `"}`} {
		refusal := w.refused(t, functions.MalformedRequest, functions.Call{Function: "f", Arguments: []byte(arguments)})
		if strings.Contains(refusal.Error(), "canary") {
			t.Errorf("the error of %s is %q, want no value in it", arguments, refusal.Error())
		}
	}
}

func TestEmptyArguments(t *testing.T) {
	w := newWorld(t, anything)
	for _, arguments := range []string{"", "{}", " {} "} {
		if got := string(w.request(t, "f", arguments).Body); got != `{}` {
			t.Errorf("arguments %q give the body %s, want {}", arguments, got)
		}
	}
}

// What is deep is checked in time that grows with its length alone.
func TestDeepArguments(t *testing.T) {
	w := newWorld(t, anything)
	w.reload(t, "limits: {call_depth: 10000}\n"+foundation+anything)
	const depth = 9_998
	inner := `"` + strings.Repeat("x", 1<<20) + `","` + tokenID + `"`
	arguments := `{"v":` + strings.Repeat("[", depth) + inner + strings.Repeat("]", depth) + `}`
	w.refused(t, functions.SurfaceDenied, functions.Call{Function: "f", Arguments: []byte(arguments)})
	arguments = strings.Replace(arguments, tokenID, anyID, 1)
	body := string(w.request(t, "f", arguments).Body)
	if want := strings.Replace(arguments, anyID, "live-any", 1); body != want {
		t.Errorf("the body has %d bytes, want %d, and the value in place of its ID", len(body), len(want))
	}
}

func TestInvalidArguments(t *testing.T) {
	w := newWorld(t, `
  - name: f
    parameters:
      type: object
      required: [order_id]
      additionalProperties: false
      properties:
        order_id: {type: string, pattern: "^A-[0-9]+$"}
        when: {type: string, format: date}
        kind: {enum: [small, large]}
        qty: {type: integer, minimum: 1, maximum: 9, multipleOf: 2}
        "a/b~c": {type: object, properties: {x: {type: array, items: {type: boolean}}}}
        never: {not: {type: string}}
        none: false
    url: https://api.acme.test/
`)
	for _, c := range []struct {
		name, arguments string
		want            []functions.ArgumentError
	}{
		{"missing", `{}`, []functions.ArgumentError{{Pointer: "/order_id", Keyword: "required", Detail: "is required"}}},
		{"surplus", `{"order_id":"A-1","x/y":1}`, []functions.ArgumentError{{Pointer: "/x~1y", Keyword: "additionalProperties", Detail: "is not a parameter"}}},
		{"type", `{"order_id":1}`, []functions.ArgumentError{{Pointer: "/order_id", Keyword: "type", Detail: "must be a string, not a number"}}},
		{"pattern", `{"order_id":"canary"}`, []functions.ArgumentError{{Pointer: "/order_id", Keyword: "pattern", Detail: "must match the pattern ^A-[0-9]+$"}}},
		{"format", `{"order_id":"A-1","when":"canary"}`, []functions.ArgumentError{{Pointer: "/when", Keyword: "format", Detail: "must be a valid date, such as 2026-11-22"}}},
		{"enum", `{"order_id":"A-1","kind":"canary"}`, []functions.ArgumentError{{Pointer: "/kind", Keyword: "enum", Detail: `must be one of "small", "large"`}}},
		{"minimum and multipleOf", `{"order_id":"A-1","qty":-77}`, []functions.ArgumentError{
			{Pointer: "/qty", Keyword: "minimum", Detail: "must be at least 1"}, {Pointer: "/qty", Keyword: "multipleOf", Detail: "must be a multiple of 2"},
		}},
		{"maximum", `{"order_id":"A-1","qty":78}`, []functions.ArgumentError{{Pointer: "/qty", Keyword: "maximum", Detail: "must be at most 9"}}},
		{"integer", `{"order_id":"A-1","qty":2.5}`, []functions.ArgumentError{{Pointer: "/qty", Keyword: "type", Detail: "must be an integer, and the number has a fraction"}}},
		{"deep", `{"order_id":"A-1","a/b~c":{"x":[true,1]}}`, []functions.ArgumentError{{Pointer: "/a~1b~0c/x/1", Keyword: "type", Detail: "must be a boolean, not a number"}}},
		{"not", `{"order_id":"A-1","never":""}`, []functions.ArgumentError{{Pointer: "/never", Keyword: "not", Detail: "must not be a string"}}},
		{"false", `{"order_id":"A-1","none":1}`, []functions.ArgumentError{{Pointer: "/none", Keyword: "false", Detail: "is not permitted here"}}},
		{"several", `{"b":1,"a":1}`, []functions.ArgumentError{
			{Pointer: "/a", Keyword: "additionalProperties", Detail: "is not a parameter"},
			{Pointer: "/b", Keyword: "additionalProperties", Detail: "is not a parameter"},
			{Pointer: "/order_id", Keyword: "required", Detail: "is required"},
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			refusal := w.refused(t, functions.InvalidArguments, functions.Call{Function: "f", Arguments: []byte(c.arguments)})
			if diff := cmp.Diff(c.want, refusal.Errors); diff != "" {
				t.Errorf("Errors (-want +got):\n%s", diff)
			}
			if strings.Contains(refusal.Error(), "canary") || strings.Contains(refusal.Detail, "77") {
				t.Errorf("the error is %q, want no value in it", refusal.Error())
			}
		})
	}
}

// The schema library loses the place of a bad name when another member is read
// after it. What is told is right either way.
func TestInvalidNames(t *testing.T) {
	w := newWorld(t, `
  - name: f
    parameters: {properties: {v: {propertyNames: {maxLength: 2}}, w: {}, x: {}}}
    url: https://api.acme.test/
  - name: g
    parameters: {propertyNames: {maxLength: 2}}
    url: https://api.acme.test/
`)
	for range 100 {
		refusal := w.refused(t, functions.InvalidArguments, functions.Call{Function: "f", Arguments: []byte(`{"w":{},"x":{},"v":{"ok":1,"a/b":2}}`)})
		precise := functions.ArgumentError{Pointer: "/v/a~1b", Keyword: "propertyNames", Detail: "is not a permitted name: it must have at most 2 characters, not 3"}
		placeless := functions.ArgumentError{Pointer: "", Keyword: "propertyNames", Detail: `"a/b" is not a permitted name: it must have at most 2 characters, not 3`}
		if got := refusal.Errors; len(got) != 1 || got[0] != precise && got[0] != placeless {
			t.Fatalf("Errors = %v, want %v or %v", got, precise, placeless)
		}
	}
	refusal := w.refused(t, functions.InvalidArguments, functions.Call{Function: "g", Arguments: []byte(`{"abc":1}`)})
	if want := "/abc: is not a permitted name: it must have at most 2 characters, not 3"; refusal.Detail != want {
		t.Errorf("the detail is %q, want %q", refusal.Detail, want)
	}
}

// However many problems there are, the answer to them is short.
func TestManyInvalidArguments(t *testing.T) {
	w := newWorld(t, `
  - {name: f, url: https://api.acme.test/}
`)
	members := map[string]int{}
	for i := range 10_000 {
		members[strings.Repeat("x", i%100)+string(rune('a'+i/100))] = i
	}
	arguments, err := json.Marshal(members)
	if err != nil {
		t.Fatal(err)
	}
	refusal := w.refused(t, functions.InvalidArguments, functions.Call{Function: "f", Arguments: arguments})
	if got := len(refusal.Errors); got != 50 {
		t.Errorf("%d errors, want 50", got)
	}
}

// Arguments with more values than anybody means are refused before they cost
// anything: the schema library makes an error for each value that is wrong.
func TestTooManyValues(t *testing.T) {
	w := newWorld(t, `
  - name: f
    parameters: {properties: {a: {type: array, items: {type: string}}, v: {}}}
    url: https://api.acme.test/
`)
	call := func(arguments string) functions.Call {
		return functions.Call{Function: "f", Arguments: []byte(arguments)}
	}
	zeros := func(n int) string { return `0` + strings.Repeat(`,0`, n-1) }
	for _, c := range []struct{ name, arguments string }{
		{"elements", `{"a":[` + zeros(5_000_000) + `]}`},
		{"one more than may be", `{"v":[` + zeros(100_000) + `]}`},
		{"white space", ` { "v" : [ ` + strings.ReplaceAll(zeros(100_000), ",", " ,\n") + ` ] } `},
		{"empty arrays", `{"v":[[]` + strings.Repeat(`, [ ]`, 99_999) + `]}`},
		{"depth", `{"v":[` + strings.TrimSuffix(strings.Repeat(`{"v":[{"v":""}]},`, 33_333), ",") + `,1]}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			refusal := w.refused(t, functions.InvalidArguments, call(c.arguments))
			want := []functions.ArgumentError{{Pointer: "", Keyword: "size", Detail: "the arguments hold more than 100000 values"}}
			if diff := cmp.Diff(want, refusal.Errors); diff != "" || refusal.Detail != want[0].Detail {
				t.Errorf("Errors (-want +got):\n%s\nthe detail is %q", diff, refusal.Detail)
			}
		})
	}
	for _, c := range []struct{ name, arguments string }{
		{"as many as may be", `{"v":[` + zeros(99_999) + `]}`},
		{"empty arrays", `{"v":[[]` + strings.Repeat(`, [ ]`, 99_998) + `]}`},
		{"text that looks like it", `{"v":"\\\"` + strings.Repeat(`,[{`, 200_000) + `\\"}`},
		{"a name that looks like it", `{"\"` + strings.Repeat(`,[{`, 200_000) + `":1}`},
	} {
		t.Run(c.name, func(t *testing.T) { w.call(t, call(c.arguments)) })
	}
	for _, c := range []struct{ name, arguments, detail string }{
		{"open", `{"v":[` + zeros(200_000), "not valid JSON, at byte 400005"},
		{"something follows", `{"v":[` + zeros(200_000) + `]}{}`, "not valid JSON, at byte 400007"},
		{"commas alone", strings.Repeat(`,`, 200_000), "not valid JSON, at byte 0"},
		{"invalid UTF-8", `{"v":[` + zeros(200_000) + ",\"\xff\"]}", "not valid JSON, at byte 400007"},
		{"half a pair", `{"v":[` + zeros(200_000) + `,"\ud800"]}`, "not valid JSON, at byte 400007"},
		{"an array", `[` + zeros(200_000) + `]`, "not a JSON object"},
		{"open text", `{"v":[` + zeros(200_000) + `,"\`, "not valid JSON, at byte 40000"},
	} {
		t.Run(c.name, func(t *testing.T) {
			contains(t, w.refused(t, functions.MalformedRequest, call(c.arguments)).Detail, c.detail)
		})
	}
}

// Counting is what every call pays for the bound, so it costs next to nothing.
func TestCountingAllocatesNothing(t *testing.T) {
	text := []byte(` {"a" : [1, {"b":"\""}, []], "c":{}} `)
	if allocations := testing.AllocsPerRun(100, func() {
		if n := functions.CountValues(text); n != 6 {
			t.Errorf("%s has %d values, want 6", text, n)
		}
	}); allocations != 0 {
		t.Errorf("counting makes %v allocations, want none", allocations)
	}
}

// A number of a few bytes must not cost minutes, nor stop the checking of it.
func TestEndlessNumbers(t *testing.T) {
	w := newWorld(t, `
  - name: f
    parameters: {properties: {v: {type: array, uniqueItems: true, items: {type: integer, minimum: 0}}}}
    url: https://api.acme.test/
    json: {v: </v>}
`)
	for _, number := range []string{"1e1000001", "1E+1000001", "1e999999", "1e-999999", "1e99999999999999999999", strings.Repeat("9", 1<<20), "0." + strings.Repeat("0", 1<<20)} {
		refusal := w.refused(t, functions.InvalidArguments, functions.Call{Function: "f", Arguments: []byte(`{"v":[1,` + number + `]}`)})
		want := []functions.ArgumentError{{Pointer: "/v/1", Keyword: "type", Detail: "is a number of more than 400 digits"}}
		if diff := cmp.Diff(want, refusal.Errors); diff != "" {
			t.Errorf("%.20s: Errors (-want +got):\n%s", number, diff)
		}
	}
	for _, number := range []string{"1e308", "1e400", strings.Repeat("9", 400)} {
		if got := string(w.request(t, "f", `{"v":[`+number+`]}`).Body); got != `{"v":[`+number+`]}` {
			t.Errorf("the body is %.40s, want the digits as they were sent", got)
		}
	}
}

// An optional argument that is left out leaves its place out.
func TestParametersLeftOut(t *testing.T) {
	w := newWorld(t, `
  - name: f
    parameters: {properties: {a: {}, b: {}, c: {}}}
    url: https://api.acme.test/
    query: {a: </a>}
    headers: {X-B: </b>}
    json: {c: </c>, d: 1}
`)
	r := w.request(t, "f", `{"b":null}`)
	if r.Target != "/" || header(r, "X-B") != "" || string(r.Body) != `{"d":1}` {
		t.Errorf("the request is %s %v %s, want / without X-B and {\"d\":1}", r.Target, r.Header, r.Body)
	}
}

// TestJSONTestSuite reads the texts of nst/JSONTestSuite.
func TestJSONTestSuite(t *testing.T) {
	directory := configstest.Suite(t, "EGRET_JSON_TEST_SUITE", "json-test-suite/test_parsing")
	files, err := filepath.Glob(filepath.Join(directory, "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no files in %s: %v", directory, err)
	}
	w := newWorld(t, anything)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Base(file)
		_, alone := w.Call(t.Context(), functions.Call{Function: "f", Arguments: text})
		_, wrapped := w.Call(t.Context(), functions.Call{Function: "f", Arguments: []byte(`{"v":` + string(text) + `}`)})
		switch {
		case name == "n_structure_no_data.json": // An empty body is an empty object.
		case strings.Contains(name, "duplicated"): // RFC 8259 only advises against them.
			wantCode(t, alone, functions.MalformedRequest)
		case name[0] == 'n':
			if alone == nil {
				t.Errorf("%s was accepted: %q", name, text)
			}
		case name[0] == 'y':
			if wrapped != nil {
				t.Errorf("%s was refused as a value: %v", name, wrapped)
			}
			if object := strings.TrimSpace(string(text))[0] == '{'; object != (alone == nil) {
				t.Errorf("%s is an object: %t; its refusal is %v", name, object, alone)
			}
		}
	}
}

// FuzzArguments checks that egret takes nothing that the reader of an upstream
// would refuse, that what it takes is what it sends, and that the canonical
// form is one.
func FuzzArguments(f *testing.F) {
	for _, s := range []string{
		``, `{}`, `[]`, `{"v":1}`, `{"v":"\u0061"}`, `{"v":"\ud83d\ude00"}`, `{"v":"\ud800"}`, `{"v":1.0e+5}`, `{"v":{"b":1,"a":[2,{"d":null,"c":true}]}}`,
		`{"v":1,"v":2}`, `{"v":1,"\u0076":2}`, "{\"v\":\"\xff\"}", `{"v":-0}`, ` {"v" : "` + anyID + `"} `, `{"v":["` + strings.ToUpper(anyID) + `"]}`, `{"v":"\u0061aaaaaaa-2222-3333-4444-555555555555"}`,
		`{"v":"</v>{/v}\\\""}`, `{"":{"":""}}`, `{"a.b":1,"*":2}`, "\ufeff{}", `{"v":1e1000001}`, `{"v":{"a\\":"\\","b\"":["\"","` + anyID + `"]}}`,
	} {
		f.Add([]byte(s))
	}
	w := newWorld(f, anything)
	w.tokens.values["any"] = anyID // so that nothing changes by being replaced
	f.Fuzz(func(t *testing.T, arguments []byte) {
		if len(arguments) == 0 {
			return
		}
		var sent []byte
		w.sender.answer = func(_ context.Context, r *sentRequest) (*reply, error) {
			sent = r.Body
			return jsonAnswer(200, "{}"), nil
		}
		w.sender.sent = nil
		if _, err := w.Call(t.Context(), functions.Call{Function: "f", Arguments: arguments}); err != nil {
			if sent != nil {
				t.Errorf("%q was refused after it was sent: %v", arguments, err)
			}
			return
		}
		if err := json.Unmarshal(arguments, &map[string]any{}); err != nil {
			t.Fatalf("%q was accepted, encoding/json refuses it: %v", arguments, err)
		}
		if diff := cmp.Diff(memberV(t, arguments), memberV(t, sent), cmp.Transformer("fold", foldID)); diff != "" {
			t.Errorf("%q: the request differs (-want +got):\n%s", arguments, diff)
		}
		once, err := functions.CanonicalArguments(arguments)
		if err != nil {
			t.Fatalf("%q was accepted, it has no canonical form: %v", arguments, err)
		}
		if twice, err := functions.CanonicalArguments(once); err != nil || string(twice) != string(once) {
			t.Errorf("the canonical form of %q is %q, and of that %q, %v", arguments, once, twice, err)
		}
	})
}

// memberV reads the member v by its exact name: encoding/json takes V for v.
func memberV(t *testing.T, text []byte) any {
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	decoder.UseNumber()
	object := map[string]any{}
	if err := decoder.Decode(&object); err != nil {
		t.Fatalf("%q is no JSON object: %v", text, err)
	}
	return object["v"]
}

// foldID makes the ID of the cache equal in every letter case.
func foldID(s string) string {
	if strings.EqualFold(s, anyID) {
		return anyID
	}
	return s
}
