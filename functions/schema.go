package functions

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/tidwall/gjson"

	"github.com/egret-proxy/egret/configs"
)

// schemaURL names a Function's schema inside the compiler. It never resolves. It
// has a path, because a relative reference in a URL without one would lead to
// the schema itself.
const schemaURL = "egret:///parameters"

var errOutside = errors.New("references to other documents are not followed")

// noLoader refuses every reference out of a schema: a configuration is complete
// in itself, and a schema must not be a way to read files or to call servers.
type noLoader struct{}

func (noLoader) Load(string) (any, error) { return nil, errOutside }

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
		return nil, fmt.Errorf("cannot read schema: %w", err)
	}
	return compiler.Compile(schemaURL)
}

// schemaProblems says what is wrong with the schema at path, each with the
// place in the file when the library tells it.
func schemaProblems(cfg *configs.Config, path string, schema json.RawMessage, err error) configs.Problems {
	root := gjson.ParseBytes(schema)
	at := func(tokens []string, message, hint string) configs.Problem {
		return cfg.Problem(pathBelow(path, root, tokens), message, hint)
	}
	if list := metaschemaErrors(root, err); list != nil {
		var problems configs.Problems
		for _, e := range list {
			message, hint := schemaDetail(root, e)
			problems = append(problems, at(e.tokens, message, hint))
		}
		return problems
	}
	if target, message := brokenReference(err); target != "" {
		return configs.Problems{at(findReference(root, nil, target), message, "write it as #/$defs/NAME, and put the schema there")}
	}
	return configs.Problems{at(nil, strings.ReplaceAll(err.Error(), schemaURL, ""), "")}
}

// metaschemaErrors lists where a schema is none by the metaschema.
func metaschemaErrors(schema gjson.Result, err error) []finding {
	var invalid *jsonschema.SchemaValidationError
	var tree *jsonschema.ValidationError
	if !errors.As(err, &invalid) || !errors.As(invalid.Err, &tree) {
		return nil
	}
	found := gathering{document: schema}
	found.collect(tree)
	return found.sorted()
}

// schemaDetail is the sentence for one place of a schema. That a pattern is none
// needs a reason.
func schemaDetail(schema gjson.Result, e finding) (message, hint string) {
	pattern := ""
	switch e.Keyword {
	case "format":
		pattern = pointed(schema, e.tokens).Str
	case "propertyNames": // of patternProperties
		if len(e.tokens) > 0 {
			pattern = e.tokens[len(e.tokens)-1]
		}
	}
	if _, err := regexp.Compile(pattern); err != nil {
		return "cannot compile pattern: " + err.Error(), "patterns are RE2: no lookaround, no backreferences"
	}
	return "not a JSON Schema: " + e.Detail, ""
}

// brokenReference is the URL of a reference that the compiler could not follow,
// and why.
func brokenReference(err error) (target, message string) {
	const nowhere = "the reference leads nowhere"
	var load *jsonschema.LoadURLError
	var pointer *jsonschema.JSONPointerNotFoundError
	var anchor *jsonschema.AnchorNotFoundError
	switch {
	case errors.As(err, &load):
		return load.URL, errOutside.Error()
	case errors.As(err, &pointer):
		return pointer.URL, nowhere
	case errors.As(err, &anchor):
		return anchor.Reference, nowhere
	}
	return "", ""
}

// findReference looks for the reference that resolved to target. The library
// does not tell where it stands; that target ends in it is enough to point at
// the right line.
func findReference(schema gjson.Result, tokens []string, target string) (found []string) {
	if !schema.IsObject() && !schema.IsArray() {
		return nil
	}
	index := 0
	schema.ForEach(func(name, value gjson.Result) bool {
		token := name.String()
		if schema.IsArray() {
			token = fmt.Sprint(index)
		}
		index++
		below := append(slices.Clip(tokens), token)
		if strings.HasPrefix(token, "$") && value.Type == gjson.String && resolvesTo(value.Str, target) {
			found = below
		} else {
			found = findReference(value, below, target)
		}
		return found == nil
	})
	return found
}

func resolvesTo(reference, target string) bool {
	document, _, _ := strings.Cut(reference, "#")
	plain, err := url.PathUnescape(target)
	return strings.HasSuffix(target, reference) ||
		document != "" && strings.HasSuffix(target, document) ||
		err == nil && strings.HasSuffix(plain, reference)
}
