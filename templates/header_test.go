package templates_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tidwall/gjson"

	"github.com/egret-proxy/egret/templates"
)

func TestHeader(t *testing.T) {
	args := document{json: `{"x": "v", "ü": "ß", "n": 3, "list": ["a", "b"], "spaced": ["a", " b"]}`}
	field := func(value string) []templates.Field { return []templates.Field{{Name: "X-Api-Key", Value: value}} }
	for _, test := range []struct {
		text string
		want []templates.Field
	}{
		{"", field("")},
		{"plain\ttext ÿ", field("plain\ttext ÿ")},
		{"Bearer </x>", field("Bearer v")},
		{"{/x}, {/n}", field("v, 3")},
		{"{/ü}", field("ß")},
		{`\{/x} \</x> \\{/x} {x} </a b> {/"x"} {/x<y} < /x>`, field(`{/x} </x> \{/x} {x} </a b> {/"x"} {/x<y} < /x>`)},
		{`{/x\}`, nil}, // the parameter "x\" is absent
		{"{/list}", append(field("a"), field("b")...)},
	} {
		got, err := mustHeader(t, "X-Api-Key", test.text).AppendFields(nil, args)
		if diff := cmp.Diff(test.want, got); diff != "" || err != nil {
			t.Errorf("%q: error %v, -want +got:\n%s", test.text, err, diff)
		}
	}
	fields, err := mustHeader(t, "N", "{/spaced}").AppendFields(nil, args)
	if err == nil {
		t.Errorf("an element with white space gives %q, want an error", fields)
	}
}

func TestHeaderErrors(t *testing.T) {
	const badName = "a header's name is letters, digits and !#$%&'*+-.^_`|~, without placeholders"
	for _, test := range []struct {
		name, text    string
		offset        int
		message, hint string
		configured    string // after text
	}{
		{name: "", message: badName},
		{name: "X-{/x}", message: badName},
		{name: "X Y", message: badName},
		{name: "X:", message: badName},
		{name: "Ü", message: badName},
		{name: "N", text: "{/x}a\nb", offset: 4, message: "text has a control character, which a header cannot carry"},
		{name: "N", text: "a\x7f", message: "text has a control character, which a header cannot carry"},
		{name: "N", text: "a\x00", message: "text has a control character, which a header cannot carry"},
		{name: "N", text: "a\xff", message: "text is not UTF-8"},
		{name: "N", text: " {/x}", message: "a header's value cannot begin or end with white space"},
		{name: "N", text: "{/x}\t", offset: 4, message: "a header's value cannot begin or end with white space"},
		{name: "N", text: "Bearer {/x", offset: 7, message: "placeholder {/x is not closed", hint: `write {/x}, or \{/x if it is text`},
		{name: "N", text: "Bearer </x", offset: 7, message: "placeholder </x is not closed", hint: `write </x>, or \</x if it is text`},
		{name: "N", text: "ab </~2>", offset: 3, message: "placeholder </~2> is not a JSON Pointer", hint: `"~" is written "~0" and "/" inside a name "~1"`},
		{name: "N", text: "key ", configured: "s3cret\n", offset: 4, message: "text has a control character, which a header cannot carry"},
		{name: "N", text: "key ", configured: "s3cret ", offset: 4, message: "a header's value cannot begin or end with white space"},
	} {
		src := templates.Source{{Text: test.text}, {Text: test.configured, Configured: true}}
		_, err := templates.ParseHeader(test.name, src)
		wrong := checkSyntax(t, test.text+test.configured, err, test.message, test.hint)
		if wrong != nil && wrong.Offset != test.offset {
			t.Errorf("%q: the error is at %d, want %d", test.text, wrong.Offset, test.offset)
		}
	}
	// What an escaped text would be wrong as does not matter.
	for _, text := range []string{`\{/x`, `\</~2>`} {
		fields, err := mustHeader(t, "N", text).AppendFields(nil, document{})
		if err != nil || fields[0].Value != text[1:] {
			t.Errorf("%q: got %q, %v; want %q", text, fields, err, text[1:])
		}
	}
}

// What is appended stands behind what was there, a line for each field, and
// nothing when there is none.
func TestHeaderLines(t *testing.T) {
	args := document{json: `{"x": "v", "list": ["a", "b"], "broken": "a\r\nX-B: 1", "null": null}`}
	for _, test := range []struct{ text, want string }{
		{"Bearer </x>", "before\r\nN: Bearer v\r\n"},
		{"{/list}", "before\r\nN: a\r\nN: b\r\n"},
		{"", "before\r\nN: \r\n"},
		{"{/null}", "before\r\n"},
		{"{/absent}", "before\r\n"},
		{"{/broken}", ""},
		{"a {/broken}", ""},
		{"a {/null}", ""},
	} {
		got, err := mustHeader(t, "N", test.text).AppendLines([]byte("before\r\n"), args)
		if (err == nil) != (test.want != "") || err == nil && string(got) != test.want {
			t.Errorf("%q: got %q, %v, want %q", test.text, got, err, test.want)
		}
	}
}

func TestHeaderLinesAllocateNothing(t *testing.T) {
	h, args, dst := mustHeader(t, "N", "Bearer </x>"), single{gjson.Parse(`"v"`)}, make([]byte, 0, 100)
	if n := testing.AllocsPerRun(100, func() {
		if _, err := h.AppendLines(dst, &args); err != nil {
			t.Errorf("AppendLines: %v", err)
		}
	}); n != 0 {
		t.Errorf("a line makes %v allocations, want none", n)
	}
}
