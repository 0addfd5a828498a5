package functions_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/egret-proxy/egret/configs/configstest"
	"github.com/egret-proxy/egret/functions"
)

// disagree compares the checker with the library. That the checker is unsure is
// no disagreement: the library is asked then.
func disagree(t *testing.T, judged functions.Judged, schema, document string) (verdict string) {
	t.Helper()
	verdict = judged.Checker(document)
	library := judged.Library(document)
	if verdict == "yes" && !library || verdict == "no" && library {
		t.Errorf("schema %s\ndocument %s\nthe checker says %s, the library %t", schema, document, verdict, library)
	}
	return verdict
}

// generated judges documents by a schema, both made from a seed, and counts the
// verdicts.
func generated(t *testing.T, seed uint64, more string, verdicts map[string]int) {
	t.Helper()
	g := newGenerator(seed)
	schema := g.schema(3)
	text := quoted(t, schema)
	judged, err := functions.Judge([]byte(text))
	if err != nil {
		t.Fatalf("schema %s: %v", text, err)
	}
	for range 12 {
		verdicts[disagree(t, judged, text, g.document(schema, 3))]++
	}
	if json.Valid([]byte(more)) {
		disagree(t, judged, text, more)
	}
}

// FuzzCheckerAgrees looks for a document on which the checker and the library
// disagree.
func FuzzCheckerAgrees(f *testing.F) {
	for seed := range uint64(100) {
		f.Add(seed, `{"a":1}`)
	}
	for i, document := range []string{`"\ud83d\ude00"`, `[1,1.0]`, `{"\u0061":{"b":[]}}`, `-0.0e-0`, `1e401`} {
		f.Add(uint64(i), document)
	}
	f.Fuzz(func(t *testing.T, seed uint64, document string) {
		generated(t, seed, document, map[string]int{})
	})
}

// The generator would prove nothing if it made no documents that the checker
// decides in either way.
func TestCheckerDecides(t *testing.T) {
	verdicts := map[string]int{}
	for seed := range uint64(500) {
		generated(t, seed, "", verdicts)
	}
	if verdicts["yes"] < 500 || verdicts["no"] < 500 || verdicts["unsure"] < 50 {
		t.Errorf("the verdicts are %v, want several hundred of each kind", verdicts)
	}
}

// FuzzChecker judges documents by schemas that nobody generated.
func FuzzChecker(f *testing.F) {
	for _, c := range hardCases {
		f.Add(c.schema, c.document)
	}
	f.Fuzz(func(t *testing.T, schema, document string) {
		if !json.Valid([]byte(schema)) || !json.Valid([]byte(document)) || strings.ContainsAny(schema, "eE") && len(schema) > 300 {
			return
		}
		if judged, err := functions.Judge([]byte(schema)); err == nil {
			disagree(t, judged, schema, document)
		}
	})
}

