package functions

import (
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// alternatives adds what is wrong with a value that fits none of several schemas.
// All that each of them says would be a list that contradicts itself: where it can
// be guessed which of them was meant, it is what that one says.
func (g *gathering) alternatives(e *jsonschema.ValidationError, keyword string) {
	var all [][]finding
	for _, cause := range e.Causes {
		one := gathering{document: g.document, schema: g.schema}
		one.collect(cause)
		all = append(all, one.sorted())
	}
	at := pointerTo(e.InstanceLocation)
	meant := slices.DeleteFunc(slices.Clone(all), func(list []finding) bool { return slices.ContainsFunc(list, isOfType(at)) })
	if f, ok := merged(all, at); ok {
		f.Keyword = keyword
		g.addFinding(e.InstanceLocation, f)
		return
	}
	if tokens, detail := choice(meant); detail != "" {
		g.add(tokens, keyword, detail)
		return
	}
	if len(meant) > 1 {
		meant = slices.DeleteFunc(meant, func(list []finding) bool { return slices.ContainsFunc(list, isConstant) })
	}
	if len(meant) == 1 {
		for _, f := range meant[0] {
			g.add(f.tokens, f.Keyword, f.Detail)
		}
		return
	}
	g.add(e.InstanceLocation, keyword, listed(all, at))
}

func isOfType(pointer string) func(finding) bool {
	return func(f finding) bool { return f.Keyword == "type" && f.Pointer == pointer }
}

// isConstant reports whether a member is not the value that tells one alternative
// from another.
func isConstant(f finding) bool { return f.Keyword == "const" || f.Keyword == "enum" }

// merged makes one finding of alternatives that each ask for another type or
// another value.
func merged(all [][]finding, at string) (one finding, ok bool) {
	var wants []string
	for _, list := range all {
		if len(list) != 1 || list[0].Pointer != at || list[0].want == "" {
			return finding{}, false
		}
		if !slices.Contains(wants, list[0].want) {
			wants = append(wants, list[0].want)
		}
		if one.got == "" {
			one.got = list[0].got
		}
	}
	one.want = strings.Join(wants, " or ")
	one.Detail = "must be " + one.want + one.got
	return one, len(wants) > 0
}

// choice makes one sentence of alternatives that are told apart by the value of one
// member, which none of them has.
func choice(all [][]finding) (tokens []string, detail string) {
	if len(all) < 2 {
		return nil, ""
	}
	for _, first := range all[0] {
		var wants []string
		for _, list := range all {
			i := slices.IndexFunc(list, func(f finding) bool { return isConstant(f) && f.Pointer == first.Pointer })
			if i < 0 {
				wants = nil
				break
			}
			if !slices.Contains(wants, list[i].want) {
				wants = append(wants, list[i].want)
			}
		}
		if wants != nil {
			return first.tokens, "must be " + strings.Join(wants, " or ")
		}
	}
	return nil, ""
}

// listed names every alternative and what it misses.
func listed(all [][]finding, at string) string {
	var text strings.Builder
	text.WriteString("must fit one of " + strconv.Itoa(len(all)) + " alternatives")
	for i, list := range all {
		separator := ": "
		if i > 0 {
			separator = "; or "
		}
		for _, f := range list {
			where := strings.TrimPrefix(strings.TrimPrefix(f.Pointer, at), "/")
			text.WriteString(separator + strings.TrimPrefix(where+" "+f.Detail, " "))
			separator = " and "
		}
		if text.Len() > maxSentence {
			break
		}
	}
	return text.String()
}
