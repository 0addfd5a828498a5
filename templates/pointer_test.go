package templates_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/egret-proxy/egret/templates"
)

// rfc6901 is the document of RFC 6901 section 5, with names that gjson's own
// paths would read as syntax.
const rfc6901 = ` {"foo": ["bar", "baz"], "": 0, "a/b": 1, "c%d": 2, "e^f": 3, "g|h": 4, "i\\j": 5, "k\"l": 6, " ": 7, "m~n": 8,
	"a.b": 9, "*": 10, "#": 11, "@this": 12, "ü": 13, "\u0078": 14, "deep": {"list": [{"n": null}]}} `

func TestLookup(t *testing.T) {
	for pointer, want := range map[string]string{
		"": strings.TrimLeft(rfc6901, " "), "/foo": `["bar", "baz"]`, "/foo/0": `"bar"`, "/foo/1": `"baz"`,
		"/": "0", "/a~1b": "1", "/c%d": "2", "/e^f": "3", "/g|h": "4", `/i\j`: "5", `/k"l`: "6", "/ ": "7", "/m~0n": "8",
		"/a.b": "9", "/*": "10", "/#": "11", "/@this": "12", "/ü": "13", "/x": "14",
		"/deep/list/0/n": "null", "/deep/list/0": `{"n": null}`,
		// Nothing there:
		"/foo/2": "", "/foo/-": "", "/foo/00": "", "/foo/01": "", "/foo/+1": "", "/foo/-1": "", "/foo/1e0": "", "/foo/": "",
		"/foo/99999999999999999999": "", "/foo/#": "", "/foo/0/0": "", "/deep/list/n": "", "/f*": "", "/a/b": "", "/a": "",
		"/@values": "", "/deep.list": "", "/deep|list": "", "//": "", "/foo/0/": "", "/FOO": "",
	} {
		p, err := templates.ParsePointer(pointer)
		if err != nil {
			t.Errorf("ParsePointer(%q): %v", pointer, err)
			continue
		}
		got := templates.Lookup(gjson.Parse(rfc6901), p)
		if got.Raw != want || got.Exists() != (want != "") {
			t.Errorf("Lookup(%q) = %q, want %q", pointer, got.Raw, want)
		}
	}
}

func TestPointer(t *testing.T) {
	for _, test := range []struct {
		text, parameter string
		tokens          []string
	}{
		{"", "", nil},
		{"/", "", []string{""}},
		{"/customer/name", "customer", []string{"customer", "name"}},
		{"/a~1b/~01/m~0", "a/b", []string{"a/b", "~1", "m~"}},
		{"/a//", "a", []string{"a", "", ""}},
	} {
		p, err := templates.ParsePointer(test.text)
		if err != nil {
			t.Errorf("ParsePointer(%q): %v", test.text, err)
		}
		if p.String() != test.text || p.Parameter() != test.parameter || !slices.Equal(p.Tokens(), test.tokens) {
			t.Errorf("ParsePointer(%q) = %q, %q, %q; want %q, %q", test.text, p, p.Parameter(), p.Tokens(), test.parameter, test.tokens)
		}
	}
}

func TestPointerErrors(t *testing.T) {
	for text, want := range map[string]string{
		"a":     `cannot parse pointer="a": a pointer begins with "/"`,
		"#/a":   `cannot parse pointer="#/a": a pointer begins with "/"`,
		"/~":    `cannot parse pointer="/~": "~" is written "~0" and "/" inside a name "~1"`,
		"/a~2b": `cannot parse pointer="/a~2b": "~" is written "~0" and "/" inside a name "~1"`,
		"/a/~x": `cannot parse pointer="/a/~x": "~" is written "~0" and "/" inside a name "~1"`,
	} {
		if _, err := templates.ParsePointer(text); err == nil || err.Error() != want {
			t.Errorf("ParsePointer(%q) gives error %v, want %s", text, err, want)
		}
	}
}

func FuzzPointer(f *testing.F) {
	for _, s := range []string{"", "/", "/a~1b/~01", "/foo/0", "a", "/~"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := templates.ParsePointer(s)
		if err != nil {
			return
		}
		// RFC 6901 section 3 backwards: the tokens make the text again.
		var b strings.Builder
		for _, token := range p.Tokens() {
			b.WriteString("/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(token))
		}
		if b.String() != s || p.String() != s {
			t.Errorf("ParsePointer(%q) has the tokens %q, which are %q", s, p.Tokens(), b.String())
		}
	})
}
