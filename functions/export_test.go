package functions

import (
	"bytes"
	"context"
	"slices"
	"strconv"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/egret-proxy/egret/configs"
)

// What tests of properties need that no caller sees.
var (
	CanonicalArguments = canonicalArguments
	CountValues        = countValues
	EncodeAnswer       = encodeAnswer
	DecodeAnswer       = decodeAnswer
	Output             = (*Answer).output
	ValidJSON          = validJSON
	ParseRetryAfter    = parseRetryAfter
)

// Shown gives the schema that callers see when an argument is fixed.
func Shown(schema []byte, fixed string) ([]byte, error) {
	return shownParameters(schema, []member{{name: fixed}})
}

// IndexedCanonical gives the canonical form of a JSON text without the library,
// and false when the text is left to the library.
func IndexedCanonical(text string) (string, bool) {
	var d document
	if text == "" || !d.index(text) || !d.distinct {
		return "", false
	}
	return string(d.appendCanonical(nil, 0)), true
}

// RawHeader are the fields of an answer that ?raw passes on.
func RawHeader(a *Answer) []byte { return a.appendRaw(nil) }

// A Judged is a schema with the two who judge by it.
type Judged struct{ f *Function }

// Judge compiles a schema.
func Judge(schema []byte) (Judged, error) {
	compiled, err := compileSchema(schema)
	if err != nil {
		return Judged{}, err
	}
	f := &Function{schema: compiled}
	if quick, ok := newChecker(compiled); ok {
		f.checker = quick
	}
	return Judged{f}, nil
}

// Knows says whether there is a checker for the schema.
func (j Judged) Knows() bool { return j.f.checker != nil }

// Library says whether the library finds nothing wrong with a JSON value.
func (j Judged) Library(value string) bool { return j.f.validateByLibrary(value) == nil }

// Both says whether a value is accepted, by whoever decides.
func (j Judged) Both(value string) bool {
	var d document
	return d.index(value) && j.f.validate(&d) == nil
}

// Checker gives the verdict of the checker alone: "yes", "no", or "unsure". It is
// unsure of what is refused before, such as a name that stands twice.
func (j Judged) Checker(value string) string {
	var d document
	if _, err := parseArguments(&d, []byte(`{"":`+value+`}`), maxDepth); err != nil || !d.index(value) || d.endless || j.f.checker == nil {
		return "unsure"
	}
	return [...]string{unsure: "unsure", yes: "yes", no: "no"}[j.f.checker.check(&d, 0)]
}

// Indexed gives every value of a JSON text as it stands in the index, by its
// pointer, and false when the text is no JSON.
func Indexed(text string) (map[string]string, bool) {
	var d document
	if text == "" || !d.index(text) {
		return nil, false
	}
	all := map[string]string{}
	var walk func(i int, tokens []string)
	walk = func(i int, tokens []string) {
		all[pointerTo(tokens)] = d.raw(i)
		at := 0
		for c := i + 1; c < d.nodes[i].next; c = d.nodes[c].next {
			token := strconv.Itoa(at)
			if d.nodes[i].kind == '{' {
				token = d.name(c)
			}
			walk(c, append(slices.Clip(tokens), token))
			at++
		}
	}
	walk(0, nil)
	return all, true
}

// Leftover makes a call and gives what is left, behind its end too, in the memory
// that the call gave back: bytes, and how many other things.
func Leftover(s *Set, call Call) (leftover []byte, others int, err error) {
	p := newPrepared(call)
	err = s.answer(context.Background(), p)
	held := [][]byte{p.target, p.header, p.body, p.scratch, p.answered.Header, p.answered.Body}
	nodes, references, carried, parts, hide, caches := p.arguments.nodes, p.references, p.carried, p.parts, p.request.Hide, p.request.Carried
	p.release()
	for _, bytes := range held {
		leftover = append(leftover, bytes[:cap(bytes)]...)
	}
	others = left(nodes) + left(references) + left(caches)
	for _, c := range carried[:cap(carried)] {
		if c.cache != nil || c.value.Exists() || !c.secret.IsZero() {
			others++
		}
	}
	for _, list := range [][]Hidden{parts, hide} {
		for _, h := range list[:cap(list)] {
			if !h.Value.IsZero() || h.With != "" {
				others++
			}
		}
	}
	return leftover, others, err
}

func left[T comparable](s []T) (count int) {
	var zero T
	for _, v := range s[:cap(s)] {
		if v != zero {
			count++
		}
	}
	return count
}

// Decimals computes with two numbers as a checker does: how a compares to b,
// whether a is an integer, and whether it is a multiple of b, which counts unless
// b is 0. It reports false when one has too many digits.
func Decimals(a, b string) (compared int, integer, multiple, ok bool) {
	one, ok := parseDecimal(a)
	other, fits := parseDecimal(b)
	if !ok || !fits {
		return 0, false, false, false
	}
	return one.compare(other), one.isInteger(), other.coefficient != 0 && one.isMultipleOf(other), true
}

// Viewed gives what callers see of an answer under rules, and whether it is cut.
func Viewed(rules configs.Output, a *Answer) (output []byte, isCut bool) {
	config := &configs.Function{Method: "GET", Output: rules}
	p := &prepared{function: &Function{config: config, view: newView(config)}, current: a}
	if output, isCut = p.appendOutput(nil); output != nil {
		output = output[len(outputMember):]
	}
	return output, isCut
}

// JudgeWithoutFormats compiles a schema whose formats say nothing.
func JudgeWithoutFormats(schema []byte) (Judged, error) {
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(schema))
	if err != nil {
		return Judged{}, err
	}
	compiler := jsonschema.NewCompiler()
	compiler.UseLoader(noLoader{})
	if err := compiler.AddResource(schemaURL, document); err != nil {
		return Judged{}, err
	}
	compiled, err := compiler.Compile(schemaURL)
	if err != nil {
		return Judged{}, err
	}
	f := &Function{schema: compiled}
	f.checker, _ = newChecker(compiled)
	return Judged{f}, nil
}

// Accepts says whether a call with these arguments passes.
func (j Judged) Accepts(arguments string) bool {
	var d document
	_, err := parseArguments(&d, []byte(arguments), maxDepth)
	return err == nil && j.f.validate(&d) == nil
}

// Filled gives arguments with the defaults of a schema, and false when they, or it,
// are refused.
func Filled(schema, arguments []byte) (string, bool) {
	compiled, err := compileSchema(schema)
	if err != nil {
		return "", false
	}
	filling, _ := newFilling(compiled)
	var d document
	if _, err := parseArguments(&d, arguments, 100); err != nil || filling == nil {
		return "", false
	}
	text := filling.append(nil, &d, 0, 1<<20)
	return string(text), len(text) <= 1<<20
}

// Among says of each element of a JSON array whether it is one of the values to
// which tokens lead in another text. It reports false for what is not judged:
// broken JSON, names that stand twice, and numbers with too many digits for a
// plain reader.
func Among(text, wanted string, tokens []string) ([]bool, bool) {
	var d, other document
	if text == "" || wanted == "" || !other.index(text) || !d.index(wanted) || d.nodes[0].kind != '[' {
		return nil, false
	}
	var list []int
	for i := 1; i < len(d.nodes); i = d.nodes[i].next {
		list = append(list, i)
	}
	for _, one := range []*document{&d, &other} {
		for i := range one.nodes {
			if one.nodes[i].kind == '0' && len(one.raw(i)) > 6 {
				return nil, false
			}
		}
	}
	return d.among(list, []byte(text), tokens), true
}
