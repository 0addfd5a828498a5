package configs_test

import (
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/egret-proxy/egret/configs"
)

const summarized = `listen: 127.0.0.1:1
admin: {listen: 127.0.0.1:2, key: "${env:V}-0123456789abcdef"}
clients:
  - {name: agent, key: "${env:V}-0123456789abcdef", functions: [f]}
egress:
  allow: [{host: b.test, methods: [GET]}]
limits: {connections: 100}
public_url: https://egret.acme.test
key_stores:
  - {name: vendor, type: JKS, file: STORE, password: "${env:V}-0123456789abcdef"}
trust_stores:
  - {name: partners, type: PEM, file: STORE}
subjects:
  - {name: alice, attributes: {email: a@acme.test, phone: "1"}}
upstreams:
  - {host: a.test, circuit: {failures: 5}}
caches:
  - {name: acme, ttl: 60s, hosts: [a.test]}
  - {name: results, ttl: 60s}
  - {name: stored, ttl: 60s, hosts: [a.test]}
  - {name: made, ttl: 60s, hosts: [a.test]}
tokens:
  - {name: t, cache: acme, value: "static-value"}
  - {name: u, cache: stored, algorithm: ES256, key_store: vendor, issuer: me, encrypt: {algorithm: RSA-OAEP, trust_store: partners}}
  - {name: v, cache: made, algorithm: ES256, jwk: {enabled: true}, claims: {sub: alice}, subject_claims: [email]}
functions:
  - {name: f, url: "https://a.test/", cache: results}
  - {name: g, url: "https://a.test/"}
`