// hardCases are where a checker and the library are most likely to part.
var hardCases = []struct{ schema, document, verdict string }{
	{`{"type":"integer"}`, `1.0`, "yes"},
	{`{"type":"integer"}`, `10e-1`, "yes"},
	{`{"type":"integer"}`, `1e-1`, "no"},
	{`{"type":"integer"}`, `-0.0`, "yes"},
	{`{"type":"integer"}`, `0e-400`, "yes"},
	{`{"type":"integer"}`, `1e400`, "yes"},
	{`{"type":"integer"}`, `1e401`, "unsure"},
	{`{"type":"integer"}`, `12345678901234567890.5`, "unsure"},
	{`{"type":"number"}`, `12345678901234567890.5`, "yes"},
	{`{"type":["integer","null"]}`, `1.5`, "no"},
	{`{"type":["integer","number"]}`, `1.5`, "yes"},
	{`{"maximum":9007199254740992}`, `9007199254740993`, "no"},
	{`{"maximum":9007199254740992}`, `9007199254740992.0`, "yes"},
	{`{"minimum":0.1}`, `0.09999999999999999`, "no"},
	{`{"minimum":-2.5}`, `-2.50`, "yes"},
	{`{"exclusiveMinimum":-2.5}`, `-2.50`, "no"},
	{`{"exclusiveMaximum":1e2}`, `99.99999999999999`, "yes"},
	{`{"exclusiveMaximum":1e2}`, `100.0`, "no"},
	{`{"minimum":0}`, `-0`, "yes"},
	{`{"minimum":-1e400}`, `-1e400`, "yes"},
	{`{"multipleOf":0.01}`, `0.07`, "yes"},
	{`{"multipleOf":0.01}`, `0.075`, "no"},
	{`{"multipleOf":3}`, `1e400`, "no"},
	{`{"multipleOf":7}`, `7e300`, "yes"},
	{`{"multipleOf":1e400}`, `0`, "yes"},
	{`{"multipleOf":0.3}`, `-0.9`, "yes"},
	{`{"minimum":1}`, `"0"`, "yes"},
	{`{"const":1}`, `1.0`, "yes"},
	{`{"const":1}`, `true`, "no"},
	{`{"const":0}`, `false`, "no"},
	{`{"const":0}`, `-0.0`, "yes"},
	{`{"const":null}`, `null`, "yes"},
	{`{"const":null}`, `0`, "no"},
	{`{"const":"a"}`, `"\u0061"`, "yes"},
	{`{"const":"a"}`, `"a\u0000"`, "no"},
	{`{"const":false}`, `false`, "yes"},
	{`{"const":[]}`, `[]`, "unsure"},
	{`{"const":{"a":1}}`, `{"a":1}`, "unsure"},
	{`{"enum":[]}`, `1`, "no"},
	{`{"enum":["1",2,null]}`, `1`, "no"},
	{`{"enum":["1",2,null]}`, `2e0`, "yes"},
	{`{"enum":[1,2],"const":3}`, `3`, "no"},
	{`{"enum":[12345678901234567890]}`, `1`, "unsure"},
	{`{"enum":[1]}`, `12345678901234567890`, "unsure"},
	{`{"maxLength":1}`, `"é"`, "yes"},
	{`{"maxLength":1}`, `"\ud83d\ude00"`, "yes"},
	{`{"maxLength":1}`, `"e\u0301"`, "no"},
	{`{"minLength":2.0}`, `"\u0061"`, "no"},
	{`{"maxLength":0}`, `""`, "yes"},
	{`{"pattern":"b"}`, `"abc"`, "yes"},
	{`{"pattern":"^a$"}`, `"a\n"`, "no"},
	{`{"pattern":"^.$"}`, `"\n"`, "no"},
	{`{"pattern":"b"}`, `1`, "yes"},
	{`{"format":"uuid"}`, `"99999999-2222-3333-4444-555555555555"`, "yes"},
	{`{"format":"uuid"}`, `"99999999222233334444555555555555"`, "no"},
	{`{"format":"uuid"}`, `1`, "yes"},
	{`{"format":"date"}`, `"2026-02-30"`, "no"},
	{`{"format":"date-time"}`, `"2026-12-31T23:59:60Z"`, "yes"},
	{`{"format":"date-time"}`, `"2026-11-21T23:59:60Z"`, "yes"},
	{`{"format":"date-time"}`, `"2026-11-21T12:59:60Z"`, "no"},
	{`{"format":"date-time"}`, `"2026-11-21t12:00:00.25+01:00"`, "yes"},
	{`{"format":"ipv4"}`, `"+1.2.3.4"`, "yes"},
	{`{"format":"ipv4"}`, `"1.2.3.04"`, "no"},
	{`{"format":"regex"}`, `"("`, "no"},
	{`{"format":"unknown"}`, `"x"`, "yes"},
	{`{"required":["a"]}`, `{"\u0061":1}`, "yes"},
	{`{"required":["a","b"]}`, `{"a":1}`, "no"},
	{`{"required":["a"]}`, `[]`, "yes"},
	{`{"required":["a"],"additionalProperties":false}`, `{"a":1}`, "no"},
	{`{"required":["a"],"additionalProperties":{"type":"string"}}`, `{"a":1}`, "no"},
	{`{"properties":{"a":true},"additionalProperties":false}`, `{"a":1}`, "yes"},
	{`{"properties":{"a":false}}`, `{"a":1}`, "no"},
	{`{"properties":{"a":{}},"additionalProperties":false}`, `{"A":1}`, "no"},
	{`{"properties":{"é":{"type":"null"}}}`, `{"\u00e9":1}`, "no"},
	{`{"properties":{"":{"type":"null"}}}`, `{"":1}`, "no"},
	{`{"minProperties":1,"maxProperties":1}`, `{"a":1,"b":2}`, "no"},
	{`{"maxProperties":0}`, `{}`, "yes"},
	{`{"items":{"type":"integer"},"minItems":1}`, `[1,2.0]`, "yes"},
	{`{"items":false}`, `[]`, "yes"},
	{`{"items":false}`, `[1]`, "no"},
	{`{"uniqueItems":true}`, `[1,1.0]`, "no"},
	{`{"uniqueItems":true}`, `[1,"1",true,null,"\u0031"]`, "no"},
	{`{"uniqueItems":true}`, `[1,"1",true,false,null]`, "yes"},
	{`{"uniqueItems":true}`, `[{"a":1},{"a":1.0}]`, "unsure"},
	{`{"uniqueItems":false}`, `[1,1]`, "yes"},
	{`{"items":{"items":{"items":{"const":1}}}}`, `[[[1]],[[1,2]]]`, "no"},
	{`true`, `{}`, "yes"},
	{`false`, `{}`, "no"},
	{`{}`, `{"a":1e500}`, "unsure"},
	{`{"title":"t","description":"d","default":1,"examples":[2],"$comment":"c","deprecated":true,"readOnly":true,"writeOnly":true,"$id":"x","$anchor":"y","$defs":{"a":false}}`, `1`, "yes"},
	{`{"contentEncoding":"base64","contentMediaType":"application/json","contentSchema":false}`, `"x"`, "yes"},

	{`{"allOf":[{}]}`, `1`, "unsure"},
	{`{"anyOf":[{}]}`, `1`, "unsure"},
	{`{"oneOf":[{}]}`, `1`, "unsure"},
	{`{"not":{}}`, `1`, "unsure"},
	{`{"if":{},"then":false}`, `1`, "unsure"},
	{`{"$ref":"#/$defs/a","$defs":{"a":{}}}`, `1`, "unsure"},
	{`{"$dynamicRef":"#a","$defs":{"a":{"$dynamicAnchor":"a"}}}`, `1`, "unsure"},
	{`{"prefixItems":[false]}`, `[1]`, "unsure"},
	{`{"contains":false}`, `[]`, "unsure"},
	{`{"patternProperties":{"a":false}}`, `{"a":1}`, "unsure"},
	{`{"propertyNames":false}`, `{"a":1}`, "unsure"},
	{`{"dependentRequired":{"a":["b"]}}`, `{"a":1}`, "unsure"},
	{`{"dependentSchemas":{"a":false}}`, `{"a":1}`, "unsure"},
	{`{"dependencies":{"a":["b"]}}`, `{"a":1}`, "unsure"},
	{`{"unevaluatedProperties":false}`, `{"a":1}`, "unsure"},
	{`{"unevaluatedItems":false}`, `[1]`, "unsure"},
	{`{"properties":{"a":{"items":{"not":{}}}}}`, `{"a":[1]}`, "unsure"},
	{`{"$schema":"http://json-schema.org/draft-07/schema#","type":"string"}`, `1`, "unsure"},
}

