package functions

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/egret-proxy/egret/templates"
)

var plainKey = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// pathBelow writes reference tokens in a schema as a path of the configuration,
// such as functions[0].parameters.properties.limit.
func pathBelow(path string, schema gjson.Result, tokens []string) string {
	for _, token := range tokens {
		switch {
		case schema.IsArray():
			path += "[" + token + "]"
		case plainKey.MatchString(token):
			path += "." + token
		default:
			path += "[" + strconv.Quote(token) + "]"
		}
		schema = templates.Child(schema, token)
	}
	return path
}

// locationTokens gives the reference tokens of a place in a Function's schema
// from the library's URL of it, none for one in a schema with a name of its own.
func locationTokens(location string) []string {
	pointer, ok := strings.CutPrefix(location, schemaURL+"#/")
	if !ok {
		return nil
	}
	return fragmentTokens(pointer)
}

// fragmentTokens gives the reference tokens of a JSON Pointer in the fragment of a
// URL, RFC 6901 section 6, without the slash that it begins with.
func fragmentTokens(pointer string) (tokens []string) {
	for token := range strings.SplitSeq(pointer, "/") {
		if plain, err := url.PathUnescape(token); err == nil {
			token = plain
		}
		tokens = append(tokens, strings.NewReplacer("~1", "/", "~0", "~").Replace(token))
	}
	return tokens
}
