package templates_test

import (
	"errors"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/egret-proxy/egret/templates"
)

// document is the Arguments of a JSON document.
type document struct {
	json    string
	standIn map[string]string // by pointer
	shown   bool
}

func (d document) Lookup(p templates.Pointer) templates.Value {
	if text, ok := d.standIn[p.String()]; ok {
		return templates.Value{JSON: gjson.Result{Type: gjson.String, Str: text}, StandIn: true}
	}
	return templates.Value{JSON: templates.Lookup(gjson.Parse(d.json), p)}
}

func (d document) Shown() bool { return d.shown }

// single is the Arguments in which every pointer leads to one value.
type single struct{ value gjson.Result }

func (s single) Lookup(templates.Pointer) templates.Value { return templates.Value{JSON: s.value} }
func (s single) Shown() bool                              { return false }

func text(s string) single { return single{gjson.Result{Type: gjson.String, Str: s}} }

// outcome gives what was rendered, or the code of the refusal.
func outcome(t *testing.T, got string, err error) string {
	t.Helper()
	if err == nil {
		return got
	}
	var refused *templates.RenderError
	if !errors.As(err, &refused) {
		t.Fatalf("error is %T %v, want a *RenderError", err, err)
	}
	return reasonName(refused.Reason)
}

func reasonName(r templates.Reason) string {
	switch r {
	case templates.MissingArgument:
		return "missing_argument"
	case templates.UnsafeValue:
		return "unsafe_value"
	default:
		return "no reason"
	}
}

func mustURL(t testing.TB, text string) *templates.URL {
	t.Helper()
	u, err := templates.ParseURL(templates.Text(text))
	if err != nil {
		t.Fatalf("ParseURL(%q): %v", text, err)
	}
	return u
}

func mustParam(t testing.TB, name, text string) templates.Param {
	t.Helper()
	q, err := templates.ParseQuery(templates.Text(text))
	if err != nil {
		t.Fatalf("ParseQuery(%q): %v", text, err)
	}
	return templates.Param{Name: name, Value: q}
}

func mustHeader(t testing.TB, name, text string) *templates.Header {
	t.Helper()
	h, err := templates.ParseHeader(name, templates.Text(text))
	if err != nil {
		t.Fatalf("ParseHeader(%q, %q): %v", name, text, err)
	}
	return h
}

func mustBody(t testing.TB, format templates.Format, text string) templates.Body {
	t.Helper()
	b, err := templates.ParseBody(templates.Text(text), format, nil)
	if err != nil {
		t.Fatalf("ParseBody(%q): %v", text, err)
	}
	return b
}

func mustJSON(t testing.TB, root templates.Node) templates.Body {
	t.Helper()
	b, err := templates.NewJSON(root)
	if err != nil {
		t.Fatalf("NewJSON: %v", err)
	}
	return b
}

func mustForm(t testing.TB, fields ...templates.Param) templates.Body {
	t.Helper()
	b, err := templates.NewForm(fields)
	if err != nil {
		t.Fatalf("NewForm: %v", err)
	}
	return b
}

// str makes a string node of plain text.
func str(s string) templates.Node { return templates.String(templates.Text(s)) }
