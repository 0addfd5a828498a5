package templates_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"strings"
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

func readRequest(text string) (*http.Request, error) {
	r := bufio.NewReader(strings.NewReader(text))
	request, err := http.ReadRequest(r)
	if err != nil {
		return nil, fmt.Errorf("%q is no request: %w", text, err)
	}
	if rest, _ := io.ReadAll(r); len(rest) > 0 {
		return nil, fmt.Errorf("%q follows the request", rest)
	}
	return request, nil
}

// isTarget allows the characters of RFC 3986 in a path and query: a request
// line has no fragment, and net/http reads a "#" there as data.
func isTarget(target string) error {
	if at := strings.IndexFunc(target, func(r rune) bool { return r <= ' ' || r >= 0x7f || strings.ContainsRune("\"#<>[]\\^`{|}", r) }); at >= 0 {
		return fmt.Errorf("the target %q has %q", target, target[at:at+1])
	}
	return nil
}

func checkPath(v gjson.Result) error {
	u, err := templates.ParseURL(templates.Text("https://h.test/a/{/x}/b-</x>.c?k=1"))
	if err != nil {
		return err
	}
	want, reason := scalarText(v)
	if reason == "" && (want == "" || want == "." || want == "..") {
		reason = unsafe
	}
	target, err := u.AppendTarget(nil, single{v})
	if more, wrong := verdict(err, reason); !more {
		return wrong
	}
	request, err := readRequest("GET " + string(target) + " HTTP/1.1\r\nHost: h.test\r\n\r\n")
	if err != nil {
		return err
	}
	var segments []string
	for segment := range strings.SplitSeq(request.URL.EscapedPath(), "/") {
		plain, err := url.PathUnescape(segment)
		if err != nil {
			return err
		}
		segments = append(segments, plain)
	}
	return errors.Join(
		isTarget(string(target)),
		differ("the path", segments, []string{"", "a", want, "b-" + want + ".c"}),
		differ("the query", request.URL.RawQuery, "k=1"),
		differ("the header", len(request.Header), 0),
	)
}

func checkQuery(v gjson.Result) error {
	u, err := templates.ParseURL(templates.Text("https://h.test/p?a=1&b={/x}&c=</x>"))
	if err != nil {
		return err
	}
	q, err := templates.ParseQuery(templates.Text("{/x}"))
	if err != nil {
		return err
	}
	want, reason := repeated(v)
	target, err := u.WithQuery([]templates.Param{{Name: "d", Value: q}}).AppendTarget(nil, single{v})
	if more, wrong := verdict(err, reason); wrong != nil {
		return wrong
	} else if more {
		if err := queryIs(string(target), map[string][]string{"a": {"1"}, "b": want, "c": want, "d": want}); err != nil {
			return err
		}
	}
	u, err = templates.ParseURL(templates.Text("https://h.test/p?a=1&b=v{/x}w&c=</x>{/x}"))
	if err != nil {
		return err
	}
	part, reason := scalarText(v)
	target, err = u.AppendTarget(nil, single{v})
	if more, wrong := verdict(err, reason); !more {
		return wrong
	}
	return queryIs(string(target), map[string][]string{"a": {"1"}, "b": {"v" + part + "w"}, "c": {part + part}})
}

func queryIs(target string, want map[string][]string) error {
	request, err := readRequest("GET " + target + " HTTP/1.1\r\nHost: h.test\r\n\r\n")
	if err != nil {
		return err
	}
	return errors.Join(
		isTarget(target),
		differ("the path", request.URL.Path, "/p"),
		differ("the header", len(request.Header), 0),
		valuesAre(request.URL.RawQuery, want),
	)
}

func valuesAre(query string, want map[string][]string) error {
	got, err := url.ParseQuery(query)
	if err != nil {
		return err
	}
	for name, values := range want {
		if len(values) == 0 {
			delete(want, name)
		}
	}
	return differ("the query", map[string][]string(got), want)
}

func checkForm(v gjson.Result) error {
	var fields []templates.Param
	for _, text := range []string{"{/x}", "v</x>"} {
		q, err := templates.ParseQuery(templates.Text(text))
		if err != nil {
			return err
		}
		fields = append(fields, templates.Param{Name: "n", Value: q})
	}
	whole, err := templates.NewForm(fields[:1])
	if err != nil {
		return err
	}
	want, reason := repeated(v)
	got, err := whole.Append(nil, single{v})
	if more, wrong := verdict(err, reason); wrong != nil {
		return wrong
	} else if more {
		if err := valuesAre(string(got), map[string][]string{"n": want}); err != nil {
			return err
		}
	}
	both, err := templates.NewForm(fields)
	if err != nil {
		return err
	}
	part, reason := scalarText(v)
	got, err = both.Append(nil, single{v})
	if v.IsArray() {
		reason = unsafe
	}
	if more, wrong := verdict(err, reason); !more {
		return wrong
	}
	return valuesAre(string(got), map[string][]string{"n": {part, "v" + part}})
}

// headerReason gives why a text cannot be a header's value, RFC 9110 section 5.5.
func headerReason(text string) string {
	control := func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }
	if strings.ContainsFunc(text, control) || strings.Trim(text, " \t") != text {
		return unsafe
	}
	return ""
}

func checkHeader(v gjson.Result) error {
	h, err := templates.ParseHeader("A", templates.Text("{/x}"))
	if err != nil {
		return err
	}
	want, reason := repeated(v)
	for _, text := range want {
		if reason == "" {
			reason = headerReason(text)
		}
	}
	fields, err := h.AppendFields(nil, single{v})
	if more, wrong := verdict(err, reason); wrong != nil {
		return wrong
	} else if more {
		if err := headerIs(fields, want); err != nil {
			return err
		}
	}
	if h, err = templates.ParseHeader("A", templates.Text("v </x>")); err != nil {
		return err
	}
	part, reason := scalarText(v)
	switch {
	case reason == "" && part == "":
		reason = missing
	case reason == "":
		reason = headerReason("v " + part)
	}
	fields, err = h.AppendFields(nil, single{v})
	if more, wrong := verdict(err, reason); !more {
		return wrong
	}
	return headerIs(fields, []string{"v " + part})
}

