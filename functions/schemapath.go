package functions

import (
	"regexp"
	"strconv"

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