func TestCheckerHardCases(t *testing.T) {
	for _, c := range hardCases {
		judged, err := functions.Judge([]byte(c.schema))
		if err != nil {
			t.Errorf("schema %s: %v", c.schema, err)
			continue
		}
		if got := disagree(t, judged, c.schema, c.document); got != c.verdict {
			t.Errorf("schema %s\ndocument %s\nthe checker says %s, want %s", c.schema, c.document, got, c.verdict)
		}
		if judged.Both(c.document) != judged.Library(c.document) {
			t.Errorf("schema %s\ndocument %s\nthe Function says otherwise than the library", c.schema, c.document)
		}
	}
}

// A keyword that a new version of the library knows must not be one that a checker
// overlooks: whoever adds a name here has seen what it means.
func TestCheckerKnowsEveryKeyword(t *testing.T) {
	known := strings.Fields(`
		DraftVersion Location Bool ID Ref Anchor RecursiveRef RecursiveAnchor DynamicRef DynamicAnchor Types Enum Const Not AllOf AnyOf OneOf If Then Else Format
		MaxProperties MinProperties Required PropertyNames Properties PatternProperties AdditionalProperties Dependencies DependentRequired DependentSchemas UnevaluatedProperties
		MinItems MaxItems UniqueItems Contains MinContains MaxContains Items AdditionalItems PrefixItems Items2020 UnevaluatedItems
		MinLength MaxLength Pattern ContentEncoding ContentMediaType ContentSchema Maximum Minimum ExclusiveMaximum ExclusiveMinimum MultipleOf
		Extensions Title Description Default Comment ReadOnly WriteOnly Examples Deprecated`)
	for _, field := range reflect.VisibleFields(reflect.TypeFor[jsonschema.Schema]()) {
		if field.IsExported() && !slices.Contains(known, field.Name) {
			t.Errorf("the library knows %s, and newChecker does not look at it", field.Name)
		}
	}
}

// TestSuiteSchemasAgree judges every document of JSON-Schema-Test-Suite by every
// schema of the same file.
func TestSuiteSchemasAgree(t *testing.T) {
	directory := configstest.Suite(t, "EGRET_JSON_SCHEMA_TEST_SUITE", "json-schema-test-suite/tests/draft2020-12")
	files, err := filepath.Glob(filepath.Join(directory, "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no files in %s: %v", directory, err)
	}
	verdicts := map[string]int{}
	for _, file := range files {
		var groups []struct {
			Schema json.RawMessage
			Tests  []struct{ Data json.RawMessage }
		}
		text, err := os.ReadFile(file)
		if err == nil {
			err = json.Unmarshal(text, &groups)
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range groups {
			judged, err := functions.Judge(one.Schema)
			if err != nil {
				continue // References to other documents are not followed.
			}
			for _, other := range groups {
				for _, test := range other.Tests {
					verdicts[disagree(t, judged, string(one.Schema), string(test.Data))]++
				}
			}
		}
	}
	t.Logf("verdicts: %v", verdicts)
}
