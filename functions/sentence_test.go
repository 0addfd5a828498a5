package functions_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/egret-proxy/egret/functions"
)

// sentences has what is said for every keyword of draft 2020-12 that can refuse a
// value: the schema of the argument v, what is sent as v, and what is said as
// POINTER KEYWORD: SENTENCE. What is sent has the word canary, or 77, in it.
var sentences = []struct{ schema, value, want string }{
	{`type: string`, `77`, `/v type: must be a string, not a number`},
	{`type: [array, "null"]`, `"canary"`, `/v type: must be null or an array, not a string`},
	{`type: integer`, `77.5`, `/v type: must be an integer, and the number has a fraction`},
	{`type: integer`, `"canary"`, `/v type: must be an integer, not a string`},
	{`type: object`, `null`, `/v type: must be an object, not null`},
	{`enum: [small, 2, null, {a: [1.50]}]`, `"canary"`, `/v enum: must be one of "small", 2, null, {"a":[1.50]}`},
	{`enum: [<only>]`, `"canary"`, `/v enum: must be "<only>"`},
	{`const: {a: 1}`, `"canary"`, `/v const: must be {"a":1}`},
	{`minimum: 9007199254740993`, `77`, `/v minimum: must be at least 9007199254740993`},
	{`maximum: -0.125`, `77`, `/v maximum: must be at most -0.125`},
	{`exclusiveMinimum: 1e300`, `77`, `/v exclusiveMinimum: must be more than 1e+300`},
	{`exclusiveMaximum: 5`, `77`, `/v exclusiveMaximum: must be less than 5`},
	{`multipleOf: 2.5`, `77`, `/v multipleOf: must be a multiple of 2.5`},
	{`minLength: 9`, `"canary"`, `/v minLength: must have at least 9 characters, not 6`},
	{`maxLength: 1`, `"canary"`, `/v maxLength: must have at most 1 character, not 6`},
	{`pattern: "^[0-9]+$"`, `"canary"`, `/v pattern: must match the pattern ^[0-9]+$`},
	{`format: date-time`, `"canary"`, `/v format: must be a valid date-time, such as 2026-11-22T10:00:00Z`},
	{`format: uuid`, `"canary"`, `/v format: must be a valid uuid, such as 123e4567-e89b-12d3-a456-426614174000`},
	{`minItems: 2`, `["canary"]`, `/v minItems: must have at least 2 elements, not 1`},
	{`maxItems: 1`, `["canary",77]`, `/v maxItems: must have at most 1 element, not 2`},
	{`uniqueItems: true`, `["canary",1,"canary"]`, `/v uniqueItems: must not have equal elements, and those at 0 and 2 are`},
	{`items: {type: boolean}`, `[true,"canary"]`, `/v/1 type: must be a boolean, not a string`},
	{`{prefixItems: [{}], items: false}`, `["canary",77]`, `/v/1 items: is not permitted here`},
	{`{prefixItems: [{type: string}]}`, `[77]`, `/v/0 type: must be a string, not a number`},
	{`{prefixItems: [{}], unevaluatedItems: false}`, `["canary",77]`, `/v/1 unevaluatedItems: is not permitted here`},
	{`contains: {type: boolean}`, `["canary",77]`, `/v contains: must have an element that is as contains describes it`},
	{`{contains: {type: string}, minContains: 2}`, `["canary"]`, `/v minContains: must have at least 2 elements as contains describes them, not 1`},
	{`{contains: {type: string}, maxContains: 1}`, `["canary","canary"]`, `/v maxContains: must have at most 1 element as contains describes them, not 2`},
	{`minProperties: 2`, `{"canary":77}`, `/v minProperties: must have at least 2 members, not 1`},
	{`maxProperties: 1`, `{"a":"canary","b":1}`, `/v maxProperties: must have at most 1 member, not 2`},
	{`required: [a, b/c]`, `{}`, "/v/a required: is required\n/v/b~1c required: is required"},
	{`dependentRequired: {a: [b]}`, `{"a":"canary"}`, `/v/b dependentRequired: is required where a is sent`},
	{`dependentSchemas: {a: {required: [b]}}`, `{"a":"canary"}`, `/v/b required: is required`},
	{`{properties: {order_id: {}, when: {}}, additionalProperties: false}`, `{"ordr_id":"canary","zzz":1}`, "/v/ordr_id additionalProperties: is not a member that the schema names; did you mean order_id?\n/v/zzz additionalProperties: is not a member that the schema names"},
	{`{patternProperties: {"^n": {type: number}}}`, `{"n":"canary"}`, `/v/n type: must be a number, not a string`},
	{`propertyNames: {pattern: "^x"}`, `{"a":"canary"}`, `/v/a propertyNames: is not a permitted name: it must match the pattern ^x`},
	{`{properties: {a: {}}, unevaluatedProperties: false}`, `{"b":"canary"}`, `/v/b unevaluatedProperties: is not permitted here`},
	{`not: {type: string}`, `"canary"`, `/v not: must not be a string`},
	{`not: {type: [array, string]}`, `"canary"`, `/v not: must not be an array or a string`},
	{`not: {enum: [a, [1], 7.50]}`, `"a"`, `/v not: must not be one of "a",[1],7.50`},
	{`not: {const: a}`, `"a"`, `/v not: must not be "a"`},
	{`not: {pattern: "^c"}`, `"canary"`, `/v not: must not match the pattern ^c`},
	{`not: {required: [a, b]}`, `{"a":"canary","b":77}`, `/v not: must not have a and b`},
	{`not: {minLength: 1, type: string}`, `"canary"`, `/v not: must not be as not describes it`},
	{`false`, `"canary"`, `/v false: is not permitted here`},
	{`{properties: {items: false}}`, `{"items":"canary"}`, `/v/items false: is not permitted here`},
	{`{if: {type: string}, then: {maxLength: 1}}`, `"canary"`, `/v maxLength: must have at most 1 character, not 6`},
	{`{if: {type: string}, else: {minimum: 78}}`, `77`, `/v minimum: must be at least 78`},
	{`allOf: [{type: number}, {maxLength: 3}]`, `"canary"`, "/v maxLength: must have at most 3 characters, not 6\n/v type: must be a number, not a string"},
	{`$ref: "#/$defs/day"`, `"canary"`, `/v format: must be a valid date, such as 2026-11-22`},
	{`$dynamicRef: "#/$defs/day"`, `"canary"`, `/v format: must be a valid date, such as 2026-11-22`},

	// Alternatives that ask for another type or value each.
	{`anyOf: [{type: boolean}, {type: "null"}]`, `"canary"`, `/v anyOf: must be a boolean or null, not a string`},
	{`oneOf: [{const: a}, {const: b}, {type: number}]`, `"canary"`, `/v oneOf: must be "a" or "b" or a number, not a string`},
	// Of which one has the type of what was sent.
	{`anyOf: [{type: number}, {type: string, maxLength: 3}]`, `"canary"`, `/v maxLength: must have at most 3 characters, not 6`},
	// Which the value of a member tells apart, and this one was meant,
	{`oneOf: [{properties: {k: {const: a}}, required: [k, x]}, {properties: {k: {const: b}}, required: [k, y]}]`, `{"k":"b","x":"canary"}`, `/v/y required: is required`},
	// or none.
	{`oneOf: [{properties: {k: {const: a}}, required: [x]}, {properties: {k: {const: b}}}]`, `{"k":"canary"}`, `/v/k oneOf: must be "a" or "b"`},
	// Nobody knows which was meant.
	{`anyOf: [{required: [a]}, {required: [b, c]}]`, `{}`, `/v anyOf: must fit one of 2 alternatives: a is required; or b is required and c is required`},
	{`anyOf: [{minLength: 7}, {pattern: "^x"}]`, `"canary"`, `/v anyOf: must fit one of 2 alternatives: must have at least 7 characters, not 6; or must match the pattern ^x`},
	{`oneOf: [{}, false, {maxLength: 9}]`, `"canary"`, `/v oneOf: must fit one alternative only, and fits those at 0 and 2`},
	{`anyOf: [{anyOf: [{type: boolean}, {type: "null"}]}, {type: number}]`, `"canary"`, `/v anyOf: must be a boolean or null or a number, not a string`},
}

