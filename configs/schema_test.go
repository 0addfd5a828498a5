package configs_test

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/tidwall/gjson"

	"github.com/egret-proxy/egret/configs"
)

// compiled is the schema, which must be a good one.
func compiled(t testing.TB) *jsonschema.Schema {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(configs.Schema()))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	meta, err := compiler.Compile("https://json-schema.org/draft/2020-12/schema")
	if err != nil {
		t.Fatal(err)
	}
	if err := meta.Validate(document); err != nil {
		t.Fatalf("the schema is no schema: %v", err)
	}
	if err := compiler.AddResource("egret.schema.json", document); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("egret.schema.json")
	if err != nil {
		t.Fatalf("the schema does not compile: %v", err)
	}
	return schema
}

// at gives the part of the schema that a JSON Pointer leads to.
func at(pointer string) gjson.Result {
	result := gjson.ParseBytes(configs.Schema())
	for token := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		if pointer != "" {
			result = result.Get(gjson.Escape(token))
		}
	}
	return result
}

func names(r gjson.Result) []string {
	var list []string
	for _, one := range r.Array() {
		list = append(list, one.Str)
	}
	return list
}

// Every key that the decoder knows has a line in the schema, and the other way
// round.
func TestSchemaKeys(t *testing.T) {
	sections := configs.Sections()
	for place, section := range sections {
		keys := slices.Collect(maps.Keys(at(place + "/properties").Map()))
		sorted := cmpopts.SortSlices(strings.Compare)
		if diff := cmp.Diff(section.Keys, keys, sorted); diff != "" {
			t.Errorf("keys of %q (-decoder +schema):\n%s", place, diff)
		}
		if diff := cmp.Diff(section.Needs, names(at(place+"/required")), sorted, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("keys that %q needs (-decoder +schema):\n%s", place, diff)
		}
		if strict := at(place + "/additionalProperties"); strict.Raw != "false" {
			t.Errorf("additionalProperties of %q is %q, want false", place, strict.Raw)
		}
	}
	for place, part := range at("/$defs").Map() {
		if _, ok := sections["/$defs/"+place]; part.Get("properties").Exists() && !ok {
			t.Errorf("$defs has %s, for which there is no section of the decoder", place)
		}
	}
}

// Descriptions are what an editor shows.
func TestSchemaDescriptions(t *testing.T) {
	for place := range configs.Sections() {
		for key, part := range at(place + "/properties").Map() {
			if text := part.Get("description").Str; !strings.HasSuffix(text, ".") {
				t.Errorf("the description of %s in %q is %q, want a sentence", key, place, text)
			}
		}
	}
}

func TestSchemaLimits(t *testing.T) {
	for key, want := range configs.Ranges() {
		part := at("/$defs/limits/properties/" + key)
		standard, err := configs.Limit(key, part.Get("default").String())
		if err != nil {
			t.Errorf("the default of %s: %v", key, err)
		}
		got := configs.Range{
			Default: standard, Least: part.Get("minimum").Int(), Most: part.Get("maximum").Int(),
			Seconds: part.Get(`\$ref`).Str == "#/$defs/duration",
		}
		if want.Seconds { // of whole seconds, those in the range
			const second = 1_000_000_000
			want.Least, want.Most = (want.Least+second-1)/second, want.Most/second
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-decoder +schema):\n%s", key, diff)
		}
	}
}

func TestSchemaEnums(t *testing.T) {
	for place, want := range map[string][]string{
		"/$defs/token/properties/algorithm":      configs.Algorithms,
		"/$defs/token/properties/key_type":       configs.KeyTypes,
		"/$defs/token/properties/sign":           {"ahead", "on_use"},
		"/$defs/encrypt/properties/algorithm":    configs.KeyAlgorithms,
		"/$defs/encrypt/properties/content":      configs.ContentAlgorithms,
		"/$defs/keyStore/properties/type":        configs.KeyStoreTypes,
		"/$defs/trustStore/properties/type":      configs.TrustStoreTypes,
		"/$defs/egress/properties/default":       {string(configs.Deny), string(configs.Allow)},
		"/$defs/cache/properties/surfaces/items": {configs.Header.String(), configs.Query.String(), configs.Body.String()},
	} {
		if diff := cmp.Diff(want, names(at(place+"/enum"))); diff != "" {
			t.Errorf("%s (-decoder +schema):\n%s", place, diff)
		}
	}
}