// TestChanges changes one thing of a file and looks what is said to be changed.
func TestChanges(t *testing.T) {
	tests := []struct {
		what, old, new, env string
		want                []configs.Change
	}{
		{what: "nothing"},
		{what: "comment", old: "limits:", new: "# a comment\nlimits:"},
		{what: "default written out", old: "limits: {", new: "limits: {idle_timeout: 75s, "},
		{what: "rules elsewhere in the file", old: "egress:\n", new: "egress:\n  default: deny\n"},
		{what: "listen", old: "127.0.0.1:1", new: "127.0.0.1:3", want: []configs.Change{{"listen", "", "changed"}}},
		{what: "state", old: "limits:", new: "state: elsewhere\nlimits:", want: []configs.Change{{"state", "", "changed"}}},
		{what: "limits", old: "connections: 100", new: "connections: 101", want: []configs.Change{{"limits", "", "changed"}}},
		{what: "journal", old: "limits:", new: "journal: {entries: 10}\nlimits:", want: []configs.Change{{"journal", "", "changed"}}},
		{what: "rule", old: "[GET]", new: "[GET, HEAD]", want: []configs.Change{{"egress", "", "changed"}}},
		{what: "scheme of a rule", old: "[GET]", new: "[GET], schemes: [https]", want: []configs.Change{{"egress", "", "changed"}}},
		{what: "client of a rule", old: "[GET]", new: "[GET], clients: [agent]", want: []configs.Change{{"egress", "", "changed"}}},
		{what: "range", old: "egress:\n", new: "egress:\n  allow_private: [10.0.0.0/8]\n", want: []configs.Change{{"egress", "", "changed"}}},
		{what: "environment", env: "w", want: []configs.Change{{"admin", "", "changed"}, {"clients", "agent", "changed"}, {"key_stores", "vendor", "changed"}, {"tokens", "u", "changed"}}},
		{what: "public URL, and so an issuer", old: "https://egret", new: "https://other", want: []configs.Change{{"public_url", "", "changed"}, {"tokens", "v", "changed"}}},
		{what: "circuit", old: "failures: 5", new: "failures: 6", want: []configs.Change{{"upstreams", "a.test", "changed"}}},
		{what: "attribute", old: "a@acme", new: "b@acme", want: []configs.Change{{"subjects", "alice", "changed"}, {"tokens", "v", "changed"}}},
		{what: "attribute that no token has", old: `"1"`, new: `"2"`, want: []configs.Change{{"subjects", "alice", "changed"}}},
		{what: "trust store", old: "PEM, file: STORE", new: "PEM, file: OTHER", want: []configs.Change{{"trust_stores", "partners", "changed"}, {"tokens", "u", "changed"}}},
		{what: "type of a store", old: "type: JKS", new: "type: PKCS12", want: []configs.Change{{"key_stores", "vendor", "changed"}, {"tokens", "u", "changed"}}},
		{what: "recipient", old: "RSA-OAEP,", new: "RSA-OAEP-256,", want: []configs.Change{{"tokens", "u", "changed"}}},
		{what: "key alias of a store", old: "key_store: vendor", new: "key_store: vendor, key_alias: a", want: []configs.Change{{"tokens", "u", "changed"}}},
		{what: "rights of a client", old: "functions: [f]", new: "functions: [f, g]", want: []configs.Change{{"clients", "agent", "changed"}}},
		{what: "cache, and so its token", old: "60s, hosts", new: "90s, hosts", want: []configs.Change{{"caches", "acme", "changed"}, {"tokens", "t", "changed"}}},
		{what: "description", old: "name: results", new: "name: results, description: x", want: []configs.Change{{"caches", "results", "changed"}}},
		{what: "token", old: "static-value", new: "another-value", want: []configs.Change{{"tokens", "t", "changed"}}},
		{what: "name", old: "name: g", new: "name: h", want: []configs.Change{{"functions", "g", "removed"}, {"functions", "h", "added"}}},
		{what: "order", old: "  - {name: acme, ttl: 60s, hosts: [a.test]}\n  - {name: results, ttl: 60s}\n", new: "  - {name: results, ttl: 60s}\n  - {name: acme, ttl: 60s, hosts: [a.test]}\n"},
	}
	before := summary(t, summarized, "v")
	for _, test := range tests {
		if !strings.Contains(summarized, test.old) {
			t.Fatalf("%s: the file has no %q", test.what, test.old)
		}
		env := test.env
		if env == "" {
			env = "v"
		}
		after := summary(t, strings.Replace(summarized, test.old, test.new, 1), env)
		if diff := cmp.Diff(test.want, configs.Changes(before, after)); diff != "" {
			t.Errorf("%s: changes (-want +got):\n%s", test.what, diff)
		}
	}
}

// TestSummaryIsWhole holds the sections of a summary against the keys of the
// format, so that a new one is not forgotten.
func TestSummaryIsWhole(t *testing.T) {
	sections := map[string]bool{"include": true} // which has no meaning beside that of what is included
	for _, entry := range summary(t, summarized, "v") {
		sections[entry.Section] = true
	}
	for _, key := range configs.Sections()[""].Keys {
		if !sections[key] {
			t.Errorf("the summary has nothing of %s", key)
		}
	}
}

// No text of a secret is in a summary.
func TestSummaryHidesSecrets(t *testing.T) {
	for _, entry := range summary(t, summarized, "v") {
		for _, secret := range []string{"v-0123456789abcdef", "static-value"} {
			if strings.Contains(entry.Section+entry.Name+entry.Digest, secret) {
				t.Errorf("the summary has %q", secret)
			}
		}
	}
}

func summary(t *testing.T, text, env string) []configs.Entry {
	t.Helper()
	directory := "/etc/egret" // that of state is a part of it
	for word, file := range map[string]string{"STORE": "text.txt", "OTHER": "vendor.json"} {
		path, err := filepath.Abs(filepath.Join("testdata", "shared", file))
		must(t, err)
		text = strings.ReplaceAll(text, word, strconv.Quote(path))
	}
	cfg, problems := configs.Parse(filepath.Join(directory, "egret.yaml"), []byte(text), configs.ReadOptions{
		Getenv: func(string) (string, bool) { return env, true },
	})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return cfg.Summary()
}
