package configs_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/egret-proxy/egret/configs"
)

func TestVariables(t *testing.T) {
	const caches = "caches:\n" +
		"  - {name: acme, description: Acme, ttl: 1h, hosts: [api.acme.test]}\n" +
		"  - {name: other, description: Other, ttl: 1h, hosts: [api.other.test]}\n"
	tests := []struct {
		name, yaml string
		want       []configs.Variable
	}{
		{name: "none", yaml: "listen: 127.0.0.1:0\n"},
		{
			name: "the whole value of a Token",
			yaml: caches + "tokens:\n  - {name: a, cache: acme, value: \"${env:ACME_KEY}\"}\n",
			want: []configs.Variable{{Name: "ACME_KEY", Cache: "acme"}},
		},
		{
			name: "with a default",
			yaml: caches + "tokens:\n  - {name: a, cache: acme, value: \"${env:UNSET:-0123456789}\"}\n",
			want: []configs.Variable{{Name: "UNSET", Cache: "acme"}},
		},
		{
			name: "a part of the value of a Token",
			yaml: caches + "tokens:\n  - {name: a, cache: acme, value: \"Bearer ${env:ACME_KEY}\"}\n",
			want: []configs.Variable{{Name: "ACME_KEY"}},
		},
		{
			name: "two in one value",
			yaml: caches + "tokens:\n  - {name: a, cache: acme, value: \"${env:ACME_KEY}${env:HOST}\"}\n",
			want: []configs.Variable{{Name: "ACME_KEY"}, {Name: "HOST"}},
		},
		{
			name: "of two Tokens, and elsewhere",
			yaml: "public_url: https://${env:HOST}\n" + caches + "tokens:\n" +
				"  - {name: b, cache: other, value: \"${env:ACME_KEY}\"}\n  - {name: a, cache: acme, value: \"${env:ACME_KEY}\"}\n" +
				"functions:\n  - {name: f, url: \"https://${env:HOST}/\", headers: {X-Key: \"${env:ACME_KEY}\"}}\n",
			want: []configs.Variable{{Name: "ACME_KEY", Cache: "other"}, {Name: "HOST"}},
		},
		{
			name: "the key of a Token, a literal and a file",
			yaml: caches + "tokens:\n  - {name: a, cache: acme, algorithm: HS256, key_type: Secret, key: \"${env:SIGNING}\"}\n" +
				"  - {name: b, cache: other, value: \"$${env:LITERAL}\"}\nadmin: {listen: \"127.0.0.1:0\", key: \"${file:admin.key}\"}\n",
			want: []configs.Variable{{Name: "SIGNING"}},
		},
		{
			name: "in an included file",
			yaml: "include: [more.yaml]\n",
			want: []configs.Variable{{Name: "ACME_KEY", Cache: "acme"}},
		},
	}
	environment := map[string]string{
		"ACME_KEY": "canary-0123456789", "HOST": "host.test", "SIGNING": "0123456789abcdef0123456789abcdef",
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			for name, text := range map[string]string{
				"egret.yaml": tt.yaml, "admin.key": "0123456789abcdef0123456789abcdef",
				"more.yaml": caches + "tokens:\n  - {name: a, cache: acme, value: \"${env:ACME_KEY}\"}\n",
			} {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			cfg, err := configs.Load(filepath.Join(dir, "egret.yaml"), configs.ReadOptions{Getenv: func(name string) (string, bool) {
				value, ok := environment[name]
				return value, ok
			}})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, cfg.Variables()); diff != "" {
				t.Errorf("variables (-want +got):\n%s", diff)
			}
		})
	}
}
