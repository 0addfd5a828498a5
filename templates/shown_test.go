package templates_test

import (
	"strings"
	"testing"

	"github.com/egret-proxy/egret/templates"
)

// source reads text in which «…» is configured.
func source(text string) templates.Source {
	var src templates.Source
	for _, piece := range strings.FieldsFunc(strings.ReplaceAll(text, "«", "\x00«"), func(r rune) bool { return r == '\x00' || r == '»' }) {
		configured, ok := strings.CutPrefix(piece, "«")
		src = append(src, templates.Piece{Text: configured, Configured: ok})
	}
	return src
}

func TestConfiguredURL(t *testing.T) {
	for _, test := range []struct{ text, sent, target, shown string }{
		{"«https://h.test/v1»/o/{/x}", "https://h.test/v1/o/a", "(configured)/o/a", "(configured)/o/a"},
		{"«https://h.test»/o/{/x}", "https://h.test/o/a", "/o/a", "(configured)/o/a"},
		{"«https://h.test»", "https://h.test/", "/", "(configured)/"},
		{"«https»://«h».test:«80»/", "https://h.test:80/", "/", "(configured)://(configured).test:(configured)/"},
		{"https://h/«a»{/x}«b/c»/d/{/x}", "https://h/aab/c/d/a", "/(configured)a(configured)/d/a", "https://h/(configured)a(configured)/d/a"},
		{"https://h/?k=«1%20&l=2»&x={/x}", "https://h/?k=1%20&l=2&x=a", "/?k=(configured)&x=a", "https://h/?k=(configured)&x=a"},
		{"https://h/?k=«1&x=»{/x}", "https://h/?k=1&x=a", "/?k=(configured)a", "https://h/?k=(configured)a"},
		{"«https://h/?k=1»&x={/x}", "https://h/?k=1&x=a", "(configured)&x=a", "(configured)&x=a"},
		{"https://h/?k={/none}&«l»={/x}", "https://h/?l=a", "/?(configured)=a", "https://h/?(configured)=a"},
		{"https://h/%7B«%7B/x%7D»", "https://h/%7B%7B/x%7D", "/%7B(configured)", "https://h/%7B(configured)"},
	} {
		u, err := templates.ParseURL(source(test.text))
		if err != nil {
			t.Errorf("%s: %v", test.text, err)
			continue
		}
		args := document{json: `{"x": "a"}`}
		sent, err := u.AppendURL(nil, args)
		if string(sent) != test.sent || err != nil {
			t.Errorf("%s: sent %s, %v; want %s", test.text, sent, err, test.sent)
		}
		args.shown = true
		shown, err := u.AppendURL(nil, args)
		if string(shown) != test.shown || err != nil {
			t.Errorf("%s: shown %s, %v; want %s", test.text, shown, err, test.shown)
		}
		target, err := u.AppendTarget(nil, args)
		if string(target) != test.target || err != nil {
			t.Errorf("%s: target %s, %v; want %s", test.text, target, err, test.target)
		}
	}
}

