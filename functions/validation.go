package functions

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/tidwall/gjson"
)

// validate checks what a caller sent against the schema and lists every
// problem, each with its place.
func (f *Function) validate(sent *document) []ArgumentError {
	var found findings
	for _, m := range f.fixed {
		if sent.child(0, m.name) >= 0 {
			found.add([]string{m.name}, "fixed", "this argument is set by the configuration and cannot be sent")
		}
	}
	if found != nil {
		return found.argumentErrors()
	}
	if f.checker != nil && !sent.endless && f.checker.check(sent, 0) == yes {
		return nil
	}
	return f.validateByLibrary(sent.text)
}

// validateByLibrary decides what the checker does not accept, and finds the words
// for what is wrong.
func (f *Function) validateByLibrary(sent string) []ArgumentError {
	instance, err := jsonschema.UnmarshalJSON(strings.NewReader(sent))
	if err != nil {
		return []ArgumentError{{Keyword: "type", Detail: "the arguments are not valid JSON"}}
	}
	found := gathering{document: gjson.Parse(sent), schema: gjson.ParseBytes(f.shown)}
	found.judge(f.schema, instance)
	return found.argumentErrors()
}

// judge adds what a schema says of a value, which is that of the document.
func (g *gathering) judge(schema *jsonschema.Schema, value any) {
	if g.endlessNumbers(value, nil); g.findings != nil {
		return
	}
	var tree *jsonschema.ValidationError
	if err := schema.Validate(value); errors.As(err, &tree) {
		g.collect(tree)
	} else if err != nil {
		g.add(nil, "type", "could not be checked")
	}
}

// maxNumber bounds the characters of a number, and its exponent in either
// direction. No float64 needs as much, and the schema library computes with
// fractions of any size: minutes for a number of ten million digits, and no
// result at all, which it does not expect, for an exponent over a million.
const maxNumber = 400

// endlessNumbers adds each number that is beyond maxNumber.
func (f *findings) endlessNumbers(value any, tokens []string) {
	switch value := value.(type) {
	case json.Number:
		if isEndless(value.String()) {
			f.add(tokens, "type", "is a number of more than "+strconv.Itoa(maxNumber)+" digits")
		}
	case []any:
		for i, element := range value {
			f.endlessNumbers(element, append(tokens, strconv.Itoa(i)))
		}
	case map[string]any:
		for name, element := range value {
			f.endlessNumbers(element, append(tokens, name))
		}
	}
}

func isEndless(number string) bool {
	if len(number) > maxNumber {
		return true
	}
	at := strings.IndexAny(number, "eE")
	if at < 0 {
		return false
	}
	exponent, err := strconv.Atoi(number[at+1:])
	return err != nil || exponent > maxNumber || exponent < -maxNumber
}

// summary is the sentence above a list of argument errors.
func summary(list []ArgumentError) string {
	if len(list) == 1 {
		where := list[0].Pointer
		if where == "" {
			where = "the arguments"
		}
		return where + ": " + list[0].Detail
	}
	return strconv.Itoa(len(list)) + " arguments are not as the Function's parameters describe them"
}
