package functions

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/tidwall/gjson"
	"github.com/tidwall/sjson"
)

// noParameters is the schema of a Function that takes none.
const noParameters = `{"type":"object","properties":{},"additionalProperties":false}`

// shownParameters is the schema that callers see, and that their arguments are
// checked against: the configured one without what is fixed.
func shownParameters(parameters json.RawMessage, fixed []member) (json.RawMessage, error) {
	if parameters == nil {
		return json.RawMessage(noParameters), nil
	}
	isFixed := func(name string) bool {
		return slices.ContainsFunc(fixed, func(m member) bool { return m.name == name })
	}
	for _, keyword := range []struct {
		name    string
		without func(value string, hidden func(name string) bool) string
	}{{"properties", withoutProperties}, {"required", withoutRequired}} {
		value := memberOf(gjson.ParseBytes(parameters), keyword.name)
		if len(fixed) == 0 || !value.Exists() {
			continue
		}
		var err error
		if parameters, err = sjson.SetRawBytes(parameters, keyword.name, []byte(keyword.without(value.Raw, isFixed))); err != nil {
			return nil, fmt.Errorf("cannot hide fixed arguments: %w", err)
		}
	}
	return parameters, nil
}

// withoutProperties leaves the hidden members out of an object.
func withoutProperties(properties string, hidden func(name string) bool) string {
	object := gjson.Parse(properties)
	if !object.IsObject() {
		return properties
	}
	return string(appendObject(nil, slices.DeleteFunc(members(object), func(m member) bool { return hidden(m.name) })))
}

// withoutRequired leaves the hidden names out of an array.
func withoutRequired(required string, hidden func(name string) bool) string {
	array := gjson.Parse(required)
	if !array.IsArray() {
		return required
	}
	text := []byte{'['}
	array.ForEach(func(_, element gjson.Result) bool {
		if element.Type == gjson.String && hidden(element.Str) {
			return true
		}
		if len(text) > 1 {
			text = append(text, ',')
		}
		text = append(text, element.Raw...)
		return true
	})
	return string(append(text, ']'))
}

func appendObject(dst []byte, list []member) []byte {
	dst = append(dst, '{')
	for i, m := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(append(appendQuoted(dst, m.name), ':'), m.value...)
	}
	return append(dst, '}')
}

// isFixed reports whether the configuration sets this parameter.
func (f *Function) isFixed(parameter string) bool {
	for i := range f.fixed {
		if f.fixed[i].name == parameter {
			return true
		}
	}
	return false
}
