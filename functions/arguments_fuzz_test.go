package functions_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/egret-proxy/egret/functions"
)

// What is filled in is valid JSON, keeps every member that was sent byte for byte,
// and is not filled a second time.
func FuzzDefaults(f *testing.F) {
	f.Add(`{"properties":{"a":{"default":1},"b":{"properties":{"c":{"default":[]}}}}}`, `{"b":{}, "x":[1]}`)
	f.Add(`{"$defs":{"n":{"properties":{"v":{"default":"<"},"n":{"$ref":"#/$defs/n"}}}},"$ref":"#/$defs/n"}`, `{"n":{"n":{"\u0076":2}}}`)
	f.Add(`{"properties":{"a":{"$ref":"#/properties/a","default":null},"é":{"default":1e400}}}`, ` { } `)
	f.Fuzz(func(t *testing.T, schema, arguments string) {
		filled, ok := functions.Filled([]byte(schema), []byte(arguments))
		if !ok {
			return
		}
		if !json.Valid([]byte(filled)) {
			t.Fatalf("%s, %s is filled to %s, which is no JSON", schema, arguments, filled)
		}
		keepsMembers(t, gjson.Parse(arguments), gjson.Parse(filled))
		if again, _ := functions.Filled([]byte(schema), []byte(filled)); again != filled {
			t.Errorf("%s, %s is filled to %s, and then to %s", schema, arguments, filled, again)
		}
	})
}

// keepsMembers compares the members that were sent with those at the same place.
func keepsMembers(t *testing.T, sent, filled gjson.Result) {
	t.Helper()
	names, values := []string{}, map[string]gjson.Result{}
	filled.ForEach(func(name, value gjson.Result) bool {
		names, values[name.Str] = append(names, name.Str), value
		return true
	})
	at := 0
	sent.ForEach(func(name, value gjson.Result) bool {
		if at >= len(names) || names[at] != name.Str {
			t.Errorf("member %d of %s is not %q", at, filled.Raw, name.Str)
			return false
		}
		at++
		if value.IsObject() {
			keepsMembers(t, value, values[name.Str])
		} else if values[name.Str].Raw != value.Raw {
			t.Errorf("member %q is %s, was %s", name.Str, values[name.Str].Raw, value.Raw)
		}
		return true
	})
}

// A value is found in a text exactly when a reader that makes everything of the
// text finds it.
func FuzzAllowed(f *testing.F) {
	f.Add(`{"a":[{"b":1.50},{"b":["x",true]}]}`, `["x",1.5,true,null,{},"y"]`, "/a/b")
	f.Add(`[[1,[2]],{"0":3}]`, `[1,2,3]`, "/0")
	f.Add(`"{\"a\":\"x\"}"`, `["x","{\"a\":\"x\"}"]`, "/a")
	f.Add(`[-0,1e2,100,0.10]`, `[0,100,10e1,1e-1,-0.0]`, "")
	f.Add(`{"a":[{}]}`, `[[]]`, "")
	f.Fuzz(func(t *testing.T, text, wanted, pointer string) {
		var tokens []string
		if pointer != "" {
			tokens = strings.Split(pointer, "/")[1:]
		}
		got, ok := functions.Among(text, wanted, tokens)
		if !ok {
			return
		}
		held := plainly(t, text, tokens)
		for i, one := range gjson.Parse(wanted).Array() {
			if want := one.Type != gjson.Null && one.Type != gjson.JSON && held[plainKey(one)]; got[i] != want {
				t.Errorf("%s at %q: %s is found: %t, want %t", text, pointer, one.Raw, got[i], want)
			}
		}
	})
}

// plainly gives the scalars to which tokens lead.
func plainly(t *testing.T, text string, tokens []string) map[string]bool {
	t.Helper()
	held := map[string]bool{}
	var visit func(value gjson.Result, tokens []string)
	visit = func(value gjson.Result, tokens []string) {
		switch {
		case value.IsArray():
			elements := value.Array()
			if len(tokens) == 0 || !isElement(tokens[0]) {
				for _, element := range elements {
					visit(element, tokens)
				}
			} else if i := gjson.Parse(tokens[0]).Int(); i < int64(len(elements)) {
				visit(elements[i], tokens[1:])
			}
		case len(tokens) == 0:
			held[plainKey(value)] = true
		case value.IsObject():
			found := false
			value.ForEach(func(name, member gjson.Result) bool {
				if found = name.Str == tokens[0]; found {
					visit(member, tokens[1:])
				}
				return !found
			})
		}
	}
	root := gjson.Parse(text)
	if root.Type == gjson.String && len(tokens) > 0 && json.Valid([]byte(root.Str)) {
		root = gjson.Parse(root.Str)
	}
	visit(root, tokens)
	return held
}

func isElement(token string) bool {
	return token == "0" || token != "" && len(token) < 10 && token[0] != '0' && strings.Trim(token, "0123456789") == ""
}

// plainKey is equal for equal scalars of few digits.
func plainKey(value gjson.Result) string {
	if value.Type == gjson.Number {
		var number json.Number
		_ = json.Unmarshal([]byte(value.Raw), &number)
		f, _ := number.Float64()
		return "number " + string(mustJSON(f+0))
	}
	return value.Type.String() + " " + value.Str
}

func mustJSON(value any) []byte {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return text
}
