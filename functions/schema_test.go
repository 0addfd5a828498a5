package functions_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/functions"
)

// withSchema is a configuration whose line 4 begins the properties of a
// Function's parameters.
func withSchema(lines ...string) string {
	return "functions:\n  - name: f\n    parameters:\n      " + strings.Join(lines, "\n      ") + "\n    url: https://api.acme.test/\n"
}

func TestBadSchemas(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"an unknown type", withSchema("properties:", "  a: {type: text}"), []string{
			`egret.yaml:5:19: functions[0].parameters.properties.a.type: not a JSON Schema: must be one of "array", "boolean", "integer", "null", "number", "object", "string" or an array, not a string`,
		}},
		{"several problems", withSchema("required: order_id", "properties:", "  a: {minLength: -1}", "  b: {enum: 1}"), []string{
			`egret.yaml:4:17: functions[0].parameters.required: not a JSON Schema: must be an array, not a string`,
			`egret.yaml:6:24: functions[0].parameters.properties.a.minLength: not a JSON Schema: must be at least 0`,
			`egret.yaml:7:19: functions[0].parameters.properties.b.enum: not a JSON Schema: must be an array, not a number`,
		}},
		{"a list of an older draft", withSchema("properties:", "  a/b:", "    items:", "      - {}", "      - {pattern: '(?=x)'}"), []string{
			`egret.yaml:7:13: functions[0].parameters.properties["a/b"].items: not a JSON Schema: must be a boolean or an object, not an array`,
		}},
		{"a lookahead", withSchema("properties:", "  a/b:", "    anyOf:", "      - {}", "      - {pattern: '(?=x)'}"), []string{
			"egret.yaml:8:25: functions[0].parameters.properties[\"a/b\"].anyOf[1].pattern: cannot compile pattern: error parsing regexp: invalid or unsupported Perl syntax: `(?=`",
		}},
		{"a name that is no pattern", withSchema("patternProperties:", "  '(': {}"), []string{
			"egret.yaml:5:14: functions[0].parameters.patternProperties[\"(\"]: cannot compile pattern: error parsing regexp: missing closing ): `(`",
		}},
		{"a remote reference", withSchema("properties:", "  a: {$ref: 'https://schemas.acme.test/order.json#/$defs/id'}"), []string{
			`egret.yaml:5:19: functions[0].parameters.properties.a["$ref"]: references to other documents are not followed`,
		}},
		{"a file", withSchema("allOf:", "  - {$ref: 'file:///etc/passwd'}"), []string{
			`egret.yaml:5:18: functions[0].parameters.allOf[0]["$ref"]: references to other documents are not followed`,
		}},
		{"a relative reference", withSchema("properties:", "  a: {$ref: order.json}"), []string{
			`egret.yaml:5:19: functions[0].parameters.properties.a["$ref"]: references to other documents are not followed`,
		}},
		{"another dialect", withSchema("$schema: https://schemas.acme.test/dialect"), []string{
			`egret.yaml:4:16: functions[0].parameters["$schema"]: references to other documents are not followed`,
		}},
		{"a reference to nowhere", withSchema("properties:", "  a: {$ref: '#/$defs/order id'}"), []string{
			`egret.yaml:5:19: functions[0].parameters.properties.a["$ref"]: the reference leads nowhere`,
		}},
		{"an anchor that is not there", withSchema("properties:", "  a: {$ref: '#id'}"), []string{
			`egret.yaml:5:19: functions[0].parameters.properties.a["$ref"]: the reference leads nowhere`,
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := functions.New(parse(t, c.text), functions.Options{})
			problems, ok := errors.AsType[configs.Problems](err)
			if !ok {
				t.Fatalf("New: %v (%T), want configs.Problems", err, err)
			}
			if diff := cmp.Diff(strings.Join(c.want, "\n"), problems.Error()); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

// A file that could be read is not.
func TestSchemaReadsNoFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "schema.json")
	if err := os.WriteFile(file, []byte(`{"type":"string"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, reference := range []string{"file://" + filepath.ToSlash(file), filepath.ToSlash(file)} {
		_, err := functions.New(parse(t, withSchema("properties:", "  a: {$ref: '"+reference+"'}")), functions.Options{})
		if err == nil {
			t.Errorf("New with $ref: %s gives no error", reference)
		}
	}
}

// Every Function with a problem is reported, at once and in the order of the
// file.
func TestAllBadSchemas(t *testing.T) {
	_, err := functions.New(parse(t, `functions:
  - {name: b, parameters: {properties: {a: {type: x}}}, url: "https://api.acme.test/"}
  - {name: good, url: "https://api.acme.test/"}
  - {name: a, parameters: {properties: {a: {pattern: "("}}}, url: "https://api.acme.test/"}
`), functions.Options{})
	problems, _ := errors.AsType[configs.Problems](err)
	var lines []int
	for _, p := range problems {
		lines = append(lines, p.Line)
	}
	if diff := cmp.Diff([]int{2, 4}, lines); diff != "" {
		t.Errorf("lines (-want +got):\n%s\n%v", diff, err)
	}
}

func TestSchemas(t *testing.T) {
	for _, c := range []struct {
		name, schema string
		good, bad    []string
	}{
		{"formats are asserted", `{properties: {v: {format: uuid}}}`, []string{quoted(t, unknownID), quoted(t, strings.ToUpper(anyID))}, []string{`"x"`, `"11111111222233334444555555555555"`}},
		{"a date", `{properties: {v: {format: date}}}`, []string{`"2026-11-21"`, `1`}, []string{`"21.11.2026"`, `"2026-02-30"`}},
		{"an e-mail address", `{properties: {v: {format: email}}}`, []string{`"a@acme.test"`}, []string{`"acme.test"`}},
		{"an unknown format is a remark", `{properties: {v: {format: order-number}}}`, []string{`"x"`}, nil},
		{"local references", `{$defs: {"a b": {type: integer}}, properties: {v: {$ref: "#/$defs/a%20b"}}}`, []string{`1`, `1.0`}, []string{`"x"`, `1.5`}},
		{"anchors", `{$defs: {x: {$anchor: id, type: integer}}, properties: {v: {$ref: "#id"}}}`, []string{`1`}, []string{`"x"`}},
		{"recursion", `{properties: {v: {$ref: "#"}, n: {type: integer}}}`, []string{`{"v":{"v":{"n":1}}}`}, []string{`{"v":{"v":{"n":"x"}}}`}},
		{"an identifier of its own", `{$id: "https://acme.test/x", $defs: {a: {$id: a, type: integer}}, properties: {v: {$ref: a}}}`, []string{`1`}, []string{`"x"`}},
		{"an older dialect", `{$schema: "http://json-schema.org/draft-07/schema#", definitions: {a: {type: integer}}, properties: {v: {$ref: "#/definitions/a"}}}`, []string{`1`}, []string{`"x"`}},
		{"tuples", `{properties: {v: {prefixItems: [{type: integer}], items: false}}}`, []string{`[1]`, `[]`}, []string{`["x"]`, `[1,2]`}},
		{"conditions", `{properties: {v: {if: {type: string}, then: {minLength: 2}, else: {type: integer}}}}`, []string{`"ab"`, `1`}, []string{`"a"`, `true`}},
		{"unevaluated", `{properties: {v: {}}, unevaluatedProperties: false}`, []string{`1`}, nil},
		{"characters, not bytes", `{properties: {v: {maxLength: 1, pattern: "^\\p{L}$"}}}`, []string{`"é"`}, []string{`"éé"`, `"1"`}},
		{"big numbers", `{properties: {v: {maximum: 9007199254740992}}}`, []string{`9007199254740992`}, []string{`9007199254740993`}},
		{"equal numbers", `{properties: {v: {const: 1, multipleOf: 0.1}}}`, []string{`1`, `1.0`, `10e-1`}, []string{`"1"`, `2`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, "  - {name: f, parameters: "+c.schema+", url: 'https://api.acme.test/', json: {v: </v>}}\n")
			for _, v := range c.good {
				w.call(t, functions.Call{Function: "f", Arguments: []byte(`{"v":` + v + `}`)})
			}
			for _, v := range c.bad {
				w.refused(t, functions.InvalidArguments, functions.Call{Function: "f", Arguments: []byte(`{"v":` + v + `}`)})
			}
		})
	}
}
