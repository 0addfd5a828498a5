package configs_test

import (
	"bytes"
	"os"
	"slices"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/egret-proxy/egret/configs"
)

// FuzzSchema holds the schema against the decoder: an editor must not mark what
// egret takes.
func FuzzSchema(f *testing.F) {
	for _, file := range slices.Concat(exampleFiles(f), filesOf(f, "testdata/valid/*.yaml"), filesOf(f, "testdata/invalid/*.yaml")) {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	for _, text := range []string{
		"{}",
		"listen: 10.0.0.1:1\nclients: [{name: a, key: 0123456789abcdef}]",
		"listen: LocalHost.:1\nadmin: '[::ffff:127.0.0.1]:0'",
		"listen: :80\nclients: [{name: a, key: ääääääää, functions: [], caches: []}]",
		"egress: {allow: [localhost, '*.a_b.test.:*', '[::1]:8080', '::1', 127.0.0.1., 10.0.0.1:65535, A.test:00080], allow_private: ['::/0', 10.0.0.1]}",
		"egress: {allow: [{host: a.test, paths: [/, /a.b/*, /.a, /a%20b, '/..*', /a;b], methods: [X-A_1]}]}",
		"caches: [{name: a, ttl: 1h1.5m.5s, id: AAAAAAAA-2222-3333-4444-555555555555}]\ntokens: [{name: t, cache: a, value: x}]",
		"limits: {header_bytes: '4096', header_timeout: +1.s, connections: 0x10, upstream_idle: +5}",
		"functions: [{name: a, url: 'HTTP://A.test:?x=1', json: {a: [null, 1.5, .5]}, headers: {x-A: 1}}]",
		"functions: [{name: a, url: 'https://[::1]:80#', method: HEAD, query: {a: true}, timeout: 1ms}]",
		"functions: [{name: a, url: https://a.test, headers: {content-TYPE: 'text/plain'}, body: 5}]",
		"functions: [{name: a, url: 'https://${env:HOST}', headers: {TEA: '${env:EMPTY}'}, parameters: {$ref: '#/$defs/a', properties: {}}, fixed: {}}]",
	} {
		f.Add([]byte(text))
	}
	schema := compiled(f)
	f.Fuzz(func(t *testing.T, text []byte) {
		if _, problems := configs.Parse("testdata/valid/egret.yaml", text, options()); len(problems) > 0 {
			return
		}
		encoded, ok := configs.AsJSON(text)
		if !ok {
			return
		}
		document, err := jsonschema.UnmarshalJSON(bytes.NewReader(encoded))
		if err != nil {
			t.Fatalf("got %s of %q, which is no JSON: %v", encoded, text, err)
		}
		if err := schema.Validate(document); err != nil {
			t.Errorf("of %q the schema refuses: %v", text, err)
		}
	})
}
