package configs_test

import (
	"path/filepath"
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
caches:
  - {name: acme, ttl: 60s, hosts: [a.test]}
  - {name: results, ttl: 60s}
tokens:
  - {name: t, cache: acme, value: "static-value"}
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
		{what: "range", old: "egress:\n", new: "egress:\n  allow_private: [10.0.0.0/8]\n", want: []configs.Change{{"egress", "", "changed"}}},
		{what: "environment", env: "w", want: []configs.Change{{"admin", "", "changed"}, {"clients", "agent", "changed"}}},
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
	cfg, problems := configs.Parse(filepath.Join(directory, "egret.yaml"), []byte(text), configs.ReadOptions{
		Getenv: func(string) (string, bool) { return env, true },
	})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return cfg.Summary()
}
