package functions

import (
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/egret-proxy/egret/configs"
)

// sameInstance are the keywords whose schemas speak of the very object that
// their own schema speaks of.
var sameInstance = []string{"allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas", "dependencies"}

// fixedElsewhere finds the names of fixed arguments that [shownParameters]
// cannot hide. Callers would see them, and a condition on a name that no caller
// may send would be one that no caller can meet; taking the name out could turn
// the condition round.
func fixedElsewhere(cfg *configs.Config, path string, parameters []byte, fixed []member) configs.Problems {
	if len(parameters) == 0 || len(fixed) == 0 {
		return nil
	}
	search := fixedSearch{root: gjson.ParseBytes(parameters), fixed: fixed}
	search.conditions(search.root, nil)
	var problems configs.Problems
	for _, f := range search.found {
		problems = append(problems, cfg.Problem(pathBelow(path, search.root, f.tokens),
			"fixed argument "+f.name+" stands here too, and callers would see it", "remove it"))
	}
	return problems
}

// A fixedSearch walks through a schema that is one by the metaschema.
type fixedSearch struct {
	root    gjson.Result
	fixed   []member
	visited []string // what references led to
	found   []fixedPlace
}

// A fixedPlace is where in a schema the name of a fixed argument stands.
type fixedPlace struct {
	name   string
	tokens []string
}

// all searches a schema that speaks of the arguments as a whole.
func (s *fixedSearch) all(schema gjson.Result, tokens []string) {
	if !schema.IsObject() {
		return // It is true, false or not there.
	}
	s.names(memberOf(schema, "properties"), below(tokens, "properties"))
	s.names(memberOf(schema, "required"), below(tokens, "required"))
	s.conditions(schema, tokens)
}

// conditions is all without what is hidden at the top.
func (s *fixedSearch) conditions(schema gjson.Result, tokens []string) {
	for _, keyword := range []string{"dependentRequired", "dependentSchemas", "dependencies"} {
		dependencies := memberOf(schema, keyword)
		s.names(dependencies, below(tokens, keyword))
		for _, m := range members(dependencies) {
			if list := gjson.Parse(m.value); list.IsArray() {
				s.names(list, below(tokens, keyword, m.name))
			}
		}
	}
	for _, keyword := range sameInstance {
		s.schemas(keyword, memberOf(schema, keyword), below(tokens, keyword))
	}
	s.reference(memberOf(schema, "$ref").Str)
}

// schemas searches the value of a keyword: one schema, a list of them, or one
// for each name.
func (s *fixedSearch) schemas(keyword string, value gjson.Result, tokens []string) {
	switch {
	case value.IsArray():
		for i, element := range value.Array() {
			s.all(element, below(tokens, strconv.Itoa(i)))
		}
	case strings.HasPrefix(keyword, "depend"):
		for _, m := range members(value) {
			s.all(gjson.Parse(m.value), below(tokens, m.name))
		}
	default:
		s.all(value, tokens)
	}
}

// reference searches the schema that a local reference leads to, once.
func (s *fixedSearch) reference(target string) {
	pointer, ok := strings.CutPrefix(target, "#/")
	if !ok || slices.Contains(s.visited, target) {
		return
	}
	s.visited = append(s.visited, target)
	tokens := fragmentTokens(pointer)
	s.all(pointed(s.root, tokens), tokens)
}

// names notes the fixed names among the members of an object, or the elements
// of a list.
func (s *fixedSearch) names(value gjson.Result, tokens []string) {
	switch {
	case value.IsObject():
		for _, m := range members(value) {
			s.name(m.name, below(tokens, m.name))
		}
	case value.IsArray():
		for i, element := range value.Array() {
			s.name(element.String(), below(tokens, strconv.Itoa(i)))
		}
	}
}

func (s *fixedSearch) name(name string, tokens []string) {
	if slices.ContainsFunc(s.fixed, func(m member) bool { return m.name == name }) {
		s.found = append(s.found, fixedPlace{name: name, tokens: tokens})
	}
}

func below(tokens []string, more ...string) []string {
	return append(slices.Clip(tokens), more...)
}
