package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tidwall/gjson"

	"github.com/egret-proxy/egret/templates"
)

// A pair is one argument of the command line:
//
//	key=text key=@file key:=JSON key:=@file
//
// A key that begins with a slash is a JSON Pointer to a member of a member.
type pair struct {
	written string // as far as it may be shown: the key
	path    []string
	isJSON  bool
	value   string
}

// parsePair reads a pair, and the file that it names.
func parsePair(text string, read func(file string) ([]byte, error)) (pair, error) {
	key, value, found := strings.Cut(text, "=")
	key, isJSON := strings.CutSuffix(key, ":")
	if !found || key == "" {
		return pair{}, fmt.Errorf("argument %q is not of the form key=value", text)
	}
	p := pair{written: key, path: []string{key}, isJSON: isJSON, value: value}
	if key[0] == '/' {
		pointer, err := templates.ParsePointer(key)
		if err != nil {
			return pair{}, fmt.Errorf("argument %q is no JSON Pointer, such as /customer/name", key)
		}
		p.path = pointer.Tokens()
	}
	if file, ok := strings.CutPrefix(value, "@"); ok {
		content, err := read(file)
		if err != nil {
			return pair{}, fmt.Errorf("argument %q: %w", key, err)
		}
		p.value = string(content)
	}
	switch {
	case isJSON && !gjson.Valid(p.value):
		return pair{}, fmt.Errorf("argument %q: what := gives it is no JSON", key)
	case !utf8.ValidString(p.value):
		return pair{}, fmt.Errorf("argument %q is not UTF-8", key)
	}
	return p, nil
}

// json gives the value of a pair as a schema wants it. Whether it fits is found
// out where the call is checked.
func (p pair) json(schema gjson.Result) json.RawMessage {
	kinds := types(schema)
	if p.isJSON || len(kinds) > 0 && !slices.Contains(kinds, "string") && gjson.Valid(p.value) {
		return json.RawMessage(p.value)
	}
	return gjson.AppendJSONString(nil, p.value)
}

// types are those that a schema names.
func types(schema gjson.Result) []string {
	var list []string
	for _, one := range schema.Get("type").Array() {
		list = append(list, one.Str)
	}
	return list
}
