package functions

import "github.com/tidwall/gjson"

// What tests of properties need that no caller sees.
var (
	CanonicalArguments = canonicalArguments
	CountValues        = countValues
	EncodeAnswer       = encodeAnswer
	DecodeAnswer       = decodeAnswer
	Output             = (*Answer).output
)

// Merge gives the arguments text together with fixed ones.
func Merge(text []byte, fixed map[string]string) (string, error) {
	var list []member
	for name, value := range fixed {
		list = append(list, member{name: name, value: value})
	}
	merged, err := mergeFixed(arguments{text: text, root: gjson.ParseBytes(text)}, list)
	return merged.Raw, err
}

// CheckerOf gives what tells whether a JSON value satisfies a schema.
func CheckerOf(schema []byte) (func(value []byte) bool, error) {
	compiled, err := compileSchema(schema)
	f := &Function{schema: compiled}
	return func(value []byte) bool {
		return f.validate(arguments{text: value, root: gjson.ParseBytes(value)}) == nil
	}, err
}