func headerIs(fields []templates.Field, want []string) error {
	var text strings.Builder
	text.WriteString("GET / HTTP/1.1\r\nHost: h.test\r\n")
	for _, f := range fields {
		text.WriteString(f.Name + ": " + f.Value + "\r\n")
	}
	request, err := readRequest(text.String() + "Z: z\r\n\r\n")
	if err != nil {
		return err
	}
	header := http.Header{"Z": {"z"}}
	if len(want) > 0 {
		header["A"] = want
	}
	return differ("the header", request.Header, header)
}

// decoded gives what encoding/json reads v as; false for absent.
func decoded(v gjson.Result) (value any, present bool) {
	if v.Type == gjson.String {
		return v.Str, true
	}
	value, _ = decode([]byte(v.Raw)) // nothing of what is not well-formed is rendered
	return value, v.Exists()
}

func decode(text []byte) (value any, err error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&value); err != nil {
		return nil, fmt.Errorf("%q is no JSON: %w", text, err)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, fmt.Errorf("something follows the JSON in %q", text)
	}
	if !jsontext.Value(text).IsValid(jsontext.AllowDuplicateNames(true)) {
		return nil, fmt.Errorf("%q is no strict JSON", text)
	}
	return value, nil
}

func checkJSONTree(v gjson.Result) error {
	value, present := decoded(v)
	member := func(name string, node templates.Node) templates.Member {
		return templates.Member{Name: name, Value: node}
	}
	root := templates.Object([]templates.Member{
		member("a", str("{/x}")),
		member("l", templates.Array([]templates.Node{templates.Literal("1"), str("</x>")})),
	})
	want := map[string]any{"l": []any{json.Number("1")}}
	if present {
		want["a"] = value
		want["l"] = []any{json.Number("1"), value}
	}
	if err := jsonIs(root, v, want, wellFormed(v)); err != nil {
		return err
	}
	text, reason := scalarText(v)
	quoted := templates.Object([]templates.Member{member("q", str("v</x>w{/x}"))})
	return jsonBodyIs(quoted, v, map[string]any{"q": "v" + text + "w" + text}, reason)
}

func jsonIs(root templates.Node, v gjson.Result, want any, ok bool) error {
	reason := ""
	if !ok {
		reason = unsafe
	}
	return jsonBodyIs(root, v, want, reason)
}

func jsonBodyIs(root templates.Node, v gjson.Result, want any, reason string) error {
	b, err := templates.NewJSON(root)
	if err != nil {
		return err
	}
	return rendersJSON(b, v, want, reason)
}

func rendersJSON(b templates.Body, v gjson.Result, want any, reason string) error {
	text, err := b.Append(nil, single{v})
	if more, wrong := verdict(err, reason); !more {
		return wrong
	}
	got, err := decode(text)
	if err != nil {
		return err
	}
	return differ("the JSON", got, want)
}

func checkJSONText(v gjson.Result) error {
	values, err := templates.ParseBody(templates.Text(`{"a": </x>, "l": [{/x},1] }`), templates.JSONFormat, nil)
	if err != nil {
		return err
	}
	quoted, err := templates.ParseBody(templates.Text(`["v</x>w{/x}", "\\{/x}\""]`), templates.JSONFormat, nil)
	if err != nil {
		return err
	}
	value, present := decoded(v)
	reason := ""
	switch {
	case !present:
		reason = missing
	case !wellFormed(v):
		reason = unsafe
	}
	if err := rendersJSON(values, v, map[string]any{"a": value, "l": []any{value, json.Number("1")}}, reason); err != nil {
		return err
	}
	text, reason := scalarText(v)
	return rendersJSON(quoted, v, []any{"v" + text + "w" + text, `\` + text + `"`}, reason)
}

func checkXML(v gjson.Result) error {
	b, err := templates.ParseBody(templates.Text(`<r a="{/x}" b='v{/x}'>{/x}<c/>w{/x}</r>`), templates.XMLFormat, nil)
	if err != nil {
		return err
	}
	text, reason := scalarText(v)
	forbidden := func(r rune) bool {
		return r < ' ' && !strings.ContainsRune("\t\n\r", r) || r == 0xfffe || r == 0xffff
	}
	if reason == "" && strings.ContainsFunc(text, forbidden) {
		reason = unsafe
	}
	got, err := b.Append(nil, single{v})
	if more, wrong := verdict(err, reason); !more {
		return wrong
	}
	var r struct {
		XMLName xml.Name   `xml:"r"`
		Attrs   []xml.Attr `xml:",any,attr"`
		Text    string     `xml:",chardata"`
		C       []struct {
			Text string `xml:",innerxml"`
		} `xml:"c"`
		Other []struct{ XMLName xml.Name } `xml:",any"`
	}
	if err := xml.Unmarshal(got, &r); err != nil {
		return fmt.Errorf("%q is no XML: %w", got, err)
	}
	attrs := []xml.Attr{{Name: xml.Name{Local: "a"}, Value: text}, {Name: xml.Name{Local: "b"}, Value: "v" + text}}
	return errors.Join(
		differ("the attributes", r.Attrs, attrs),
		differ("the text", r.Text, text+"w"+text),
		differ("the elements", []int{len(r.C), len(r.Other)}, []int{1, 0}),
	)
}