func TestConfiguredBodies(t *testing.T) {
	query, err := templates.ParseQuery(source("a b«c d{/x}»{/x}"))
	if err != nil {
		t.Fatal(err)
	}
	header, err := templates.ParseHeader("N", source("Bearer «c {/x}»{/x}"))
	if err != nil {
		t.Fatal(err)
	}
	form, err := templates.NewForm([]templates.Param{{Name: "n", Value: query}})
	if err != nil {
		t.Fatal(err)
	}
	parse := func(text string, format templates.Format) templates.Body {
		b, err := templates.ParseBody(source(text), format, nil)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		return b
	}
	fields := func(args templates.Arguments) (string, error) {
		got, err := header.AppendFields(nil, args)
		return got[0].Value, err
	}
	target := func(args templates.Arguments) (string, error) {
		got, err := mustURL(t, "https://h/").WithQuery([]templates.Param{{Name: "n", Value: query}}).AppendTarget(nil, args)
		return string(got), err
	}
	render := func(b templates.Body) func(templates.Arguments) (string, error) {
		return func(args templates.Arguments) (string, error) {
			got, err := b.Append(nil, args)
			return string(got), err
		}
	}
	for _, test := range []struct {
		name        string
		render      func(templates.Arguments) (string, error)
		sent, shown string
	}{
		{"query map", target, "/?n=a%20bc%20d%7B%2Fx%7D1", "/?n=a%20b(configured)1"},
		{"header", fields, "Bearer c {/x}1", "Bearer (configured)1"},
		{"form", render(form), "n=a%20bc%20d%7B%2Fx%7D1", "n=a%20b(configured)1"},
		{"tree", render(mustJSON(t, templates.String(source(`a«"{/x}»{/x}`)))), `"a\"{/x}1"`, `"a(configured)1"`},
		{"quoted", render(parse(`{"a": "b«"{/x}\»{/x}"}`, templates.JSONFormat)), `{"a": "b\"{/x}\\1"}`, `{"a": "b(configured)1"}`},
		{"unquoted", render(parse(`{"a": «["{/x}"]», "b": {/x}}`, templates.JSONFormat)), `{"a": ["{/x}"], "b": 1}`, `{"a": (configured), "b": 1}`},
		{"xml", render(parse(`<a b="«"<{/x}»">{/x}</a>`, templates.XMLFormat)), `<a b="&#34;&lt;{/x}">1</a>`, `<a b="(configured)">1</a>`},
		{"plain", render(parse(`«{/x}»{/x}`, templates.PlainFormat)), `{/x}1`, `(configured)1`},
	} {
		for _, shown := range []bool{false, true} {
			want := test.sent
			if shown {
				want = test.shown
			}
			got, err := test.render(document{json: `{"x": 1}`, shown: shown})
			if got != want || err != nil {
				t.Errorf("%s, shown %t:\n got %s, %v\nwant %s", test.name, shown, got, err, want)
			}
		}
	}
}

// A configured text that is wrong in its place is never quoted.
func TestConfiguredErrors(t *testing.T) {
	const secret = "s3cret"
	url := func(s string) error { _, err := templates.ParseURL(source(s)); return err }
	json := func(s string) error {
		_, err := templates.ParseBody(source(s), templates.JSONFormat, nil)
		return err
	}
	for text, parse := range map[string]func(string) error{
		"https://h/«s3cret with spaces»":   url,
		"https://h/«{s3cret}»":             url,
		"https://h/{«s3cret»}":             url,
		"https://h/{«s3cret}»":             url,
		"https://h/«s3cret#s3cret»":        url,
		"https://h/«%s3cret»":              url,
		"https://«s3cret_»/":               url,
		"https://h:«s3cret»/":              url,
		"https://«s3cret@»h/":              url,
		"«s3cret»://h/":                    url,
		"https://h/a/«../s3cret»":          url,
		`{"a": «"s3cret»", "b": 1}`:        json,
		`{"a": «s3cret»}`:                  json,
		`{"a": "\ud800«s3cret»"}`:          json,
		`{"a": "\«s3cret»"}`:               json,
		`{"s3cret": 1, "«s3cret»": 2}`:     json,
		"{\"a\": \"«s3cret\xff»\"}":        json,
		`{"a": 1} «"s3cret"»`:              json,
		`{"a": "«s3cret»", "b": nulls3cre`: json,
	} {
		err := parse(text)
		if err == nil {
			t.Errorf("%s has no error", text)
			continue
		}
		wrong := checkSyntax(t, text, err, err.Error(), hintOf(err))
		if wrong == nil || strings.Contains(wrong.Message+wrong.Hint, secret) || strings.Contains(wrong.Message+wrong.Hint, "nulls") {
			t.Errorf("%s: the error tells the secret: %v", text, err)
		}
	}
}

func TestStandIn(t *testing.T) {
	args := document{standIn: map[string]string{"/x": `(fixed "a")`}, shown: true}
	for _, c := range columns {
		want := literally(`(fixed "a")`, `(fixed "a")`, `"(fixed \"a\")"`)
		want["quoted tree"] = `"v (fixed \"a\")"`
		want["quoted text"] = `{"n": "(fixed \"a\")"}`
		got, err := c.render(t, "{/x}", args)
		if got != want[c.name] || err != nil {
			t.Errorf("%s: got %s, %v; want %s", c.name, got, err, want[c.name])
		}
	}
}

func hintOf(err error) string {
	if wrong, ok := err.(*templates.SyntaxError); ok {
		return wrong.Hint
	}
	return ""
}
