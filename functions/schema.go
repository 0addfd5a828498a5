package functions

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"github.com/tidwall/gjson"
	"github.com/tidwall/sjson"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// noParameters is the schema of a Function that takes none.
const noParameters = `{"type":"object","properties":{},"additionalProperties":false}`

// schemaURL names a Function's schema inside the compiler. It never resolves.
const schemaURL = "egret:parameters"

// english words the library's sentences.
var english = message.NewPrinter(language.English)

// shownParameters is the schema that callers see, and that their arguments are
// checked against: the configured one without what is fixed.
func shownParameters(parameters json.RawMessage, fixed []member) (json.RawMessage, error) {
	if parameters == nil {
		return json.RawMessage(noParameters), nil
	}
	shown := []byte(parameters)
	var err error
	for _, m := range fixed {
		properties := memberOf(gjson.ParseBytes(shown), "properties")
		if memberOf(properties, m.name).Exists() {
			if shown, err = sjson.DeleteBytes(shown, "properties."+memberPath(m.name)[1:]); err != nil {
				return nil, fmt.Errorf("cannot hide fixed argument %q: %w", m.name, err)
			}
		}
		if shown, err = withoutRequired(shown, m.name); err != nil {
			return nil, fmt.Errorf("cannot hide fixed argument %q: %w", m.name, err)
		}
	}
	return shown, nil
}

// withoutRequired takes name out of the list under "required".
func withoutRequired(schema []byte, name string) ([]byte, error) {
	required := memberOf(gjson.ParseBytes(schema), "required")
	if !required.IsArray() {
		return schema, nil
	}
	kept := []string{}
	for _, element := range required.Array() {
		if element.Str != name {
			kept = append(kept, element.Str)
		}
	}
	if len(kept) == len(required.Array()) {
		return schema, nil
	}
	return sjson.SetBytes(schema, "required", kept)
}

// noLoader refuses every reference out of a schema: a configuration is complete
// in itself, and a schema must not be a way to read files or to call servers.
type noLoader struct{}

func (noLoader) Load(url string) (any, error) {
	return nil, fmt.Errorf("references to other documents are not followed: %q", url)
}

// compileSchema compiles a JSON Schema of draft 2020-12 with formats asserted.
func compileSchema(schema json.RawMessage) (*jsonschema.Schema, error) {
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(schema))
	if err != nil {
		return nil, fmt.Errorf("cannot read schema: %w", err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft2020)
	compiler.AssertFormat()
	compiler.UseLoader(noLoader{})
	if err := compiler.AddResource(schemaURL, document); err != nil {
		return nil, fmt.Errorf("cannot compile schema: %w", err)
	}
	compiled, err := compiler.Compile(schemaURL)
	if err != nil {
		return nil, schemaProblem(err)
	}
	return compiled, nil
}

// schemaProblem is the error of a schema without the URL that egret gave it.
func schemaProblem(err error) error {
	var invalid *jsonschema.SchemaValidationError
	if errors.As(err, &invalid) {
		var problems *jsonschema.ValidationError
		if errors.As(invalid.Err, &problems) {
			if list := argumentErrors(problems, nil); len(list) > 0 {
				return fmt.Errorf("not a JSON Schema: at %q: %s", list[0].Pointer, list[0].Detail)
			}
		}
	}
	return errors.New(strings.ReplaceAll(err.Error(), schemaURL, ""))
}

// validateArguments checks arguments against the schema and lists every
// problem, each with its place.
func validateArguments(schema *jsonschema.Schema, arguments []byte, fixed []member) []ArgumentError {
	var list []ArgumentError
	root := gjson.ParseBytes(arguments)
	for _, m := range fixed {
		if memberOf(root, m.name).Exists() {
			list = append(list, ArgumentError{
				Pointer: "/" + escapeToken(m.name), Keyword: "fixed",
				Detail: "this argument is set by the configuration and cannot be sent",
			})
		}
	}
	if list != nil {
		return list
	}
	instance, err := jsonschema.UnmarshalJSON(bytes.NewReader(arguments))
	if err != nil {
		return []ArgumentError{{Keyword: "type", Detail: "the arguments are not valid JSON"}}
	}
	var problems *jsonschema.ValidationError
	if err := schema.Validate(instance); errors.As(err, &problems) {
		return argumentErrors(problems, nil)
	} else if err != nil {
		return []ArgumentError{{Detail: "the arguments could not be checked"}}
	}
	return nil
}

// maxArgumentErrors bounds the list that a caller gets.
const maxArgumentErrors = 50

// argumentErrors flattens the library's tree into its leaves. A missing or
// surplus member is reported at its own place rather than at its parent's.
func argumentErrors(e *jsonschema.ValidationError, list []ArgumentError) []ArgumentError {
	if len(list) >= maxArgumentErrors {
		return list
	}
	if len(e.Causes) > 0 {
		for _, cause := range e.Causes {
			list = argumentErrors(cause, list)
		}
		return list
	}
	place := pointerTo(e.InstanceLocation)
	switch k := e.ErrorKind.(type) {
	case *kind.Required:
		for _, name := range k.Missing {
			list = append(list, ArgumentError{Pointer: place + "/" + escapeToken(name), Keyword: "required", Detail: "is required"})
		}
	case *kind.AdditionalProperties:
		for _, name := range k.Properties {
			list = append(list, ArgumentError{Pointer: place + "/" + escapeToken(name), Keyword: "additionalProperties", Detail: "is not a parameter"})
		}
	default:
		list = append(list, ArgumentError{Pointer: place, Keyword: keyword(e.ErrorKind), Detail: shorten(e.ErrorKind.LocalizedString(english), 300)})
	}
	return list
}

// keyword is the JSON Schema keyword that an instance did not satisfy.
func keyword(k jsonschema.ErrorKind) string {
	path := k.KeywordPath()
	if len(path) == 0 {
		return "false"
	}
	return path[0]
}

// pointerTo joins reference tokens to a JSON Pointer.
func pointerTo(tokens []string) string {
	var pointer strings.Builder
	for _, token := range tokens {
		pointer.WriteByte('/')
		pointer.WriteString(escapeToken(token))
	}
	return pointer.String()
}

// escapeToken escapes a reference token by RFC 6901 section 3.
func escapeToken(token string) string {
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(token)
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
