package templates_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/egret-proxy/egret/templates"
)

// A column renders a template around a placeholder, in one kind of place.
type column struct {
	name   string
	render func(t *testing.T, placeholder string, args templates.Arguments) (string, error)
}

func target(url string) func(*testing.T, string, templates.Arguments) (string, error) {
	return func(t *testing.T, placeholder string, args templates.Arguments) (string, error) {
		u := mustURL(t, strings.ReplaceAll(url, "PLACE", placeholder))
		got, err := u.AppendTarget(nil, args)
		return string(got), err
	}
}

func header(value string) func(*testing.T, string, templates.Arguments) (string, error) {
	return func(t *testing.T, placeholder string, args templates.Arguments) (string, error) {
		h := mustHeader(t, "N", strings.ReplaceAll(value, "PLACE", placeholder))
		fields, err := h.AppendFields(nil, args)
		var lines []string
		for _, f := range fields {
			lines = append(lines, f.Name+":"+f.Value)
		}
		return strings.Join(lines, " "), err
	}
}

func body(build func(t *testing.T, placeholder string) templates.Body) func(*testing.T, string, templates.Arguments) (string, error) {
	return func(t *testing.T, placeholder string, args templates.Arguments) (string, error) {
		got, err := build(t, placeholder).Append(nil, args)
		return string(got), err
	}
}

func form(value string) func(*testing.T, string, templates.Arguments) (string, error) {
	return body(func(t *testing.T, placeholder string) templates.Body {
		return mustForm(t, mustParam(t, "a", "1"), mustParam(t, "n", strings.ReplaceAll(value, "PLACE", placeholder)))
	})
}

func textBody(format templates.Format, text string) func(*testing.T, string, templates.Arguments) (string, error) {
	return body(func(t *testing.T, placeholder string) templates.Body {
		return mustBody(t, format, strings.ReplaceAll(text, "PLACE", placeholder))
	})
}

func mapped(value string) func(*testing.T, string, templates.Arguments) (string, error) {
	return func(t *testing.T, placeholder string, args templates.Arguments) (string, error) {
		param := mustParam(t, "n", strings.ReplaceAll(value, "PLACE", placeholder))
		got, err := mustURL(t, "https://h.test/p").WithQuery([]templates.Param{param}).AppendTarget(nil, args)
		return string(got), err
	}
}

var columns = []column{
	{"path", target("https://h.test/p/PLACE/q")},
	{"path part", target("https://h.test/p/v-PLACE.z/q")},
	{"header", header("PLACE")},
	{"header part", header("v PLACE")},
	{"query", target("https://h.test/p?a=1&n=PLACE&z=2")},
	{"query part", target("https://h.test/p?n=v-PLACE")},
	{"query map", mapped("PLACE")},
	{"query map part", mapped("v PLACE")},
	{"form", form("PLACE")},
	{"form part", form("v PLACE")},
	{"xml", textBody(templates.XMLFormat, `<r a="PLACE">PLACE</r>`)},
	{"html", textBody(templates.HTMLFormat, `<p>PLACE</p>`)},
	{"text", textBody(templates.PlainFormat, "v PLACE")},
	{"quoted tree", body(func(t *testing.T, placeholder string) templates.Body { return mustJSON(t, str("v "+placeholder)) })},
	{"quoted text", textBody(templates.JSONFormat, `{"n": "PLACE"}`)},
	{"member", body(func(t *testing.T, placeholder string) templates.Body {
		return mustJSON(t, templates.Object([]templates.Member{
			{Name: "a", Value: templates.Literal("1")}, {Name: "n", Value: str(placeholder)}, {Name: "z", Value: str("2")},
		}))
	})},
	{"element", body(func(t *testing.T, placeholder string) templates.Body {
		return mustJSON(t, templates.Array([]templates.Node{str(placeholder), templates.Literal("1")}))
	})},
	{"root", body(func(t *testing.T, placeholder string) templates.Body { return mustJSON(t, str(placeholder)) })},
	{"json text", textBody(templates.JSONFormat, `{"n": PLACE}`)},
}

const (
	missing = "missing_argument"
	unsafe  = "unsafe_value"
)

// all gives the same wish for every column, but for those in except.
func all(want string, except map[string]string) map[string]string {
	wants := make(map[string]string)
	for _, c := range columns {
		wants[c.name] = want
	}
	maps.Copy(wants, except)
	return wants
}

