package functions

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"github.com/tidwall/gjson"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/templates"
)

// maxFindings bounds the list that a caller gets, and maxSentence each sentence
// in it, in bytes.
const (
	maxFindings = 50
	maxSentence = 300
)

// A finding is one problem of a document and the reference tokens of its place.
type finding struct {
	ArgumentError
	tokens    []string
	want, got string // what the value must be and is, where that is one thing
}

// findings are the first problems of a document that were found.
type findings []finding

// full reports whether nothing more is added.
func (f *findings) full() bool { return len(*f) >= maxFindings }

func (f *findings) add(tokens []string, keyword, detail string) {
	f.addFinding(tokens, finding{ArgumentError: ArgumentError{Keyword: keyword, Detail: detail}})
}

func (f *findings) addFinding(tokens []string, one finding) {
	if f.full() {
		return
	}
	one.tokens = slices.Clone(tokens)
	one.Pointer, one.Detail = pointerTo(one.tokens), shorten(one.Detail, maxSentence)
	*f = append(*f, one)
}

// A gathering are the findings that the schema library has for a document.
type gathering struct {
	findings
	document gjson.Result
	schema   gjson.Result // of the Function, as callers see it
}

// collect adds the leaves of the library's tree of what is wrong. A member that
// is missing, surplus or badly named is reported at its own place rather than at
// its parent's.
func (g *gathering) collect(e *jsonschema.ValidationError) {
	if g.full() {
		return
	}
	switch k := e.ErrorKind.(type) {
	case *kind.PropertyNames:
		g.addName(e, k.Property)
	case *kind.AnyOf:
		g.alternatives(e, "anyOf")
	case *kind.OneOf:
		if k.Subschemas == nil {
			g.alternatives(e, "oneOf")
			return
		}
		g.addLeaf(e)
	case *kind.Contains: // What each element is not helps nobody.
		g.addLeaf(e)
	default:
		for _, cause := range e.Causes {
			g.collect(cause)
		}
		if len(e.Causes) == 0 {
			g.addLeaf(e)
		}
	}
}

func (g *gathering) addLeaf(e *jsonschema.ValidationError) {
	switch k := e.ErrorKind.(type) {
	case *kind.Required:
		g.addEach(e.InstanceLocation, k.Missing, "required", "is required")
	case *kind.DependentRequired:
		g.addEach(e.InstanceLocation, k.Missing, "dependentRequired", "is required where "+shorten(k.Prop, 80)+" is sent")
	case *kind.Dependency:
		g.addEach(e.InstanceLocation, k.Missing, "dependencies", "is required where "+shorten(k.Prop, 80)+" is sent")
	case *kind.AdditionalProperties:
		g.addSurplus(e, k.Properties)
	case *kind.Not:
		g.add(e.InstanceLocation, "not", excluded(memberOf(pointed(g.schema, locationTokens(e.SchemaURL)), "not")))
	default:
		f := finding{ArgumentError: ArgumentError{Keyword: keyword(e), Detail: sentence(k)}}
		f.want, f.got = wanted(k)
		g.addFinding(e.InstanceLocation, f)
	}
}

// addSurplus adds members that the schema does not name, and which of those that
// it names was perhaps meant.
func (g *gathering) addSurplus(e *jsonschema.ValidationError, names []string) {
	what := "is not a parameter"
	if len(e.InstanceLocation) > 0 {
		what = "is not a member that the schema names"
	}
	var known []string
	for _, m := range members(memberOf(pointed(g.schema, locationTokens(e.SchemaURL)), "properties")) {
		known = append(known, m.name)
	}
	for _, name := range names {
		if g.full() {
			return
		}
		detail := what
		if near := configs.Nearest(name, known); near != "" {
			detail += "; did you mean " + near + "?"
		}
		g.add(append(slices.Clip(e.InstanceLocation), name), "additionalProperties", detail)
	}
}

// addName adds a name that is not permitted. The library goes on writing to the
// tokens of such an error (jsonschema v6.0.3): when they lead elsewhere, the
// place is not told.
func (g *gathering) addName(e *jsonschema.ValidationError, name string) {
	why := gathering{schema: g.schema}
	for _, cause := range e.Causes {
		why.collect(cause)
	}
	detail := "is not a permitted name"
	if list := why.sorted(); len(list) > 0 {
		detail += ": it " + list[0].Detail
	}
	if memberOf(pointed(g.document, e.InstanceLocation), name).Exists() {
		g.addEach(e.InstanceLocation, []string{name}, "propertyNames", detail)
		return
	}
	g.add(nil, "propertyNames", strconv.Quote(shorten(name, 80))+" "+detail)
}

// addEach adds the same problem for several members of the object at tokens.
func (f *findings) addEach(tokens, names []string, keyword, detail string) {
	for _, name := range names {
		if f.full() {
			return
		}
		f.add(append(slices.Clip(tokens), name), keyword, detail)
	}
}

// sorted gives the findings by place: the library reports in no order.
func (f *findings) sorted() []finding {
	slices.SortStableFunc(*f, func(a, b finding) int {
		return cmp.Or(cmp.Compare(a.Pointer, b.Pointer), cmp.Compare(a.Keyword, b.Keyword))
	})
	return *f
}

func (f *findings) argumentErrors() []ArgumentError {
	var list []ArgumentError
	for _, one := range f.sorted() {
		list = append(list, one.ArgumentError)
	}
	return list
}

// keyword is the JSON Schema keyword that an instance did not satisfy.
func keyword(e *jsonschema.ValidationError) string {
	if path := e.ErrorKind.KeywordPath(); len(path) > 0 {
		return path[0]
	}
	// The schema is false: the keyword that has it as its value says more.
	for _, name := range []string{"unevaluatedProperties", "unevaluatedItems", "items", "propertyNames"} {
		if strings.HasSuffix(e.SchemaURL, "/"+name) && !strings.HasSuffix(e.SchemaURL, "/properties/"+name) {
			return name
		}
	}
	return "false"
}

// pointerTo joins reference tokens to a JSON Pointer.
func pointerTo(tokens []string) string {
	var pointer strings.Builder
	for _, token := range tokens {
		pointer.WriteByte('/')
		pointer.WriteString(templates.EscapeToken(token))
	}
	return pointer.String()
}
