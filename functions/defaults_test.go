package functions_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/functions"
)

const withDefaults = `
  - name: f
    parameters:
      $defs:
        page: {type: integer, default: 1}
        node:
          type: object
          properties:
            value: {type: number, default: 0.10}
            next: {$ref: "#/$defs/node"}
      properties:
        a: {default: "<&\""}
        b: {default: null}
        c: {type: array, default: [1, {x: 2.50}]}
        page: {$ref: "#/$defs/page"}
        size: {$ref: "#/$defs/page", default: 20}
        deep:
          type: object
          properties:
            inner: {type: object, properties: {z: {type: boolean, default: true}, y: {}}}
            own: {type: object, properties: {v: {default: 1}}, default: {}}
        list: {$ref: "#/$defs/node"}
        "é": {default: e}
    url: https://api.acme.test/
    json: {a: </a>, b: </b>, c: </c>, page: </page>, size: </size>, deep: </deep>, list: </list>, e: </é>}
`

func TestDefaults(t *testing.T) {
	w := newWorld(t, withDefaults)
	const rest = `,"c":[1,{"x":2.50}],"page":1,"size":20`
	for _, c := range []struct{ name, arguments, want string }{
		{"all are left out", ``, `{"a":"<&\"","b":null` + rest + `,"e":"e"}`},
		{"white space", " { } ", `{"a":"<&\"","b":null` + rest + `,"e":"e"}`},
		{"what is sent stays", `{"a":1,"b":2,"c":[],"page":4,"size":5,"é":"6"}`, `{"a":1,"b":2,"c":[],"page":4,"size":5,"e":"6"}`},
		{"null is sent", `{"a":null}`, `{"a":null,"b":null` + rest + `,"e":"e"}`},
		{"names with escapes", `{"\u0061":"x","\u00e9":"y"}`, `{"a":"x","b":null` + rest + `,"e":"y"}`},
		{"a parent that is there", `{"deep":{}}`, `{"a":"<&\"","b":null` + rest + `,"deep":{"own":{}},"e":"e"}`},
		{"a parent in it", `{"deep":{"inner":{"y":1},"own":{"v":2}, "other":3}}`, `{"a":"<&\"","b":null` + rest + `,"deep":{"inner":{"y":1,"z":true},"own":{"v":2}, "other":3},"e":"e"}`},
		{"a default is not filled itself", `{"deep":{"inner":{"z":false}}}`, `{"a":"<&\"","b":null` + rest + `,"deep":{"inner":{"z":false},"own":{}},"e":"e"}`},
		{"a schema that refers to itself", `{"list":{"next":{"value":2,"next":{}}}}`, `{"a":"<&\"","b":null` + rest + `,"list":{"next":{"value":2,"next":{"value":0.10}},"value":0.10},"e":"e"}`},
	} {
		if got := string(w.request(t, "f", c.arguments).Body); got != c.want {
			t.Errorf("%s: the body is\n%s\nwant\n%s", c.name, got, c.want)
		}
	}
}

// What a caller left out is not what makes arguments right.
func TestDefaultsAfterValidation(t *testing.T) {
	w := newWorld(t, `
  - name: f
    parameters: {required: [a], maxProperties: 1, properties: {a: {default: 1}, b: {default: 2}}}
    url: https://api.acme.test/
    json: {a: </a>, b: </b>}
`)
	w.refused(t, functions.InvalidArguments, functions.Call{Function: "f"})
	if got, want := string(w.request(t, "f", `{"a":3}`).Body), `{"a":3,"b":2}`; got != want {
		t.Errorf("the body is %s, want %s", got, want)
	}
}

// A default that is a cache ID is held against everything that one of the
// caller's would be.
func TestDefaultCacheID(t *testing.T) {
	w := newWorld(t, `
  - name: f
    parameters: {properties: {auth: {default: `+tokenID+`}}}
    url: https://api.acme.test/
    headers: {Authorization: Bearer </auth>}
  - name: away
    parameters: {properties: {auth: {default: `+awayID+`}}}
    url: https://api.acme.test/
  - name: body
    parameters: {properties: {auth: {default: `+tokenID+`}}}
    url: https://api.acme.test/
    json: {a: </auth>}
`)
	if got, want := header(w.requestOf(t, "alice", "f", ""), "Authorization"), "Bearer live-token"; got != want {
		t.Errorf("Authorization is %q, want %q", got, want)
	}
	w.refused(t, functions.CacheDenied, functions.Call{Function: "f", Client: w.client("carol")})
	w.refused(t, functions.CacheHostDenied, functions.Call{Function: "away", Client: w.client("alice")})
	w.refused(t, functions.SurfaceDenied, functions.Call{Function: "body", Client: w.client("alice")})
}