// literally gives the wishes for a value that stands as s everywhere, or as
// encoded in a URL and a form.
func literally(s, encoded, json string) map[string]string {
	return map[string]string{
		"path": "/p/" + encoded + "/q", "path part": "/p/v-" + encoded + ".z/q",
		"header": "N:" + s, "header part": "N:v " + s,
		"query": "/p?a=1&n=" + encoded + "&z=2", "query part": "/p?n=v-" + encoded,
		"query map": "/p?n=" + encoded, "query map part": "/p?n=v%20" + encoded,
		"form": "a=1&n=" + encoded, "form part": "a=1&n=v%20" + encoded,
		"xml": `<r a="` + s + `">` + s + `</r>`, "html": "<p>" + s + "</p>", "text": "v " + s,
		"quoted tree": `"v ` + s + `"`, "quoted text": `{"n": "` + s + `"}`,
		"member": `{"a":1,"n":` + json + `,"z":"2"}`, "element": "[" + json + ",1]",
		"root": json, "json text": `{"n": ` + json + `}`,
	}
}

func with(wants, except map[string]string) map[string]string {
	maps.Copy(wants, except)
	return wants
}

// wanted is the table of the documentation: each kind of argument in each kind
// of place.
var wanted = []struct {
	arguments string
	wants     map[string]string
}{
	{`{"x": "ab"}`, literally("ab", "ab", `"ab"`)},
	{`{"x": "a b"}`, literally("a b", "a%20b", `"a b"`)},
	{`{"x": "ü/?#%&=+"}`, with(literally("ü/?#%&=+", "%C3%BC%2F%3F%23%25%26%3D%2B", `"ü/?#%&=+"`), map[string]string{
		"xml": `<r a="ü/?#%&amp;=+">ü/?#%&amp;=+</r>`, "html": "<p>ü/?#%&amp;=+</p>",
	})},
	{`{"x": "\"\\<>'"}`, with(literally(`"\<>'`, "%22%5C%3C%3E%27", `"\"\\<>'"`), map[string]string{
		"xml":  `<r a="&#34;\&lt;&gt;&#39;">&#34;\&lt;&gt;&#39;</r>`,
		"html": `<p>&#34;\&lt;&gt;&#39;</p>`, "quoted tree": `"v \"\\<>'"`, "quoted text": `{"n": "\"\\<>'"}`,
	})},
	{`{"x": "a\tb"}`, with(literally("a\tb", "a%09b", `"a\tb"`), map[string]string{
		"xml": `<r a="a&#9;b">a&#9;b</r>`, "html": "<p>a&#9;b</p>",
		"quoted tree": `"v a\tb"`, "quoted text": `{"n": "a\tb"}`,
	})},
	{`{"x": "a\r\nb"}`, with(literally("a\r\nb", "a%0D%0Ab", `"a\r\nb"`), map[string]string{
		"header": unsafe, "header part": unsafe,
		"xml": `<r a="a&#13;&#10;b">a&#13;&#10;b</r>`, "html": "<p>a&#13;&#10;b</p>",
		"quoted tree": `"v a\r\nb"`, "quoted text": `{"n": "a\r\nb"}`,
	})},
	{`{"x": "a\u0000b"}`, with(literally("a\x00b", "a%00b", `"a\u0000b"`), map[string]string{
		"header": unsafe, "header part": unsafe, "xml": unsafe, "html": unsafe,
		"quoted tree": `"v a\u0000b"`, "quoted text": `{"n": "a\u0000b"}`,
	})},
	{`{"x": "a\u007fb"}`, with(literally("a\x7fb", "a%7Fb", `"a\u007Fb"`), map[string]string{
		"header": unsafe, "header part": unsafe,
		"quoted tree": `"v a\u007Fb"`, "quoted text": `{"n": "a\u007Fb"}`,
	})},
	{`{"x": "a\uFFFFb"}`, with(literally("a\uffffb", "a%EF%BF%BFb", "\"a\uffffb\""), map[string]string{"xml": unsafe, "html": unsafe})},
	{`{"x": " ab"}`, with(literally(" ab", "%20ab", `" ab"`), map[string]string{"header": unsafe})},
	{`{"x": "ab "}`, with(literally("ab ", "ab%20", `"ab "`), map[string]string{"header": unsafe, "header part": unsafe})},
	{`{"x": "."}`, with(literally(".", ".", `"."`), map[string]string{"path": unsafe})},
	{`{"x": ".."}`, with(literally("..", "..", `".."`), map[string]string{"path": unsafe})},
	{`{"x": "%2e"}`, literally("%2e", "%252e", `"%2e"`)},
	{`{"x": "\ud83d\ude00"}`, literally("😀", "%F0%9F%98%80", `"😀"`)},
	{`{"x": "\ufffd"}`, literally("\ufffd", "%EF%BF%BD", "\"\ufffd\"")},
	{`{"x": "\ud83d"}`, all(unsafe, nil)},
	{`{"x": "\ude00\ud83d"}`, all(unsafe, nil)},
	{`{"x": "\ud83d\u0041"}`, all(unsafe, nil)},
	{`{"x": "\ufffd\\ud83d"}`, with(literally("\ufffd\\ud83d", "%EF%BF%BD%5Cud83d", "\"\ufffd\\\\ud83d\""), map[string]string{
		"quoted tree": "\"v \ufffd\\\\ud83d\"", "quoted text": "{\"n\": \"\ufffd\\\\ud83d\"}",
	})},
	{"{\"x\": \"a\xffb\"}", all(unsafe, nil)},
	{`{"x": "</x>{/x}"}`, with(literally("</x>{/x}", "%3C%2Fx%3E%7B%2Fx%7D", `"</x>{/x}"`), map[string]string{
		"xml": `<r a="&lt;/x&gt;{/x}">&lt;/x&gt;{/x}</r>`, "html": "<p>&lt;/x&gt;{/x}</p>",
	})},
	{`{"x": ""}`, with(literally("", "", `""`), map[string]string{
		"path": unsafe, "path part": unsafe, "header part": missing,
	})},
	{`{"x": 3}`, literally("3", "3", "3")},
	{`{"x": -1.50}`, literally("-1.50", "-1.50", "-1.50")},
	{`{"x": 1e400}`, literally("1e400", "1e400", "1e400")},
	{`{"x": 1E+2}`, literally("1E+2", "1E%2B2", "1E+2")},
	{`{"x": 12345678901234567890}`, literally("12345678901234567890", "12345678901234567890", "12345678901234567890")},
	{`{"x": true}`, literally("true", "true", "true")},
	{`{"x": false}`, literally("false", "false", "false")},
	{`{"x": ["a", 2, true, "c d", ""]}`, all(unsafe, map[string]string{
		"header": "N:a N:2 N:true N:c d N:",
		"query":  "/p?a=1&n=a&n=2&n=true&n=c%20d&n=&z=2", "query map": "/p?n=a&n=2&n=true&n=c%20d&n=",
		"form":   "a=1&n=a&n=2&n=true&n=c%20d&n=",
		"member": `{"a":1,"n":["a", 2, true, "c d", ""],"z":"2"}`, "element": `[["a", 2, true, "c d", ""],1]`,
		"root": `["a", 2, true, "c d", ""]`, "json text": `{"n": ["a", 2, true, "c d", ""]}`,
	})},
	{`{"x": []}`, all(unsafe, map[string]string{
		"header": "", "query": "/p?a=1&z=2", "query map": "/p", "form": "a=1",
		"member": `{"a":1,"n":[],"z":"2"}`, "element": "[[],1]", "root": "[]", "json text": `{"n": []}`,
	})},
	{`{"x": ["a", null]}`, all(unsafe, map[string]string{
		"member": `{"a":1,"n":["a", null],"z":"2"}`, "element": `[["a", null],1]`,
		"root": `["a", null]`, "json text": `{"n": ["a", null]}`,
	})},
	{`{"x": [["a"]]}`, all(unsafe, map[string]string{
		"member": `{"a":1,"n":[["a"]],"z":"2"}`, "element": `[[["a"]],1]`, "root": `[["a"]]`, "json text": `{"n": [["a"]]}`,
	})},
	{`{"x": {"b": 1e2}}`, all(unsafe, map[string]string{
		"member": `{"a":1,"n":{"b": 1e2},"z":"2"}`, "element": `[{"b": 1e2},1]`, "root": `{"b": 1e2}`, "json text": `{"n": {"b": 1e2}}`,
	})},
	{`{"x": {"b": "\ud800"}}`, all(unsafe, nil)},
	{"{\"x\": [\"\xff\"]}", all(unsafe, nil)},
	{`{"x": null}`, all(missing, map[string]string{
		"header": "", "query": "/p?a=1&z=2", "query map": "/p", "form": "a=1",
		"member": `{"a":1,"n":null,"z":"2"}`, "element": "[null,1]", "root": "null", "json text": `{"n": null}`,
	})},
	{`{"y": 1}`, all(missing, map[string]string{
		"header": "", "query": "/p?a=1&z=2", "query map": "/p", "form": "a=1",
		"member": `{"a":1,"z":"2"}`, "element": "[1]",
	})},
}

func TestTable(t *testing.T) {
	for _, placeholder := range []string{"</x>", "{/x}"} {
		for _, row := range wanted {
			for _, c := range columns {
				if placeholder == "</x>" && (c.name == "xml" || c.name == "html") {
					continue // an end tag there, see TestMarkup
				}
				got, err := c.render(t, placeholder, document{json: row.arguments})
				if got, want := outcome(t, got, err), row.wants[c.name]; got != want {
					t.Errorf("%s, %s, arguments %s:\n got %s\nwant %s", placeholder, c.name, row.arguments, got, want)
				}
			}
		}
	}
}
