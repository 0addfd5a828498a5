package tokens

import (
	"bytes"
	"encoding/json"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/tidwall/gjson"
)

// A member is one of a JSON object, in its own text.
type member struct {
	name    string // decoded
	rawName string // in quotes
	value   gjson.Result
}

// members gives the members of the object that field holds. A duplicate name,
// at any depth, is an error: RFC 7519 section 4 lets readers take either one.
func members(field string, raw json.RawMessage) ([]member, Errors) {
	if len(raw) == 0 {
		return nil, nil
	}
	if v := jsontext.Value(raw); !v.IsValid() || v.Kind() != '{' {
		return nil, Errors{{Field: field, Message: field + " must be an object without duplicate names"}}
	}
	var text bytes.Buffer
	if err := json.Compact(&text, raw); err != nil {
		return nil, Errors{{Field: field, Message: field + " must be an object"}}
	}
	var list []member
	gjson.ParseBytes(text.Bytes()).ForEach(func(k, v gjson.Result) bool {
		list = append(list, member{name: k.String(), rawName: k.Raw, value: v})
		return true
	})
	return list, nil
}

// A memberList is a JSON object whose members come from several fields of an
// entry. It has no name twice. Values stay text, so that numbers keep their
// digits.
type memberList struct {
	text []byte            // "{", and members with commas between them
	from map[string]string // what each name comes from
	errs Errors
}

func newMemberList() *memberList {
	return &memberList{text: []byte("{"), from: map[string]string{}}
}

// add adds the members of an object that stands in field.
func (l *memberList) add(field string, list []member) {
	for _, m := range list {
		if text, ok := l.open(field, m.name, m.rawName); ok {
			l.text = append(append(l.text, text...), m.value.Raw...)
		}
	}
}

// set adds a member that field is for, with a value in JSON.
func (l *memberList) set(field, name string, value []byte) {
	if text, ok := l.open(field, name, string(quote(name))); ok {
		l.text = append(append(l.text, text...), value...)
	}
}

// open notes a member and gives what stands before its value. It is false for a
// name that is there already.
func (l *memberList) open(field, name, rawName string) (text string, ok bool) {
	if from, twice := l.from[name]; twice {
		l.errs = append(l.errs, &Error{Field: field, Message: from + " sets " + name + " too: remove one of them"})
		return "", false
	}
	comma := ","
	if len(l.from) == 0 {
		comma = ""
	}
	l.from[name] = field
	return comma + rawName + ":", true
}

// quote gives a text as JSON.
func quote(text string) []byte { return appendQuoted(nil, text) }

func appendQuoted(b []byte, text string) []byte {
	quoted, err := jsontext.AppendQuote(b, text)
	if err != nil {
		return append(b, `""`...) // what is no UTF-8 never comes so far
	}
	return quoted
}
