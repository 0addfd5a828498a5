package templates_test

import (
	"testing"

	"github.com/egret-proxy/egret/templates"
)

func TestFormatOf(t *testing.T) {
	for contentType, want := range map[string]templates.Format{
		"application/json":                  templates.JSONFormat,
		"Application/JSON; charset=utf-8":   templates.JSONFormat,
		"application/problem+json":          templates.JSONFormat,
		"application/json;":                 templates.JSONFormat,
		"application/json; broken":          templates.JSONFormat,
		" application/json ;a=b;a=c":        templates.JSONFormat,
		"application/xml":                   templates.XMLFormat,
		"text/xml; charset=utf-8":           templates.XMLFormat,
		"application/soap+xml":              templates.XMLFormat,
		"text/html":                         templates.HTMLFormat,
		"application/xhtml+xml":             templates.XMLFormat,
		"text/plain":                        templates.PlainFormat,
		"":                                  templates.PlainFormat,
		"text/json":                         templates.JSONFormat,
		"application/x-json":                templates.JSONFormat,
		"Text/X-JSON; charset=utf-8":        templates.JSONFormat,
		"application/xml-dtd":               templates.XMLFormat,
		"text/xml-external-parsed-entity":   templates.XMLFormat,
		"application/xml-patch+json":        templates.JSONFormat,
		"text/xmlx":                         templates.PlainFormat,
		"application/jsonl":                 templates.PlainFormat,
		"application/x-www-form-urlencoded": templates.PlainFormat,
		"application/graphql":               templates.PlainFormat,
	} {
		if got := templates.FormatOf(contentType); got != want {
			t.Errorf("FormatOf(%q) = %d, want %d", contentType, got, want)
		}
	}
}

func TestPlainText(t *testing.T) {
	known := func(parameter string) bool { return parameter == "x" || parameter == "y/" }
	args := document{json: `{"x": {"a": "<&>\u0000"}, "y/": 1}`}
	for source, want := range map[string]string{
		"":                                      "",
		"<b>{/x/a}</b></></x/a></y~1>":          "<b><&>\x00</b></><&>\x001",
		`\</x> \{/x} \</b> \{/`:                 `</x> {/x} \</b> \{/`,
		"{/ x} {x} {/x\n} </x y> {/x </~2> </x": "{/ x} {x} {/x\n} </x y> {/x </~2> </x",
		"query { a(b: {/x/a}) { c } } \xff":     "query { a(b: <&>\x00) { c } } \xff",
	} {
		b, err := templates.ParseBody(templates.Text(source), templates.PlainFormat, known)
		if err != nil {
			t.Errorf("%q: %v", source, err)
			continue
		}
		if got, err := b.Append(nil, args); string(got) != want || err != nil {
			t.Errorf("%q:\n got %q, %v\nwant %q", source, got, err, want)
		}
	}
	_, err := templates.ParseBody(templates.Text("a {/~2}"), templates.PlainFormat, known)
	checkSyntax(t, "a {/~2}", err, "placeholder {/~2} is not a JSON Pointer", `"~" is written "~0" and "/" inside a name "~1"`)
	b, err := templates.ParseBody(templates.Text("{/unknown}"), templates.PlainFormat, known)
	if err != nil || len(b.Placeholders()) != 1 {
		t.Errorf("{/unknown} is %v, %v; want a placeholder, which the configuration refuses", b, err)
	}
}
