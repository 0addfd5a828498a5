package templates_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/egret-proxy/egret/templates"
)

// seeds are arguments: each is a string, and what is JSON is also a value.
var seeds = []string{
	"", "a", "A-17", " a ", "\ta\r\n", "a b+c", "../..", ".", "..", "%2e%2e", "%", "/?#[]@", "a&b=c;d", "\x00\x01\x7f", "ü€😀", "\xff", "\xed\xa0\x80",
	"a\r\nX-Injected: 1", "</x>{/x}", `\{/x}`, `"`, `\`, "<b a='1'>&amp;</b>", "]]>", "-->", "\ufffd", "\ufffe", "\u2028", "\u0085", "\u00a0",
	"0", "-0", "1e400", "12345678901234567890", "1.50", "true", "false", "null", `""`, `" "`, `".."`, `"\ud800"`, `"\ud83d\ude00"`, `"\ufffd\\ud800"`,
	"[]", `["a",1,true]`, `["a",null]`, `["a","b\r\n"]`, `[" a"]`, "[[]]", "{}", `{"a": {"b": [1, "\u0000"]}}`, `{"a":1,"a":2}`, "[\"\xff\"]", `["\udc00"]`,
	" 1 ", "1 2", "NaN", "+1", "[1", "tru",
}

// values gives the arguments that s is.
func values(s string) []gjson.Result {
	list := []gjson.Result{{Type: gjson.String, Str: s}}
	if len(s) < 1000 && json.Valid([]byte(s)) {
		list = append(list, gjson.Parse(strings.TrimSpace(s)))
	}
	return list
}

func fuzz(f *testing.F, check invariant) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, v := range values(s) {
			if err := check(v); err != nil {
				t.Errorf("value %s %q: %v", v.Type, s, err)
			}
		}
	})
}

func FuzzPath(f *testing.F)     { fuzz(f, checkPath) }
func FuzzQuery(f *testing.F)    { fuzz(f, checkQuery) }
func FuzzHeader(f *testing.F)   { fuzz(f, checkHeader) }
func FuzzForm(f *testing.F)     { fuzz(f, checkForm) }
func FuzzJSONTree(f *testing.F) { fuzz(f, checkJSONTree) }
func FuzzJSONText(f *testing.F) { fuzz(f, checkJSONText) }
func FuzzXML(f *testing.F)      { fuzz(f, checkXML) }

// An absent value has no text to fuzz.
func TestAbsent(t *testing.T) {
	for _, i := range invariants {
		if err := i.check(gjson.Result{}); err != nil {
			t.Errorf("%s: %v", i.name, err)
		}
	}
}

// FuzzParse reads anything as a template. What is accepted can be rendered,
// and its placeholders are where they say.
func FuzzParse(f *testing.F) {
	for _, s := range append([]string{
		"https://h.test/a/{/b}?c={/d}", "https://[::1]:8080/</a/b>", "Bearer </x>", `{"a": </b>, "c": ["{/d}"]}`, `"\\{/x}\{/y}"`,
		`<a b="{/c}"><!-- --><![CDATA[]]>{/d}</a>`, "<script>{/x}</script>", "{/~1~0}", "{/x", "</x", `\{/x`, "<!DOCTYPE a [ {/x} ]>", "<a =b c = d>",
	}, seeds...) {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		src := templates.Text(s)
		if u, err := templates.ParseURL(src); err == nil {
			placed(t, s, u.Placeholders())
			target, err := u.AppendTarget(nil, text("v"))
			if _, wrong := readRequest("GET " + string(target) + " HTTP/1.1\r\nHost: h\r\n\r\n"); err != nil || wrong != nil {
				t.Errorf("URL %q gives %q, %v, %v", s, target, err, wrong)
			}
		}
		if h, err := templates.ParseHeader("A", src); err == nil {
			placed(t, s, h.Placeholders())
			fields, err := h.AppendFields(nil, text("v"))
			if err != nil || headerIs(fields, []string{fields[0].Value}) != nil {
				t.Errorf("header %q gives %q, %v", s, fields, err)
			}
		}
		if n := templates.String(src); n.Err() == nil {
			placed(t, s, n.Placeholders())
			isJSON(t, s, mustJSON(t, n))
		}
		for _, format := range []templates.Format{templates.JSONFormat, templates.XMLFormat, templates.HTMLFormat, templates.PlainFormat} {
			b, err := templates.ParseBody(src, format, nil)
			if err != nil {
				continue
			}
			placed(t, s, b.Placeholders())
			if _, err := b.Append(nil, text("v")); err != nil {
				t.Errorf("body %q of format %d: %v", s, format, err)
			}
			if format == templates.JSONFormat {
				isJSON(t, s, b)
			}
		}
	})
}

func isJSON(t *testing.T, source string, b templates.Body) {
	for _, value := range []string{"v", `"`, `\`, ""} {
		got, err := b.Append(nil, text(value))
		if err != nil || !json.Valid(got) {
			t.Errorf("JSON %q with %q gives %q, %v", source, value, got, err)
		}
	}
}

func placed(t *testing.T, source string, list []templates.Placeholder) {
	for _, p := range list {
		got := source[p.Offset : p.Offset+p.Length]
		if pointer := p.Pointer.String(); got != "{"+pointer+"}" && got != "<"+pointer+">" {
			t.Errorf("%q: a placeholder %s is said to be at %q", source, pointer, got)
		}
	}
}
