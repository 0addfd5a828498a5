package functions_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
)

// A generator makes schemas of the keywords that the checker knows, and
// documents for them out of the same few names, texts and numbers, so that they
// often meet.
type generator struct{ *rand.Rand }

func newGenerator(seed uint64) generator { return generator{rand.New(rand.NewPCG(seed, 1))} }

var (
	generatedNames   = []string{"a", "b", "c", "", "a b", "é", `"`, "\\", "😀", "properties"}
	generatedNumbers = []string{
		"0", "-0", "0.0", "-0e5", "1", "1.0", "10e-1", "0.1e1", "-1", "2", "3", "5", "0.1", "0.30", "3E-1", "2.5", "-2.50", "100", "1e2", "1E+2", "1e-2", "0.01",
		"9007199254740992", "9007199254740993", "9007199254740993.0", "123456789012345678", "1234567890123456789", "12345678901234567890", "0.123456789012345678", "0.1234567890123456789",
		"100000000000000000000", "1e20", "1e19", "1e400", "-1e400", "1e-400", "1e401", "0.000000000000000000001", "999999999999999999", "99999999999999999.9",
	}
	generatedTexts = []string{
		"", "a", "b", "ab", "abc", "é", "éé", "😀", "e\u0301", "A-1", "A-1001", "a\nb", "\x7f", "\u2028", `"`, `\`, "1", "true", "null",
		"2026-11-21", "2026-02-30", "2026-1-1", "0000-01-01", "2024-02-29", "2026-11-21T12:00:00Z", "2026-11-21t12:00:00z", "2026-11-21T23:59:60Z", "2026-11-21T24:00:00Z",
		"2026-11-21T12:00:00.5Z", "2026-11-21T12:00:00+01:00", "2026-02-30T12:00:00Z", "12:00:00Z", "P1D", "192.0.2.1", "192.0.2.256", "192.0.2.01", "+1.2.3.4", "1.2.3", "1..2.3",
		"::1", "::ffff:192.0.2.1", "fe80::1%eth0", "acme.test", "-acme.test", "a@acme.test", "a@b@acme.test", "https://acme.test/", "/a~1b", "/a~2", "1.2.3-rc.1",
		unknownID, strings.ToUpper(anyID), unknownID[:35], unknownID[:35] + "g", strings.ReplaceAll(unknownID, "-", "+"), "99999999222233334444555555555555----",
	}
	generatedPatterns = []string{"", "^a", "b$", "^A-[0-9]+$", "^\\p{L}+$", "^.$", "a|^$", "(?i)^AB$", "[^a]", "^(a*)*$"}
	generatedFormats  = []string{
		"uuid", "date", "date-time", "time", "duration", "ipv4", "ipv6", "hostname", "email", "uri", "uri-reference", "uri-template", "iri", "json-pointer", "relative-json-pointer", "regex", "semver", "period", "unknown",
	}
	generatedTypes = []string{"null", "boolean", "number", "integer", "string", "array", "object"}
)

func (g generator) one(list []string) string { return list[g.IntN(len(list))] }

func (g generator) maybe(percent int) bool { return g.IntN(100) < percent }

// schema gives a schema, at most depth deep.
func (g generator) schema(depth int) any {
	if g.maybe(6) {
		return g.maybe(70)
	}
	s := map[string]any{}
	if g.maybe(60) {
		s["type"] = g.types()
	}
	if g.maybe(8) {
		s["enum"] = g.scalars()
	}
	if g.maybe(4) {
		s["const"] = g.scalar()
	}
	g.limits(s)
	if g.maybe(15) {
		s["pattern"] = g.one(generatedPatterns)
	}
	if g.maybe(25) {
		s["format"] = g.one(generatedFormats)
	}
	if g.maybe(15) {
		s["uniqueItems"] = g.maybe(80)
	}
	if depth > 0 {
		g.nested(s, depth-1)
	}
	if g.maybe(20) {
		s["title"], s["default"], s["description"] = "remarks", 1, "say nothing"
	}
	return s
}

// limits adds keywords that are one number. They are visited in order: what is
// made depends on the seed alone.
func (g generator) limits(s map[string]any) {
	for _, keyword := range []string{"minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"} {
		if g.maybe(10) {
			s[keyword] = json.Number([]string{"0", "1", "2", "3", "1.0", "2e0"}[g.IntN(6)])
		}
	}
	for _, keyword := range []string{"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"} {
		if g.maybe(10) {
			s[keyword] = json.Number(g.one(generatedNumbers))
		}
	}
	if number := strings.TrimLeft(g.one(generatedNumbers), "-"); g.maybe(10) && strings.ContainsAny(strings.Split(strings.ToLower(number), "e")[0], "123456789") {
		s["multipleOf"] = json.Number(number)
	}
}

// nested adds keywords that hold schemas, and those that go with them.
func (g generator) nested(s map[string]any, depth int) {
	if g.maybe(60) {
		properties := map[string]any{}
		for range g.IntN(4) {
			properties[g.one(generatedNames)] = g.schema(depth)
		}
		s["properties"] = properties
	}
	if g.maybe(30) {
		required := []string{}
		for range g.IntN(3) {
			if name := g.one(generatedNames); len(required) == 0 || required[0] != name {
				required = append(required, name)
			}
		}
		s["required"] = required
	}
	if g.maybe(40) {
		s["additionalProperties"] = g.schema(depth)
	}
	if g.maybe(40) {
		s["items"] = g.schema(depth)
	}
}

func (g generator) types() any {
	if g.maybe(70) {
		return g.one(generatedTypes)
	}
	list := []string{}
	for _, i := range g.Perm(len(generatedTypes))[:1+g.IntN(3)] {
		list = append(list, generatedTypes[i])
	}
	return list
}

func (g generator) scalar() any {
	switch g.IntN(5) {
	case 0:
		return nil
	case 1:
		return g.maybe(50)
	case 2:
		return json.Number(g.one(generatedNumbers))
	default:
		return g.one(generatedTexts)
	}
}

func (g generator) scalars() []any {
	list := []any{}
	for range 1 + g.IntN(4) {
		list = append(list, g.scalar())
	}
	return list
}

// document gives a JSON text for a schema: mostly one that fits in its outlines.
func (g generator) document(schema any, depth int) string {
	s, _ := schema.(map[string]any)
	if list, ok := s["enum"].([]any); ok && g.maybe(50) {
		return g.spell(list[g.IntN(len(list))])
	}
	if value, ok := s["const"]; ok && g.maybe(50) {
		return g.spell(value)
	}
	kind := g.one(generatedTypes)
	switch wanted := s["type"].(type) {
	case string:
		kind = wanted
	case []string:
		kind = g.one(wanted)
	}
	if g.maybe(10) {
		kind = g.one(generatedTypes)
	}
	switch kind {
	case "null":
		return "null"
	case "boolean":
		return fmt.Sprint(g.maybe(50))
	case "number", "integer":
		return g.numeral()
	case "string":
		return g.spell(g.one(generatedTexts))
	}
	if depth == 0 {
		return []string{"{}", "[]", " [ ] ", "{ }"}[g.IntN(4)]
	}
	if kind == "array" {
		return g.array(s, depth-1)
	}
	return g.object(s, depth-1)
}

func (g generator) array(s map[string]any, depth int) string {
	var elements []string
	for range g.IntN(5) {
		elements = append(elements, g.document(s["items"], depth))
	}
	if g.maybe(3) { // more than are compared each with each
		for i := range 40 {
			elements = append(elements, fmt.Sprint(i))
		}
	}
	return "[" + strings.Join(elements, ", ") + "]"
}

func (g generator) object(s map[string]any, depth int) string {
	properties, _ := s["properties"].(map[string]any)
	required, _ := s["required"].([]string)
	var members []string
	for _, name := range generatedNames {
		schema, known := properties[name]
		chance := 10
		for _, other := range required {
			if other == name {
				chance = 90
			}
		}
		if known {
			chance = max(chance, 70)
		} else {
			schema = s["additionalProperties"]
		}
		if g.maybe(chance) {
			members = append(members, g.spell(name)+" : "+g.document(schema, depth))
		}
	}
	g.Shuffle(len(members), func(i, j int) { members[i], members[j] = members[j], members[i] })
	return "{" + strings.Join(members, ",") + "}"
}

// numeral gives a number of the list, one made of its digits, or a small one.
func (g generator) numeral() string {
	switch g.IntN(4) {
	case 0:
		return fmt.Sprintf("%d.%de%d", g.IntN(200)-100, g.IntN(1000), g.IntN(7)-3)
	case 1:
		return fmt.Sprint(g.IntN(12) - 2)
	default:
		return g.one(generatedNumbers)
	}
}

// spell gives the JSON of a scalar, a text sometimes with escapes.
func (g generator) spell(value any) string {
	text, ok := value.(string)
	if !ok || g.maybe(70) {
		encoded, err := json.Marshal(value)
		if err != nil {
			panic(err)
		}
		return string(encoded)
	}
	var spelled strings.Builder
	for _, r := range text {
		if r < 0x10000 && (g.maybe(50) || r < ' ' || r == '"' || r == '\\') {
			fmt.Fprintf(&spelled, "\\u%04x", r)
		} else {
			spelled.WriteRune(r)
		}
	}
	return `"` + spelled.String() + `"`
}
