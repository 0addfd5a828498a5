package templates_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/tidwall/gjson"

	"github.com/egret-proxy/egret/templates"
)

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
