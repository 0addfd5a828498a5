package functions

import (
	"cmp"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"github.com/tidwall/gjson"
	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"github.com/egret-proxy/egret/templates"
)

// maxFindings bounds the list that a caller gets.
const maxFindings = 50

// A finding is one problem of a document and the reference tokens of its place.
type finding struct {
	ArgumentError
	tokens []string
}

// findings are the first problems of a document that were found.
type findings []finding

// full reports whether nothing more is added.
func (f *findings) full() bool { return len(*f) >= maxFindings }

func (f *findings) add(tokens []string, keyword, detail string) {
	if f.full() {
		return
	}
	tokens = slices.Clone(tokens)
	*f = append(*f, finding{
		ArgumentError: ArgumentError{Pointer: pointerTo(tokens), Keyword: keyword, Detail: shorten(detail, 300)},
		tokens:        tokens,
	})
}

// collect adds the leaves of the schema library's tree of what is wrong with
// document. A member that is missing, surplus or badly named is reported at its
// own place rather than at its parent's.
func (f *findings) collect(document gjson.Result, e *jsonschema.ValidationError) {
	if f.full() {
		return
	}
	if k, ok := e.ErrorKind.(*kind.PropertyNames); ok {
		f.addName(document, e.InstanceLocation, k.Property)
		return
	}
	for _, cause := range e.Causes {
		f.collect(document, cause)
	}
	if len(e.Causes) > 0 {
		return
	}
	switch k := e.ErrorKind.(type) {
	case *kind.Required:
		f.addEach(e.InstanceLocation, k.Missing, "required", "is required")
	case *kind.AdditionalProperties:
		f.addEach(e.InstanceLocation, k.Properties, "additionalProperties", "is not a parameter")
	default:
		f.add(e.InstanceLocation, keyword(k), detail(k))
	}
}

// addName adds a name that is not permitted. The library goes on writing to the
// tokens of such an error (jsonschema v6.0.3): when they lead elsewhere, the
// place is not told.
func (f *findings) addName(document gjson.Result, tokens []string, name string) {
	if memberOf(pointed(document, tokens), name).Exists() {
		f.addEach(tokens, []string{name}, "propertyNames", "is not a permitted name")
		return
	}
	f.add(nil, "propertyNames", strconv.Quote(shorten(name, 80))+" is not a permitted name")
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
func keyword(k jsonschema.ErrorKind) string {
	if _, ok := k.(*kind.Not); ok {
		return "not"
	}
	path := k.KeywordPath()
	if len(path) == 0 {
		return "false"
	}
	return path[0]
}

// detail is the sentence for a caller. Where the library would quote the value
// that was sent, the sentence is egret's own: the value may be anything, and
// the sentence is logged.
func detail(k jsonschema.ErrorKind) string {
	switch k := k.(type) {
	case *kind.Format:
		return "is not a valid " + k.Want
	case *kind.Pattern:
		return "does not match the pattern " + k.Want
	case *kind.Minimum:
		return "is less than " + digits(k.Want)
	case *kind.ExclusiveMinimum:
		return "is not more than " + digits(k.Want)
	case *kind.Maximum:
		return "is more than " + digits(k.Want)
	case *kind.ExclusiveMaximum:
		return "is not less than " + digits(k.Want)
	case *kind.MultipleOf:
		return "is no multiple of " + digits(k.Want)
	}
	// A Printer is made for each sentence, because nothing promises that one
	// may be shared.
	return k.LocalizedString(message.NewPrinter(language.English))
}

func digits(r *big.Rat) string {
	f, _ := r.Float64()
	return strconv.FormatFloat(f, 'g', -1, 64)
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
