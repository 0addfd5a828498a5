package functions

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/tidwall/gjson"
	"github.com/tidwall/sjson"
)

// parseArguments checks what a caller sent. An empty body is an empty object;
// anything else must be one JSON object in valid UTF-8, without duplicate
// members at any depth (RFC 7493), because readers disagree about which of two
// equal members counts.
func parseArguments(body []byte) ([]byte, error) {
	if len(bytes.Trim(body, " \t\r\n")) == 0 {
		return []byte("{}"), nil
	}
	value := jsontext.Value(body)
	if value.Kind() != '{' && value.IsValid() {
		return nil, Refuse(MalformedRequest, "the arguments are not a JSON object")
	}
	// Compact would change nothing but white space; it is called for its error,
	// which names the place, on a copy that is thrown away.
	if _, err := jsontext.AppendFormat(nil, body); err != nil {
		return nil, malformed(err)
	}
	return body, nil
}

// malformed says where JSON is broken without quoting it.
func malformed(err error) *Refusal {
	var syntax *jsontext.SyntacticError
	if !errors.As(err, &syntax) {
		return Refuse(MalformedRequest, "the arguments are not valid JSON")
	}
	what := "the arguments are not valid JSON"
	if errors.Is(err, jsontext.ErrDuplicateName) {
		what = "the arguments name a member twice"
	}
	detail := fmt.Sprintf("%s, at byte %d", what, syntax.ByteOffset)
	if pointer := string(syntax.JSONPointer); pointer != "" {
		detail += fmt.Sprintf(", at or after %q", shorten(pointer, 80))
	}
	return Refuse(MalformedRequest, detail)
}

// canonicalArguments writes arguments so that equal ones have equal bytes:
// members sorted, no white space, strings in one spelling, and the digits of
// numbers as they were sent, because 1.0 and 1 may differ to an upstream.
func canonicalArguments(arguments []byte) ([]byte, error) {
	return jsontext.AppendFormat(nil, arguments,
		jsontext.ReorderRawObjects(true),
		jsontext.CanonicalizeRawInts(false),
		jsontext.CanonicalizeRawFloats(false))
}

// A member is one name and value of an object, the value as JSON text.
type member struct {
	name  string
	value string
}

// members lists the members of an object in their order.
func members(object []byte) []member {
	var list []member
	gjson.ParseBytes(object).ForEach(func(name, value gjson.Result) bool {
		list = append(list, member{name: name.String(), value: value.Raw})
		return true
	})
	return list
}

// mergeFixed adds the Function's fixed arguments to those a caller sent. The
// caller sent none of their names: that was checked before.
func mergeFixed(arguments []byte, fixed []member) ([]byte, error) {
	merged := arguments
	for _, m := range fixed {
		next, err := sjson.SetRawBytes(merged, memberPath(m.name), []byte(m.value))
		if err != nil {
			return nil, fmt.Errorf("cannot merge fixed argument %q: %w", m.name, err)
		}
		merged = next
	}
	// sjson leaves a document unchanged, without an error, when it does not
	// understand a path. A fixed argument that is not there would be one that
	// the caller's silence had removed.
	root := gjson.ParseBytes(merged)
	for _, m := range fixed {
		if memberOf(root, m.name).Raw != m.value {
			return nil, fmt.Errorf("cannot merge fixed argument %q", m.name)
		}
	}
	return merged, nil
}

// memberOf gives a member by its exact name, which may contain any character.
func memberOf(object gjson.Result, name string) gjson.Result {
	if !object.IsObject() {
		return gjson.Result{}
	}
	var found gjson.Result
	object.ForEach(func(key, value gjson.Result) bool {
		if key.String() == name {
			found = value
			return false
		}
		return true
	})
	return found
}

// memberPath is the sjson path of a top-level member. The leading colon says
// that the name is a member even where it looks like an index; every character
// with a meaning of its own is escaped.
func memberPath(name string) string {
	path := []byte{':'}
	for i := range len(name) {
		if !plainPathByte(name[i]) {
			path = append(path, '\\')
		}
		path = append(path, name[i])
	}
	return string(path)
}

func plainPathByte(c byte) bool {
	switch {
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '_', c == '-', c >= 0x80:
		return true
	}
	return false
}

// shorten cuts s for a message.
func shorten(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	return s[:limit] + "…"
}
