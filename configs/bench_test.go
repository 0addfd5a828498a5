package configs_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/egret-proxy/egret/configs"
)

func BenchmarkParse(b *testing.B) {
	data, err := os.ReadFile("testdata/valid/whole.yaml")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, problems := configs.Parse("testdata/valid/whole.yaml", data, options()); len(problems) > 0 {
			b.Fatal(problems)
		}
	}
}

// BenchmarkLoad reads token caches in files of 1,000. The time per cache must
// not depend on how many there are.
func BenchmarkLoad(b *testing.B) {
	for _, files := range []int{1, 10, 100} {
		b.Run(fmt.Sprintf("caches=%d", files*1000), func(b *testing.B) {
			file := filepath.Join(tree(b, manyFiles(files)), "egret.yaml")
			b.ReportAllocs()
			for b.Loop() {
				cfg, err := configs.Load(file, options())
				if err != nil || len(cfg.Tokens) != files*1000 {
					b.Fatal("cannot load:", err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*files*1000), "ns/cache")
		})
	}
}

// manyFiles are files with 1,000 caches and the Tokens that fill them, and a
// client that may name each of them.
func manyFiles(files int) map[string]string {
	all := map[string]string{"egret.yaml": "include: [conf.d/*.yaml]\n"}
	for f := range files {
		var caches, tokens, names strings.Builder
		for i := range 1000 {
			name := fmt.Sprintf("cache-%03d-%03d", f, i)
			fmt.Fprintf(&caches, "  - name: %s\n    description: the token of tenant %d\n    ttl: 15m\n    hosts: [api.acme.test]\n", name, i)
			fmt.Fprintf(&tokens, "  - name: jwt-%[1]s\n    cache: %[1]s\n    algorithm: HS256\n    key_type: Secret\n    key: ${env:CANARY}0123456789abcdef0123456789abcdef\n    claims: {iss: egret, sub: %[1]s, aud: acme}\n", name)
			fmt.Fprintf(&names, "%s, ", name)
		}
		all[fmt.Sprintf("conf.d/%03d.yaml", f)] = fmt.Sprintf("clients:\n  - name: client-%d\n    key: 0123456789abcdef\n    caches: [%s]\ncaches:\n%stokens:\n%s",
			f, names.String(), caches.String(), tokens.String())
	}
	return all
}