// What is a default to the decoder is one to the schema.
func TestSchemaDefaults(t *testing.T) {
	cfg := good(t, "caches: [{name: a, ttl: 15m, hosts: [a.test]}]\nfunctions: [{name: f, url: https://a.test}]\n"+
		"tokens: [{name: t, cache: a, algorithm: RS256, jwk: {enabled: true}, encrypt: {algorithm: RSA-OAEP, key: k}}]")
	made := cfg.Tokens[0].JWK
	for place, want := range map[string]string{
		"/properties/listen":                 fmt.Sprint(cfg.Listen),
		"/properties/state":                  filepath.Base(cfg.State),
		"/$defs/egress/properties/default":   string(cfg.Egress.Default),
		"/$defs/cache/properties/cleartext":  "false",
		"/$defs/function/properties/timeout": cfg.Functions[0].Timeout.String(),
		"/$defs/jwk/properties/rotation":     strings.TrimSuffix(made.Rotation.String(), "0m0s"),
		"/$defs/jwk/properties/keep":         strconv.Itoa(made.Keep),
		"/$defs/jwk/properties/size":         strconv.Itoa(made.Size),
		"/$defs/encrypt/properties/content":  cfg.Tokens[0].Encrypt.Content,
		"/$defs/token/properties/publish":    "false",
		"/$defs/token/properties/jti":        "false",
		"/$defs/token/properties/sign":       "ahead",
	} {
		if got := at(place).Get("default").String(); got != want {
			t.Errorf("the default of %s is %q, want %q", place, got, want)
		}
	}
}

// The ends of a range are those of the decoder, and what is beyond them is not.
func TestSchemaRanges(t *testing.T) {
	for place, format := range map[string]string{
		"/$defs/jwk/properties/keep":         "algorithm: RS256, expires_in: 2s, jwk: {enabled: true, keep: %d}",
		"/$defs/jwk/properties/size":         "algorithm: RS256, expires_in: 2s, jwk: {enabled: true, size: %d}",
		"/$defs/jwk/properties/announce":     "algorithm: RS256, jwk: {enabled: true, rotation: 2562047h, announce: %d}",
		"/$defs/jwk/properties/rotation":     "algorithm: RS256, expires_in: 2s, jwk: {enabled: true, rotation: %d}",
		"/$defs/token/properties/expires_in": "algorithm: HS256, shared_key: k, expires_in: %d",
		"/$defs/token/properties/nbf_offset": "algorithm: HS256, shared_key: k, nbf_offset: %d",
		"/$defs/token/properties/min_age":    "algorithm: HS256, shared_key: k, min_age: %d",
		"/$defs/time/properties/iat":         "algorithm: HS256, shared_key: k, time: {iat: %d}",
		"/$defs/time/properties/exp":         "algorithm: HS256, shared_key: k, time: {exp: %d}",
		"/$defs/time/properties/nbf":         "algorithm: HS256, shared_key: k, time: {nbf: %d}",
	} {
		part := at(place)
		least, most := part.Get("minimum"), part.Get("maximum").Int()
		if !least.Exists() {
			least = part.Get("anyOf.0.minimum")
		}
		for value, want := range map[int64]bool{least.Int() - 1: false, least.Int(): true, most: true, most + 1: false} {
			_, problems := parse(t, "caches: [{name: c, ttl: 2562046h, hosts: [a.test]}]\ntokens: [{name: t, cache: c, "+fmt.Sprintf(format, value)+"}]")
			if got := len(problems) == 0; got != want {
				t.Errorf("%s takes %d: %t, want %t as in the schema:\n%s", place, value, got, want, problems)
			}
		}
	}
}

// A schema beside an example is the one that egret has.
func TestSchemaBesideExamples(t *testing.T) {
	files, err := filepath.Glob("examples/*.yaml")
	included, _ := filepath.Glob("examples/*/*.yaml")
	if err != nil || len(files) == 0 || len(included) == 0 {
		t.Fatalf("no examples found (error: %v)", err)
	}
	for _, file := range append(files, included...) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		line, _, _ := strings.Cut(string(text), "\n")
		path, ok := strings.CutPrefix(line, "# yaml-language-server: $schema=")
		if !ok {
			t.Errorf("%s begins with %q, want the line that names its schema", file, line)
			continue
		}
		named, err := os.ReadFile(filepath.Join(filepath.Dir(file), path))
		if err != nil {
			t.Error(err)
		}
		if !bytes.Equal(named, configs.Schema()) {
			t.Errorf("%s names %s, which is not what Schema gives", file, path)
		}
	}
}

// Editors read patterns as ECMA-262 does with its flag u, which knows fewer
// escapes than Go, and none of its flags and groups.
func TestSchemaPatterns(t *testing.T) {
	text := string(configs.Schema())
	patterns := regexp.MustCompile(`(?m)"pattern": ("(?:[^"\\]|\\.)*")|("(?:[^"\\]|\\.)*"): \{$`).FindAllStringSubmatch(text, -1)
	if len(patterns) < 20 {
		t.Fatalf("found %d patterns, want 20 or more", len(patterns))
	}
	escape, group := regexp.MustCompile(`\\(x[0-9A-F]{2}|.)`), regexp.MustCompile(`\(\?`)
	for _, match := range patterns {
		pattern := gjson.Parse(match[1] + match[2]).Str
		for _, e := range escape.FindAllString(pattern, -1) {
			if len(e) == 2 && !strings.Contains(`$(){}[].*+?^|/\sSdDwW`, e[1:]) {
				t.Errorf("pattern %s has the escape %s", pattern, e)
			}
		}
		if group.MatchString(pattern) {
			t.Errorf("pattern %s has a group with (?", pattern)
		}
	}
}
