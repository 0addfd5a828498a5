package templates_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/egret-proxy/egret/templates"
)

func TestJSONTree(t *testing.T) {
	root := templates.Object([]templates.Member{
		{Name: "</x>", Value: str("plain")},
		{Name: "q\"\n", Value: str("")},
		{Name: "gone", Value: str("{/none}")},
		{Name: "list", Value: templates.Array([]templates.Node{str("{/none}"), str("</x>"), str("{/none}"), templates.Literal("1.0"), str("{/none}")})},
		{Name: "empty", Value: templates.Array([]templates.Node{str("{/none}")})},
		{Name: "deep", Value: templates.Object([]templates.Member{{Name: "gone", Value: str("{/none}")}})},
		{Name: "zero", Value: templates.Node{}},
		{Name: "flags", Value: templates.Array([]templates.Node{templates.Literal("true"), templates.Literal("false"), templates.Literal("null"), templates.Literal("-1e400")})},
		{Name: "text", Value: str(`\{/x} "</x>"`)},
	})
	const want = `{"</x>":"plain","q\"\n":"","list":["v",1.0],"empty":[],"deep":{},"zero":null,"flags":[true,false,null,-1e400],"text":"{/x} \"v\""}`
	got, err := mustJSON(t, root).Append(nil, document{json: `{"x": "v"}`})
	if string(got) != want || err != nil {
		t.Errorf("got  %s, %v\nwant %s", got, err, want)
	}
	if !json.Valid(got) {
		t.Errorf("%s is not JSON", got)
	}
}

func TestJSONPlaceholders(t *testing.T) {
	root := templates.Object([]templates.Member{
		{Name: "a", Value: str("</x>")},
		{Name: "b", Value: templates.Array([]templates.Node{str("no. {/y/z}"), templates.Literal("1")})},
	})
	var got []string
	for _, p := range mustJSON(t, root).Placeholders() {
		got = append(got, p.Pointer.String()+" "+p.Escaping.String())
	}
	if diff := cmp.Diff([]string{"/x json_value", "/y/z json_string"}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestJSONErrors(t *testing.T) {
	twice := templates.Object([]templates.Member{{Name: "a", Value: str("1")}, {Name: "a", Value: str("2")}})
	for _, test := range []struct {
		name          string
		node          templates.Node
		message, hint string
	}{
		{"unclosed", str("a {/x"), "placeholder {/x is not closed", `write {/x}, or \{/x if it is text`},
		{"invalid UTF-8", str("a\xff"), "text is not UTF-8", ""},
		{"no literal", templates.Literal("NaN"), `"NaN" is not a JSON number, true, false or null`, ""},
		{"string as literal", templates.Literal(`"a"`), `"\"a\"" is not a JSON number, true, false or null`, ""},
		{"object as literal", templates.Literal("{}"), `"{}" is not a JSON number, true, false or null`, ""},
		{"space in literal", templates.Literal("1 "), `"1 " is not a JSON number, true, false or null`, ""},
		{"empty literal", templates.Literal(""), `"" is not a JSON number, true, false or null`, ""},
	} {
		if err := test.node.Err(); err == nil || err.Error() != test.message {
			t.Errorf("%s: Err gives %v, want %s", test.name, err, test.message)
		}
		_, err := templates.NewJSON(templates.Array([]templates.Node{templates.Object([]templates.Member{{Name: "a", Value: test.node}})}))
		checkSyntax(t, "12345678", err, test.message, test.hint)
	}
	_, err := templates.NewJSON(twice)
	checkSyntax(t, "", err, `member name "a" is twice in an object or is not UTF-8`, "")
	if err := str("fine").Err(); err != nil {
		t.Errorf("Err gives %v for a node without a mistake", err)
	}
}

func TestJSONText(t *testing.T) {
	args := document{json: `{"x": "a\"b", "n": 1.50, "o": {"k": [1]}}`}
	for source, want := range map[string]string{
		`</x>`:                           `"a\"b"`,
		` { "a" : </n> , "b":[{/o},1] }`: ` { "a" : 1.50 , "b":[{"k": [1]},1] }`,
		`"</x>{/n}"`:                     `"a\"b1.50"`,
		`"\</x>\{/n}"`:                   `"</x>{/n}"`,
		`"\\</x>\\\{/n}\""`:              `"\\a\"b\\{/n}\""`,
		`"{x} </a b> \u00e9 \"{/n}\""`:   `"{x} </a b> \u00e9 \"1.50\""`,
		`{"\"{x}": "{/n}"}`:              `{"\"{x}": "1.50"}`,
		`{"a": "see </usr", "b": 1}`:     `{"a": "see </usr", "b": 1}`,
		"[1e400,-0,\"\",\n{}]":           "[1e400,-0,\"\",\n{}]",
	} {
		got, err := mustBody(t, templates.JSONFormat, source).Append(nil, args)
		if string(got) != want || err != nil {
			t.Errorf("%s:\n got %s, %v\nwant %s", source, got, err, want)
		}
	}
}

func TestJSONTextErrors(t *testing.T) {
	const name = "a placeholder cannot stand in the name of a JSON member"
	for _, test := range []struct {
		text    string
		offset  int
		message string
	}{
		{"", 0, "the text is empty, which is not JSON"},
		{" \n", 0, "the text is empty, which is not JSON"},
		{`{"a": }`, 6, `the text is not JSON: missing value after object name`},
		{`{"a": 1`, 7, `the text is not JSON: unexpected EOF`},
		{`{"a": 1} x`, 9, `the text is not JSON: something follows the value`},
		{`{"a": </x></y>}`, 10, `the text is not JSON: invalid character 'n' after object value (expecting ',' or '}')`},
		{`1</x>`, 1, `the text is not JSON: something follows the value`},
		{`[-</x>]`, 2, `the text is not JSON: invalid character 'n' in number (expecting digit)`},
		{`{"a": tru</x>}`, 9, `the text is not JSON: invalid character 'n' in literal true (expecting 'e')`},
		{`"\u00</x>"`, 1, "the text is not JSON: invalid escape sequence `\\u00x\"` in string"},
		{`"\q"`, 1, "the text is not JSON: invalid escape sequence `\\q` in string"},
		{`\</x>`, 0, `the text is not JSON: invalid character '\\' at start of value`},
		{`{"a": 1, "a": 2}`, 9, "the text is not JSON: duplicate object member name"},
		{`{"{/x}": 1}`, 2, name},
		{`{"a": {"b-</x>" : 1}}`, 10, name},
		{`{"a": [1], "b{/x}": 1}`, 13, name},
		{`{{/x}: 1}`, 1, `the text is not JSON: object member name must be a string`},
		{"\"a\xff\"", 2, "the text is not JSON: invalid UTF-8"},
		{`["\ud800"]`, 2, "the text is not JSON: invalid surrogate pair `\\ud800\"]` in string"},
		{"\"a\nb\"", 2, "the text is not JSON: invalid character '\\n' in string (expecting non-control character)"},
		{`{"a": {/x`, 6, "placeholder {/x is not closed"},
		{`"a\`, 2, "a backslash cannot stand at the end of the text or before configured text"},
	} {
		_, err := templates.ParseBody(templates.Text(test.text), templates.JSONFormat, nil)
		hint := ""
		if test.message == "placeholder {/x is not closed" {
			hint = `write {/x}, or \{/x if it is text`
		}
		wrong := checkSyntax(t, test.text, err, test.message, hint)
		if wrong != nil && wrong.Offset != test.offset {
			t.Errorf("%q: the error is at %d, want %d", test.text, wrong.Offset, test.offset)
		}
	}
}
