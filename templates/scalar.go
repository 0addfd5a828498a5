package templates

import (
	"strings"
	"unicode/utf8"

	"github.com/tidwall/gjson"
)

// appendValue appends v with the escaping of the place.
func (p *Placeholder) appendValue(dst []byte, v Value) ([]byte, error) {
	switch {
	case v.StandIn:
		return p.appendStandIn(dst, v.JSON.Str), nil
	case p.Escaping == JSONValue:
		return p.appendJSON(dst, v.JSON)
	}
	text, err := p.scalar(v.JSON)
	if err != nil {
		return dst, err
	}
	if rule := places[p.Escaping].empty; text == "" && rule != 0 {
		return dst, p.refuse(rule, "the value is empty, and "+places[p.Escaping].noun+" needs text here")
	}
	return places[p.Escaping].escape(dst, text), nil
}

// appendStandIn writes text for people to read. Only JSON needs escapes, so
// that what is shown is JSON too.
func (p *Placeholder) appendStandIn(dst []byte, text string) []byte {
	switch p.Escaping {
	case JSONValue:
		return appendJSONString(dst, text)
	case JSONString:
		return appendJSONText(dst, text)
	default:
		return append(dst, text...)
	}
}

// scalar gives the text of a string, number or boolean that can stand in p's
// place.
func (p *Placeholder) scalar(v gjson.Result) (string, error) {
	var text string
	switch v.Type {
	case gjson.Null:
		return "", p.missing()
	case gjson.JSON:
		return "", p.composite(v)
	case gjson.String:
		if !wellFormed(v) {
			return "", p.malformed()
		}
		text = v.Str
	default:
		text = digits(v)
	}
	if check := places[p.Escaping].check; check != nil {
		if problem := check(text); problem != "" {
			return "", p.refuse(UnsafeValue, "the value "+problem)
		}
	}
	return text, nil
}

// appendJSON appends a value of any type: a number keeps its digits, an object
// or array is written as it was sent.
func (p *Placeholder) appendJSON(dst []byte, v gjson.Result) ([]byte, error) {
	switch {
	case !v.Exists():
		return dst, p.missing()
	case v.Type == gjson.String:
		if !wellFormed(v) {
			return dst, p.malformed()
		}
		return places[JSONValue].escape(dst, v.Str), nil
	case v.Type == gjson.Null:
		return append(dst, "null"...), nil
	case v.Type == gjson.True || v.Type == gjson.False:
		return append(dst, digits(v)...), nil
	}
	raw := digits(v)
	// gjson reads more than JSON: a value that reached here unchecked must not
	// change the document around it.
	if !gjson.Valid(raw) {
		return dst, p.refuse(UnsafeValue, "the value is not JSON")
	}
	if !utf8.ValidString(raw) || loneSurrogate(raw) {
		return dst, p.malformed()
	}
	return append(dst, raw...), nil
}

// digits gives the text of what is not a string, as it was sent.
func digits(v gjson.Result) string {
	if v.Raw == "" || v.Type == gjson.True || v.Type == gjson.False {
		return v.String()
	}
	return v.Raw
}

func (p *Placeholder) missing() error {
	return p.refuse(MissingArgument, "the value is absent or null, and "+places[p.Escaping].noun+" cannot do without it here")
}

func (p *Placeholder) malformed() error {
	return p.refuse(UnsafeValue, "the value has text that is not Unicode: invalid UTF-8 or half a surrogate pair")
}

func (p *Placeholder) composite(v gjson.Result) error {
	kind := "an object"
	if v.IsArray() {
		kind = "an array"
	}
	return p.refuse(UnsafeValue, "the value is "+kind+", and "+places[p.Escaping].noun+" holds a string, a number or a boolean here")
}

// wellFormed tells whether a string is Unicode text. gjson turns half a
// surrogate pair into U+FFFD; only the text as sent tells them apart.
func wellFormed(v gjson.Result) bool {
	if !utf8.ValidString(v.Str) {
		return false
	}
	return !strings.ContainsRune(v.Str, utf8.RuneError) || !loneSurrogate(v.Raw)
}
