package configs_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/egret-proxy/egret/configs"
)

const digested = `caches:
  - {name: acme, ttl: 60s, hosts: [a.test]}
tokens:
  - {name: t, cache: acme, value: "${env:V}", }
functions:
  - {name: f, url: "https://a.test/${env:V}", query: {a: "1", b: "2"}}
`

// TestDigest changes one thing and looks which digests change with it.
func TestDigest(t *testing.T) {
	first := digests(t, digested, "v")
	for _, test := range []struct {
		what, old, new, env string
		token, function     bool // change
	}{
		{what: "nothing"},
		{what: "comment and layout", old: "tokens:\n", new: "# A comment\ntokens:\n\n"},
		{what: "order of members", old: `{a: "1", b: "2"}`, new: `{b: "2", a: "1"}`},
		{what: "quotes", old: `name: f`, new: `name: "f"`},
		{what: "description of the cache", old: "ttl: 60s", new: "ttl: 60s, description: x"},
		{what: "ttl of the cache", old: "60s", new: "61s", token: true},
		{what: "hosts of the cache", old: "[a.test]", new: "[a.test, b.test]", token: true},
		{what: "cleartext of the cache", old: "ttl: 60s", new: "ttl: 60s, cleartext: true", token: true},
		{what: "surfaces of the cache", old: "ttl: 60s", new: "ttl: 60s, surfaces: [header, body]", token: true},
		{what: "id of the cache", old: "ttl: 60s", new: "ttl: 60s, id: 11111111-2222-3333-4444-555555555555", token: true},
		{what: "environment", env: "w", token: true, function: true},
		{what: "number for text", old: `"1"`, new: `1`, function: true},
		{what: "timeout", old: "name: f,", new: "name: f, timeout: 5s,", function: true},
	} {
		env := test.env
		if env == "" {
			env = "v"
		}
		now := digests(t, strings.Replace(digested, test.old, test.new, 1), env)
		if token, function := now[0] != first[0], now[1] != first[1]; token != test.token || function != test.function {
			t.Errorf("%s: got token changed %t and function changed %t, want %t and %t", test.what, token, function, test.token, test.function)
		}
	}
}

func digests(t *testing.T, text, env string) [2]string {
	t.Helper()
	cfg, problems := configs.Parse(filepath.Join(t.TempDir(), "egret.yaml"), []byte(text), configs.ReadOptions{
		Getenv: func(string) (string, bool) { return env, true },
	})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return [2]string{cfg.Tokens[0].Digest, cfg.Functions[0].Digest}
}