func TestSentences(t *testing.T) {
	for _, c := range sentences {
		w := newWorld(t, "\n  - name: f\n    parameters: {$defs: {day: {format: date}}, properties: {v: "+braced(c.schema)+"}}\n    url: https://api.acme.test/\n")
		refusal := w.refused(t, functions.InvalidArguments, functions.Call{Function: "f", Arguments: []byte(`{"v":` + c.value + `}`)})
		var got []string
		for _, e := range refusal.Errors {
			got = append(got, e.Pointer+" "+e.Keyword+": "+e.Detail)
		}
		if diff := cmp.Diff(c.want, strings.Join(got, "\n")); diff != "" {
			t.Errorf("%s, %s (-want +got):\n%s", c.schema, c.value, diff)
		}
		for _, one := range refusal.Errors {
			if strings.Contains(one.Detail, "canary") || strings.Contains(one.Detail, "77") {
				t.Errorf("%s: the sentence is %q, want no value in it", c.schema, one.Detail)
			}
		}
	}
}

// braced makes one value of a member.
func braced(schema string) string {
	if schema == "false" || schema[0] == '{' {
		return schema
	}
	return "{" + schema + "}"
}

// A list of the schema may be long, the sentence is not.
func TestSentencesAreShort(t *testing.T) {
	values := `"` + strings.Repeat("x", 40) + `"` + strings.Repeat(`, "`+strings.Repeat("é", 20)+`"`, 500)
	for _, schema := range []string{
		`{enum: [` + values + `]}`, `{anyOf: [` + strings.Repeat(`{minimum: 9, maximum: 1},`, 500) + `false]}`, `{const: ` + strings.Repeat("y", 5000) + `}`,
		`{anyOf: [` + strings.Repeat(`{const: `+strings.Repeat("y", 50)+`},`, 200) + `{type: boolean}]}`,
	} {
		w := newWorld(t, "\n  - name: f\n    parameters: {properties: {v: "+schema+"}}\n    url: https://api.acme.test/\n")
		refusal := w.refused(t, functions.InvalidArguments, functions.Call{Function: "f", Arguments: []byte(`{"v":5}`)})
		for _, e := range refusal.Errors {
			if len(e.Detail) > 310 {
				t.Errorf("the sentence has %d bytes, want 310 at most: %s", len(e.Detail), e.Detail)
			}
		}
	}
}

// What may have been meant is told, of the arguments as a whole too.
func TestNearParameter(t *testing.T) {
	w := newWorld(t, "\n  - {name: f, parameters: {properties: {order_id: {}}, additionalProperties: false}, url: https://api.acme.test/}\n")
	refusal := w.refused(t, functions.InvalidArguments, functions.Call{Function: "f", Arguments: []byte(`{"orderid":1,"x":2}`)})
	want := []functions.ArgumentError{
		{Pointer: "/orderid", Keyword: "additionalProperties", Detail: "is not a parameter; did you mean order_id?"},
		{Pointer: "/x", Keyword: "additionalProperties", Detail: "is not a parameter"},
	}
	if diff := cmp.Diff(want, refusal.Errors); diff != "" {
		t.Errorf("Errors (-want +got):\n%s", diff)
	}
}
