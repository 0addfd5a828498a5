package functions

import (
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"github.com/tidwall/gjson"
)

// sentence is what a caller is told of a value that does not satisfy a keyword:
// what it must be, in words that a model can act on. What the schema says may be
// quoted. The value that was sent may not: it may be anything, and the sentence is
// logged.
func sentence(k jsonschema.ErrorKind) string {
	if want, got := wanted(k); want != "" {
		return "must be " + want + got
	}
	switch k := k.(type) {
	case *kind.Pattern:
		return "must match the pattern " + k.Want
	case *kind.MinLength:
		return "must have at least " + number(k.Want, "character") + ", not " + strconv.Itoa(k.Got)
	case *kind.MaxLength:
		return "must have at most " + number(k.Want, "character") + ", not " + strconv.Itoa(k.Got)
	case *kind.MinItems:
		return "must have at least " + number(k.Want, "element") + ", not " + strconv.Itoa(k.Got)
	case *kind.MaxItems:
		return "must have at most " + number(k.Want, "element") + ", not " + strconv.Itoa(k.Got)
	case *kind.AdditionalItems:
		return "must have " + number(k.Count, "element") + " less"
	case *kind.MinProperties:
		return "must have at least " + number(k.Want, "member") + ", not " + strconv.Itoa(k.Got)
	case *kind.MaxProperties:
		return "must have at most " + number(k.Want, "member") + ", not " + strconv.Itoa(k.Got)
	case *kind.UniqueItems:
		return "must not have equal elements, and those at " + strconv.Itoa(k.Duplicates[0]) + " and " + strconv.Itoa(k.Duplicates[1]) + " are"
	case *kind.Contains:
		return "must have an element that is as contains describes it"
	case *kind.MinContains:
		return "must have at least " + number(k.Want, "element") + " as contains describes them, not " + strconv.Itoa(len(k.Got))
	case *kind.MaxContains:
		return "must have at most " + number(k.Want, "element") + " as contains describes them, not " + strconv.Itoa(len(k.Got))
	case *kind.OneOf: // None is the business of [findings.alternatives].
		return "must fit one alternative only, and fits those at " + join(k.Subschemas, strconv.Itoa, " and ")
	case *kind.FalseSchema:
		return "is not permitted here"
	case *kind.RefCycle:
		return "cannot be checked: its schema refers to itself"
	}
	return "must be as the schema describes it"
}

// wanted gives what a value must be, as a noun with its article, and in got what
// it is instead, where that may be told. Want is "" for a keyword that is not about
// what the value is.
func wanted(k jsonschema.ErrorKind) (want, got string) {
	switch k := k.(type) {
	case *kind.Type:
		if k.Got == "number" && slices.Contains(k.Want, "integer") {
			return join(k.Want, article, " or "), ", and the number has a fraction"
		}
		return join(k.Want, article, " or "), ", not " + article(k.Got)
	case *kind.Enum:
		if len(k.Want) == 1 {
			return jsonText(k.Want[0]), ""
		}
		return "one of " + join(k.Want, jsonText, ", "), ""
	case *kind.Const:
		return jsonText(k.Want), ""
	case *kind.Format:
		if example := formatExamples[k.Want]; example != "" {
			return "a valid " + k.Want + ", such as " + example, ""
		}
		return "a valid " + k.Want, ""
	case *kind.Minimum:
		return "at least " + digits(k.Want), ""
	case *kind.ExclusiveMinimum:
		return "more than " + digits(k.Want), ""
	case *kind.Maximum:
		return "at most " + digits(k.Want), ""
	case *kind.ExclusiveMaximum:
		return "less than " + digits(k.Want), ""
	case *kind.MultipleOf:
		return "a multiple of " + digits(k.Want), ""
	case *kind.ContentEncoding:
		return "text in " + k.Want, ""
	case *kind.ContentMediaType:
		return "text of the type " + k.Want, ""
	}
	return "", ""
}

// excluded is what a caller is told of a value that satisfies a schema which it
// must not satisfy. One of a single keyword can be said in words.
func excluded(schema gjson.Result) string {
	if list := members(schema); len(list) == 1 {
		value := gjson.Parse(list[0].value)
		switch list[0].name {
		case "type":
			var names []string
			for _, name := range value.Array() {
				names = append(names, article(name.String()))
			}
			return "must not be " + strings.Join(names, " or ")
		case "const":
			return "must not be " + value.Raw
		case "enum":
			return "must not be one of " + strings.TrimSuffix(strings.TrimPrefix(value.Raw, "["), "]")
		case "pattern":
			return "must not match the pattern " + value.Str
		case "required":
			var names []string
			for _, name := range value.Array() {
				names = append(names, name.String())
			}
			return "must not have " + strings.Join(names, " and ")
		}
	}
	return "must not be as not describes it"
}

// formatExamples has a text of each format that the library asserts.
var formatExamples = map[string]string{
	"date":                  "2026-11-22",
	"date-time":             "2026-11-22T10:00:00Z",
	"duration":              "P1DT12H",
	"email":                 "name@example.com",
	"hostname":              "www.example.com",
	"ipv4":                  "192.0.2.1",
	"ipv6":                  "2001:db8::1",
	"json-pointer":          "/a/0",
	"period":                "2026-11-22T10:00:00Z/P1D",
	"regex":                 "^[a-z]+$",
	"relative-json-pointer": "1/a",
	"semver":                "1.2.3",
	"time":                  "10:00:00Z",
	"uri":                   "https://example.com/a?b=c",
	"uri-reference":         "/a?b=c",
	"uri-template":          "https://example.com/{id}",
	"uuid":                  "123e4567-e89b-12d3-a456-426614174000",
}

// article gives a type of JSON with its article.
func article(name string) string {
	switch name {
	case "null":
		return name
	case "array", "integer", "object":
		return "an " + name
	default:
		return "a " + name
	}
}

// number gives a number of things.
func number(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}

// join joins a list, each of it as text.
func join[T any](list []T, text func(T) string, separator string) string {
	var all strings.Builder
	for i, one := range list {
		if all.Len() > maxSentence {
			break
		}
		if i > 0 {
			all.WriteString(separator)
		}
		all.WriteString(text(one))
	}
	return all.String()
}

// digits gives a number of the schema as people write it.
func digits(r *big.Rat) string {
	if places, exact := r.FloatPrec(); exact && places <= 20 && r.Num().BitLen() <= 128 {
		return r.FloatString(places)
	}
	f, _ := r.Float64()
	return strconv.FormatFloat(f, 'g', -1, 64)
}
