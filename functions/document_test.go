package functions_test

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/egret-proxy/egret/functions"
	"github.com/egret-proxy/egret/templates"
)

// What the index knows about by itself, and what it leaves to a reader who knows
// all cases.
func TestIndex(t *testing.T) {
	many := strings.Builder{}
	for i := range 33 {
		many.WriteString(`,"m` + strconv.Itoa(i) + `":0`)
	}
	for _, c := range []struct {
		name, text, canonical string
		left                  bool
	}{
		{"members are sorted", ` { "b" : 1 , "a" : [ 1.0 , -0E+1 , "\u0041\n" ] , "" : { } } `, `{"":{},"a":[1.0,-0E+1,"A\n"],"b":1}`, false},
		{"the order is that of bytes", `{"b":1,"B":2,"_":3,"10":4,"9":5,"ba":6}`, `{"10":4,"9":5,"B":2,"_":3,"b":1,"ba":6}`, false},
		{"texts in one spelling", `["\/\u0022\u005c\u007f\u2028é\ud83d\ude00\u0001"]`, "[\"/\\\"\\\\\x7f\u2028é😀\\u0001\"]", false},
		{"a scalar", ` true `, `true`, false},
		{"a name with an escape", `{"\u0061":1}`, "", true},
		{"a name beyond ASCII", `{"é":1}`, "", true},
		{"a name twice", `{"a":{"b":1,"b":1}}`, "", true},
		{"many members", `{"x":0` + many.String() + `}`, "", true},
		{"depth", strings.Repeat("[", 101) + strings.Repeat("]", 101), "", true},
		{"no depth", strings.Repeat("[", 100) + strings.Repeat("]", 100), strings.Repeat("[", 100) + strings.Repeat("]", 100), false},
	} {
		got, ok := functions.IndexedCanonical(c.text)
		if got != c.canonical || ok == c.left {
			t.Errorf("%s: the canonical form is %q, %t, want %q", c.name, got, ok, c.canonical)
		}
	}
}

// FuzzIndex compares the index with the readers of two libraries: it takes what
// they take, finds the same values, and where it makes the canonical form that is
// the same.
func FuzzIndex(f *testing.F) {
	for _, text := range []string{
		`{}`, `[]`, ` [ 1 , {"a" : "b\u0063" } , [ ] ] `, `{"b":1,"a":{"d":[null,true,false],"c":-0.5e+10}}`, `{"a":1,"a":2}`, `{"a":1,"\u0061":2}`,
		`"\ud83d\ude00"`, `"\ud83d"`, `"\udc00\ud83d"`, `"\ud83d\u0061"`, "\"\xff\"", "\"\xc0\x80\"", "\"\xed\xa0\x80\"", `01`, `-`, `1.`, `.5`, `1e`, `1e+`, `+1`, `nul`, `truex`, `{"a" 1}`, `{"a":}`, `{,}`, `[1,]`, `[,1]`,
		`{"a":1}}`, `[1}`, `{"a"]`, `"\x"`, `"\u12g4"`, "\"\t\"", "\ufeff{}", "\x00", `1 2`, "\v1", `{"😀":1,"\ue000":2,"a":3}`, `["\\","\"",""]`, `[[[[]]],{"":{"":{}}}]`,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if text == "" {
			return
		}
		want, err := functions.CanonicalArguments([]byte(text))
		got, decided := functions.IndexedCanonical(text)
		if decided && (err != nil || got != string(want)) {
			t.Fatalf("the canonical form of %q is %q, want %q, %v", text, got, want, err)
		}
		values, ok := functions.Indexed(text)
		if err != nil {
			return // It may be JSON with a name twice, or too deep.
		}
		if !ok {
			t.Fatalf("%q is JSON, and the index says no", text)
		}
		decoder := json.NewDecoder(strings.NewReader(text))
		decoder.UseNumber()
		var document any
		if err := decoder.Decode(&document); err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		all := map[string]any{}
		flatten(document, "", all)
		if diff := cmp.Diff(all, decoded(t, values)); diff != "" {
			t.Errorf("%q: values (-want +got):\n%s", text, diff)
		}
	})
}

// flatten lists every value below a pointer by its own pointer.
func flatten(value any, pointer string, all map[string]any) {
	all[pointer] = value
	switch value := value.(type) {
	case []any:
		for i, element := range value {
			flatten(element, pointer+"/"+strconv.Itoa(i), all)
		}
	case map[string]any:
		for name, element := range value {
			flatten(element, pointer+"/"+templates.EscapeToken(name), all)
		}
	}
}

func decoded(t *testing.T, values map[string]string) map[string]any {
	t.Helper()
	all := map[string]any{}
	for pointer, text := range values {
		decoder := json.NewDecoder(strings.NewReader(text))
		decoder.UseNumber()
		var value any
		if err := decoder.Decode(&value); err != nil {
			t.Fatalf("the value at %q is %q: %v", pointer, text, err)
		}
		all[pointer] = value
	}
	return all
}

// FuzzValidJSON compares the reader of answers with that of the Go library.
func FuzzValidJSON(f *testing.F) {
	for _, text := range []string{``, ` `, `{}`, `[1,2`, `"\u00"`, `{"a":-0.5e-1}`, `01`, "\"\x7f\"", "\"\x1f\"", `nul`, `{"a":1,}`, strings.Repeat("[", 501) + strings.Repeat("]", 501), strings.Repeat("[", 501)} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if got, want := functions.ValidJSON(text), json.Valid(text); got != want {
			t.Errorf("%q is JSON: %t, want %t", text, got, want)
		}
	})
}
