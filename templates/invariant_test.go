package templates_test

import (
	"errors"
	"fmt"
	"reflect"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/tidwall/gjson"

	"github.com/egret-proxy/egret/templates"
)

// An invariant renders templates around a value, reads the result with a parser
// of the standard library, and tells what is not as it should be: the shape is
// that of the template, and what is read is the value; or the render was
// refused for the right reason.
type invariant func(v gjson.Result) error

// invariants has the check of each kind of place. PlainText has no shape.
var invariants = []struct {
	escaping templates.Escaping
	name     string
	check    invariant
	// nasty values break the shape where nothing is escaped or checked.
	nasty []string
}{
	{templates.PathSegment, "path", checkPath, []string{"a/b", "a?b", "a#b", "a b", "%2f", "a\r\nb", "\x00", "%"}},
	{templates.QueryValue, "query", checkQuery, []string{"a&b=c", "a#b", "a+b", "a b", "%26", "%", "a;b", "\n"}},
	{templates.HeaderValue, "header", checkHeader, []string{"a\r\nX-Injected: b", "a\r\n\r\nGET / HTTP/1.1", "a\nb", "a\x00b", "a\x7f"}},
	{templates.FormValue, "form", checkForm, []string{"a&b=c", "a+b", "%26", "%", "a;b"}},
	{templates.JSONString, "JSON text", checkJSONText, []string{`a"`, `","z":"`, `\`, "\n", "\x00"}},
	{templates.JSONString, "JSON tree", checkJSONTree, []string{`a"`, `","z":"`, `\`, "\n", "\x00"}},
	{templates.JSONValue, "JSON tree", checkJSONTree, []string{`1,"z":2`, `"a"`, `1`, ``, `}`}},
	{templates.JSONValue, "JSON text", checkJSONText, []string{`1,"z":2`, `"a"`, `1`, ``, `}`}},
	{templates.XMLText, "XML", checkXML, []string{"<b/>", "</r>", "&amp;", "&", `"`, `'`, "\r", "\x01", "\uffff"}},
}

// wellFormed asks another JSON reader than the engine does.
func wellFormed(v gjson.Result) bool {
	if v.Type == gjson.String && v.Raw == "" {
		return utf8.ValidString(v.Str)
	}
	return v.Raw == "" || jsontext.Value(v.Raw).IsValid(jsontext.AllowDuplicateNames(true))
}

// scalarText gives the text that v is read as where only text can stand, or the
// reason why it cannot.
func scalarText(v gjson.Result) (text, reason string) {
	switch {
	case v.Type == gjson.Null:
		return "", missing
	case v.Type == gjson.JSON || !wellFormed(v):
		return "", unsafe
	case v.Type == gjson.String:
		return v.Str, ""
	case v.Type == gjson.Number:
		return v.Raw, ""
	default:
		return v.String(), ""
	}
}

// repeated gives the texts of a value that stands whole where an array repeats.
func repeated(v gjson.Result) (texts []string, reason string) {
	if v.Type == gjson.Null {
		return nil, ""
	}
	values := []gjson.Result{v}
	if v.IsArray() {
		values = v.Array()
	}
	for _, value := range values {
		text, reason := scalarText(value)
		if reason != "" {
			return nil, unsafe
		}
		texts = append(texts, text)
	}
	return texts, ""
}

// verdict compares a refusal with the wish for one; more says whether there is
// a result to look at.
func verdict(err error, reason string) (more bool, wrong error) {
	got := ""
	if err != nil {
		var refused *templates.RenderError
		if !errors.As(err, &refused) {
			return false, fmt.Errorf("error is %T %v", err, err)
		}
		got = reasonName(refused.Reason)
	}
	if got != reason {
		return false, fmt.Errorf("refused with %q (%v), want %q", got, err, reason)
	}
	return err == nil, nil
}

func differ(what string, got, want any) error {
	if reflect.DeepEqual(got, want) {
		return nil
	}
	return fmt.Errorf("%s is %q, want %q", what, got, want)
}
