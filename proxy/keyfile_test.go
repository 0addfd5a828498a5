package proxy_test

import (
	"crypto/ed25519"
	"crypto/x509"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/proxy"
)

// TestKeyFilesInDER: a text loses the line break at its end when it is read from
// a file. A key in DER may end in the same bytes, and is whole nevertheless.
func TestKeyFilesInDER(t *testing.T) {
	for _, end := range []string{"", "\n", "\r\n", "\r", "\n\n", "\n\r"} {
		seed := make([]byte, ed25519.SeedSize)
		copy(seed[len(seed)-len(end):], end)
		der, err := x509.MarshalPKCS8PrivateKey(ed25519.NewKeyFromSeed(seed))
		if err != nil {
			t.Fatal(err)
		}
		directory := t.TempDir()
		if err := os.WriteFile(filepath.Join(directory, "key.der"), der, 0o600); err != nil {
			t.Fatal(err)
		}
		cfg, err := proxy.Parse(filepath.Join(directory, "egret.yaml"), []byte(`
caches: [{name: one, ttl: 1m, hosts: [api.acme.test]}]
tokens: [{name: one, cache: one, algorithm: EdDSA, key_type: EdDer, key: "${file:key.der}"}]
`), configs.ReadOptions{})
		if err != nil {
			t.Errorf("a key that ends in %q: %v", end, err)
			continue
		}
		want := strings.TrimSuffix(string(der), "\n")
		if len(want) < len(der) {
			want = strings.TrimSuffix(want, "\r")
		}
		if got := cfg.Tokens[0].Key.Reveal(); got != want {
			t.Errorf("a key that ends in %q is read as %q", end, got[len(got)-3:])
		}
	}
}
