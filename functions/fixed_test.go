package functions_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/functions"
)

// Names with a meaning in the paths of the libraries below, or in JSON.
var oddNames = []string{
	"a.b", "*", "a*b", "?", "|", "a|b", "#", "@", "@this", ":", ":a", "0", "1", "-1", "007", "~", "/", "~1", "a~b/c", `\`, `a\.b`, `"`, "a,b", "{", "}", "[0]",
	"!", "!true", "..", ".", "a.", ".a", "<", "&", "ä", "€", "a b", "%", "(", "==", "\t", "properties", "required", "-", "_", "$ref", "a\\", "\u2028", "😀",
}

func quoted(t testing.TB, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Whatever its name, a fixed argument is sent as it is configured, beside those
// of the caller, hidden from the schema and refused from the caller.
func TestFixedNames(t *testing.T) {
	for _, name := range oddNames {
		t.Run(name, func(t *testing.T) {
			key := quoted(t, name)
			pointer := "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
			w := newWorld(t, fmt.Sprintf(`
  - name: f
    parameters: {type: object, required: [mine, %[1]s], properties: {%[1]s: {type: integer}, mine: {type: integer}}}
    fixed: {%[1]s: {"deep": [1.50, "x"]}}
    url: https://api.acme.test/
    json: {mine: </mine>}
`, key))
			shown := string(w.List(nil)[0].Parameters)
			if want := `{"type":"object","required":["mine"],"properties":{"mine":{"type":"integer"}}}`; shown != want {
				t.Errorf("the parameters are %s, want %s", shown, want)
			}
			refusal := w.refused(t, functions.InvalidArguments, functions.Call{Function: "f", Arguments: []byte(`{"mine":1,` + key + `:1}`)})
			if len(refusal.Errors) != 1 || refusal.Errors[0].Pointer != pointer || refusal.Errors[0].Keyword != "fixed" {
				t.Errorf("Errors = %v, want one at %s with the keyword fixed", refusal.Errors, pointer)
			}
		})
	}
}

// FuzzFixed takes a name out of a schema, whatever it is.
func FuzzFixed(f *testing.F) {
	for _, name := range oddNames {
		f.Add(name, "mine")
	}
	f.Add("", "mine")
	f.Add("a.b", "a")
	f.Fuzz(func(t *testing.T, name, mine string) {
		name, mine = strings.ToValidUTF8(name, "?"), strings.ToValidUTF8(mine, "?")
		if name == mine {
			return
		}
		text := fmt.Sprintf(`{"a":[1.0],"properties":{%[1]s:{"type":"string"},%[2]s:[{"b":1}]},"required":[%[1]s,%[2]s]}`, quoted(t, name), quoted(t, mine))
		shown, err := functions.Shown([]byte(text), name)
		want := map[string]any{"a": []any{1.0}, "properties": map[string]any{mine: []any{map[string]any{"b": 1.0}}}, "required": []any{mine}}
		var got map[string]any
		if broken := json.Unmarshal(shown, &got); broken != nil || err != nil || !cmp.Equal(got, want) {
			t.Errorf("without %q there is %s, %v\nwant %v", name, shown, err, want)
		}
	})
}

func TestFixedNested(t *testing.T) {
	w := newWorld(t, `
  - name: f
    parameters: {properties: {limit: {type: integer}}}
    fixed: {"page~/size": {limits: [10, 20]}, auth: `+tokenID+`}
    url: https://api.acme.test/
    query: {n: "{/page~0~1size/limits/1}", m: </limit>}
    headers: {Authorization: "Bearer {/auth}"}
`)
	for _, arguments := range []string{`{"limit":1}`, " {\n\"limit\" : 1 }\n"} {
		r := w.request(t, "f", arguments)
		if r.Target != "/?n=20&m=1" || header(r, "Authorization") != "Bearer live-token" {
			t.Errorf("the request is %s %v, want /?n=20&m=1 and the value of the token", r.Target, r.Header)
		}
	}
	if r := w.request(t, "f", ``); r.Target != "/?n=20" {
		t.Errorf("the target is %s, want /?n=20", r.Target)
	}
	// Carol may not name the cache; the configuration may.
	w.call(t, functions.Call{Function: "f", Client: w.client("carol"), Arguments: []byte(`{"limit":1}`)})
}

// A fixed name that stands elsewhere in the schema cannot be hidden there: what
// would be left of a condition may mean the opposite.
func TestFixedStandsElsewhere(t *testing.T) {
	for _, c := range []struct {
		name, schema string
		want         []string // paths below parameters
	}{
		{"it needs another", `{dependentRequired: {sec: [mine]}}`, []string{"dependentRequired.sec"}},
		{"another needs it", `{dependentRequired: {mine: [other, sec]}}`, []string{"dependentRequired.mine[1]"}},
		{"it has a schema", `{dependentSchemas: {sec: {required: [mine]}}}`, []string{"dependentSchemas.sec"}},
		{"a schema of another", `{dependentSchemas: {mine: {properties: {sec: {}}}}}`, []string{"dependentSchemas.mine.properties.sec"}},
		{"all of", `{allOf: [{}, {required: [mine, sec]}]}`, []string{"allOf[1].required[1]"}},
		{"any of", `{anyOf: [{properties: {mine: {}, sec: {const: canary}}}, {}]}`, []string{"anyOf[0].properties.sec"}},
		{"one of", `{oneOf: [{required: [sec]}, {required: [mine]}]}`, []string{"oneOf[0].required[0]"}},
		{"not", `{not: {required: [sec]}}`, []string{"not.required[0]"}},
		{"conditions", `{if: {required: [sec]}, then: {properties: {sec: {}}}, else: {dependentRequired: {sec: []}}}`, []string{
			"if.required[0]", "then.properties.sec", "else.dependentRequired.sec",
		}},
		{"in the depth", `{allOf: [{not: {anyOf: [{required: [sec]}]}}]}`, []string{"allOf[0].not.anyOf[0].required[0]"}},
		{"an older draft", `{$schema: "http://json-schema.org/draft-07/schema#", dependencies: {sec: [mine], mine: [sec], other: {required: [sec]}}}`, []string{
			"dependencies.sec", "dependencies.mine[0]", "dependencies.other.required[0]",
		}},
		{"a reference", `{$defs: {a: {required: [sec], $ref: "#/$defs/b%20c"}, "b c": {properties: {sec: {}}, $ref: "#"}}, $ref: "#/$defs/a"}`, []string{
			`["$defs"].a.required[0]`, `["$defs"]["b c"].properties.sec`,
		}},
		{"below another argument it is another one", `{properties: {sec: {}, mine: {required: [sec], properties: {sec: {}}, dependentRequired: {sec: [x]}}}, required: [sec]}`, nil},
		{"other names", `{dependentRequired: {mine: [other]}, anyOf: [{required: [mine]}, true]}`, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := "functions:\n  - {name: first, url: 'https://api.acme.test/'}\n  - name: f\n    parameters: " + c.schema + "\n    fixed: {sec: x}\n    url: https://api.acme.test/\n"
			_, err := functions.New(parse(t, text), functions.Options{})
			problems, _ := errors.AsType[configs.Problems](err)
			var got []string
			for _, p := range problems {
				got = append(got, p.Path)
				if p.Line != 4 || p.Message != "fixed argument sec stands here too, and callers would see it" || p.Hint != "remove it" {
					t.Errorf("the problem is %+v", p)
				}
			}
			var want []string
			for _, path := range c.want {
				want = append(want, strings.Replace("functions[1].parameters."+path, ".[", "[", 1))
			}
			if diff := cmp.Diff(want, got); diff != "" || (err == nil) != (want == nil) {
				t.Errorf("paths (-want +got):\n%s\n%v", diff, err)
			}
		})
	}
}

// A Function whose parameters are all fixed needs nothing, and says so.
func TestAllFixed(t *testing.T) {
	w := newWorld(t, `
  - name: f
    parameters: {required: [a], properties: {a: {type: string}}, additionalProperties: false}
    fixed: {a: x}
    url: https://api.acme.test/{/a}
  - name: g
    fixed: {a: x}
    url: https://api.acme.test/{/a}
`)
	var shown []string
	for _, description := range w.List(nil) {
		shown = append(shown, string(description.Parameters))
	}
	want := []string{`{"required":[],"properties":{},"additionalProperties":false}`, `{"type":"object","properties":{},"additionalProperties":false}`}
	if diff := cmp.Diff(want, shown); diff != "" {
		t.Errorf("parameters (-want +got):\n%s", diff)
	}
	for _, name := range []string{"f", "g"} {
		if r := w.request(t, name, ""); r.Target != "/x" {
			t.Errorf("the target of %s is %s, want /x", name, r.Target)
		}
	}
}