// What tells one answer from another is what was sent.
func TestDefaultsAndOutputCache(t *testing.T) {
	w := newWorld(t, `
  - name: f
    parameters: {properties: {a: {default: 1}, b: {}}}
    url: https://api.acme.test/
    json: {a: </a>}
    cache: results
`)
	for _, c := range []struct {
		arguments string
		want      functions.Source
	}{{`{}`, functions.FromUpstream}, {`{}`, functions.FromCache}, {`{"a":1}`, functions.FromUpstream}, {``, functions.FromCache}, {`{"\u0061":1}`, functions.FromCache}} {
		if got := w.call(t, functions.Call{Function: "f", Arguments: []byte(c.arguments)}).Source; got != c.want {
			t.Errorf("%s is answered from %s, want %s", c.arguments, got, c.want)
		}
	}
	if got := w.call(t, functions.Call{Function: "f", Arguments: []byte(`{}`)}).Source; got != functions.FromCache {
		t.Errorf("the answer is from %s, want %s", got, functions.FromCache)
	}
}

// A Function whose arguments all have defaults fills its cache by itself.
func TestDefaultsFill(t *testing.T) {
	w := newWorld(t, `
  - name: list
    parameters: {properties: {page: {type: integer, default: 3}}}
    url: https://api.acme.test/list
    query: {page: </page>}
    cache: results
  - name: use
    parameters: {properties: {v: {}}}
    url: https://api.acme.test/use
    json: {v: </v>}
`)
	w.call(t, functions.Call{Function: "use", Arguments: []byte(`{"v":"` + resultID + `"}`)})
	if got, want := w.sender.sent[0].Target, "/list?page=3"; got != want {
		t.Errorf("the cache was filled by %s, want %s", got, want)
	}
}

// A few bytes of arguments must not become gigabytes.
func TestDefaultsAreBounded(t *testing.T) {
	node := func(properties string) string {
		return `
  - name: f
    parameters:
      $defs: {node: {properties: {l: {$ref: "#/$defs/node"}, r: {$ref: "#/$defs/node"}, ` + properties + `}}}
      properties: {v: {$ref: "#/$defs/node"}}
    url: https://api.acme.test/
`
	}
	tree := `{}`
	for range 14 {
		tree = `{"l":` + tree + `,"r":` + tree + `}`
	}
	for _, c := range []struct{ properties, keyword, detail string }{
		{`x: {default: ` + strings.Repeat("x", 100_000) + `}`, "size", "the defaults of what was left out are too large"},
		{`x: {default: [` + strings.Repeat("0,", 9) + `0]}`, "size", "the arguments hold more than 100000 values"},
		{`x: {default: ` + strings.Repeat("[", 40) + strings.Repeat("]", 40) + `}`, "depth", "the arguments are nested deeper than 50 levels"},
	} {
		w := newWorld(t, node(c.properties))
		w.reload(t, "limits: {call_depth: 50}\n"+foundation+node(c.properties))
		sent := tree
		if c.keyword == "depth" {
			sent = strings.Repeat(`{"l":`, 30) + "{}" + strings.Repeat("}", 30)
		}
		refusal := w.refused(t, functions.InvalidArguments, functions.Call{Function: "f", Arguments: []byte(`{"v":` + sent + `}`)})
		want := []functions.ArgumentError{{Keyword: c.keyword, Detail: c.detail}}
		if diff := cmp.Diff(want, refusal.Errors); diff != "" {
			t.Errorf("%.30s: Errors (-want +got):\n%s", c.properties, diff)
		}
	}
}

func TestBadDefaults(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"in a property", withSchema("properties:", "  a: {type: integer, default: x}", "  b: {default: 1}"), []string{
			`egret.yaml:5:37: functions[0].parameters.properties.a.default: the default is none by its schema: must be an integer, not a string`,
		}},
		{"beside a reference, and behind it", withSchema("$defs:", "  n: {type: integer, default: x}", "properties:", "  a: {$ref: '#/$defs/n'}", "  b: {$ref: '#/$defs/n'}", "  c: {$ref: '#/$defs/n', default: [1]}"), []string{
			`egret.yaml:5:37: functions[0].parameters["$defs"].n.default: the default is none by its schema: must be an integer, not a string`,
			`egret.yaml:9:41: functions[0].parameters.properties.c.default: the default is none by its schema: must be an integer, not an array`,
		}},
		{"inside", withSchema("properties:", "  a:", "    properties: {b: {items: {minimum: 3}, default: [3, 1]}}"), []string{
			`egret.yaml:6:62: functions[0].parameters.properties.a.properties.b.default[1]: the default is none by its schema: must be at least 3`,
		}},
		{"no end", withSchema("properties:", "  a: {default: 1"+strings.Repeat("0", 400)+"}"), []string{
			`egret.yaml:5:22: functions[0].parameters.properties.a.default: the default is none by its schema: is a number of more than 400 digits`,
		}},
		{"where nothing is filled in", withSchema("properties:", "  a: {items: {type: integer, default: x}}"), nil},
	} {
		_, err := functions.New(parse(t, c.text), functions.Options{})
		problems, _ := errors.AsType[configs.Problems](err)
		if diff := cmp.Diff(strings.Join(c.want, "\n"), problems.Error()); diff != "" {
			t.Errorf("%s: problems (-want +got):\n%s", c.name, diff)
		}
	}
}
