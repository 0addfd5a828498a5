package configs_test

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// validate holds YAML against the schema, as an editor does. Places are where
// the schema finds something wrong, each as the path of a problem has it. A
// text that is no YAML has the place "".
func validate(schema *jsonschema.Schema, text []byte) (places []string) {
	document, err := asJSON(text)
	if err != nil {
		return []string{""}
	}
	err = schema.Validate(document)
	if invalid, ok := errors.AsType[*jsonschema.ValidationError](err); ok {
		leaves(invalid, &places)
	}
	return places
}

// asJSON reads YAML into what a JSON document would be read into.
func asJSON(text []byte) (any, error) {
	var document any
	if err := yaml.Unmarshal(text, &document); err != nil {
		return nil, err
	}
	encoded, err := yaml.YAMLToJSON(text)
	if err != nil {
		return nil, err
	}
	return jsonschema.UnmarshalJSON(strings.NewReader(string(encoded)))
}

// anywhere begins a place of which the last key alone is known.
const anywhere = "*"

// leaves collects the places of an error, those of keys that are missing or too
// many included.
func leaves(e *jsonschema.ValidationError, places *[]string) {
	place := pathOf(e.InstanceLocation)
	*places = append(*places, place)
	var keys []string
	switch k := e.ErrorKind.(type) {
	case *kind.Required:
		keys = k.Missing
	case *kind.AdditionalProperties:
		keys = k.Properties
	case *kind.PropertyNames: // whose place the library gets wrong
		*places = append((*places)[:len(*places)-1], anywhere+pathOf([]string{k.Property}))
		return
	case *kind.DependentRequired:
		*places = (*places)[:len(*places)-1]
		keys = k.Missing
	case *kind.Group, *kind.Schema, *kind.Reference, *kind.AllOf:
		*places = (*places)[:len(*places)-1] // only what is below it says where
	}
	for _, key := range keys {
		*places = append(*places, pathOf(append(slices.Clip(e.InstanceLocation), key)))
	}
	for _, cause := range e.Causes {
		leaves(cause, places)
	}
}

// pathOf writes a place as problems do.
func pathOf(tokens []string) string {
	path := ""
	for _, token := range tokens {
		switch {
		case strings.Trim(token, "0123456789") == "":
			path += "[" + token + "]"
		case !regexp.MustCompile(`^[A-Za-z0-9_-]+$`).MatchString(token):
			path += fmt.Sprintf("[%q]", token)
		default:
			path += "." + token
		}
	}
	return strings.TrimPrefix(path, ".")
}
