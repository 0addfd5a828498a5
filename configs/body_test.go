package configs_test

import (
	"strings"
	"testing"
)

// TestBodyTypes writes a body under many media types. A value may stand in it
// only where it is escaped, or is meant to stand as it is.
func TestBodyTypes(t *testing.T) {
	const verbatim = "use text/plain, where values stand as they are"
	for _, test := range []struct{ contentType, hint string }{ // no hint: permitted
		{"application/json", ""},
		{"text/json", ""},
		{"application/problem+json; charset=utf-8", ""},
		{"application/xml", ""},
		{"application/xml-dtd", ""},
		{"image/svg+xml", ""},
		{"text/html", ""},
		{"text/plain", ""},
		{"Text/Plain; charset=utf-8", ""},
		{"text/markdown; variant=GFM", ""},
		{"application/octet-stream", ""},
		{"application/x-www-form-urlencoded", "use form:"},
		{"Application/X-WWW-Form-URLEncoded; charset=utf-8", "use form:"},
		{"application/x-ndjson", "use json:"},
		{"application/jsonl", "use json:"},
		{"application/json-seq", "use json:"},
		{"application/json, text/plain", "use json:"},
		{"multipart/form-data; boundary=x", verbatim},
		{"application/yaml", verbatim},
		{"text/csv", verbatim},
		{"application/graphql", verbatim},
		{"text/javascript", verbatim},
		{"acme/unknown", verbatim},
		{"text/plain, text/html", verbatim},
		{"text/plain; x, text/html", verbatim},
		{"text", verbatim},
	} {
		written := func(body string) string {
			return "functions:\n  - name: f\n    parameters: {properties: {x: {}}}\n    url: https://a.test\n" +
				"    headers: {Content-Type: '" + test.contentType + "'}\n    body: '" + body + "'\n"
		}
		good(t, written("1"))
		if test.hint != "" {
			good(t, written("</unknown>"))
		}
		body := "{/x}"
		if strings.Contains(test.contentType, "xml") || test.contentType == "text/html" {
			body = "<a>{/x}</a>"
		}
		_, problems := parse(t, written(body))
		switch {
		case test.hint == "" && len(problems) > 0:
			t.Errorf("%s: got %v, want no problem", test.contentType, problems)
		case test.hint != "" && len(problems) != 1:
			t.Errorf("%s: got %v, want one problem", test.contentType, problems)
		case test.hint != "":
			mediaType := strings.ToLower(test.contentType)
			if !strings.Contains(mediaType, ",") {
				mediaType, _, _ = strings.Cut(mediaType, ";")
			}
			p, want := problems[0], "values cannot be escaped in a body of type "+mediaType
			if p.Path != "functions[0].body" || p.Message != want || p.Hint != test.hint {
				t.Errorf("%s: got %s: %q, hint %q, want functions[0].body: %q, hint %q", test.contentType, p.Path, p.Message, p.Hint, want, test.hint)
			}
		}
	}
}

// TestBodyTypeConfigured takes the media type from the environment, which no
// message shows.
func TestBodyTypeConfigured(t *testing.T) {
	_, problems := parse(t, "functions:\n  - name: f\n    parameters: {properties: {x: {}}}\n    url: https://a.test\n"+
		"    headers: {Content-Type: \"${env:CANARY}\"}\n    body: \"{/x}\"\n")
	const want = "values cannot be escaped in a body of this type"
	if len(problems) != 1 || problems[0].Message != want || strings.Contains(problems.Detailed(), "canary") {
		t.Errorf("got %s, want %q and nothing of the environment", problems.Detailed(), want)
	}
}
