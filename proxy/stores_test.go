package proxy_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/proxy"
)

// vendorStore copies a key store with an EC key on P-256 called acme.
func vendorStore(t *testing.T) (directory string) {
	t.Helper()
	directory = t.TempDir()
	data, err := os.ReadFile("../tokens/testdata/keys/openssl.p12")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(directory, "vendor.p12"), data, 0o600); err != nil {
		t.Fatal(err)
	}
	return directory
}

// TestStoresOfConfiguration: what is wrong with a store stands where the store
// does, and once, however many Tokens refer to it; what is wrong with the choice
// of a key stands where the Token does.
func TestStoresOfConfiguration(t *testing.T) {
	for name, c := range map[string]struct{ store, algorithm, alias, want string }{
		"sound":          {"type: PKCS12, password: correct-horse", "ES256", "key_alias: acme", ""},
		"only key":       {"type: PKCS12, password: '{xor}PDAtLTo8K3I3MC0sOg=='", "ES256", "", ""},
		"wrong password": {"type: PKCS12, password: canary", "ES256", "", "key_stores[0].password: the password does not open the store"},
		"no password":    {"type: PKCS12", "ES256", "", "key_stores[0].password: password is missing"},
		"wrong type":     {"type: JKS, password: correct-horse", "ES256", "", "key_stores[0].type: this is a PKCS#12 file, type says JKS"},
		"unknown alias":  {"type: PKCS12, password: correct-horse", "ES256", "key_alias: acne", `tokens[0].key_alias: key store "vendor" has no alias "acne"`},
		"wrong curve":    {"type: PKCS12, password: correct-horse", "ES384", "", `tokens[0].key_store: key is on P-256, ES384 needs P-384`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := proxy.Parse(filepath.Join(vendorStore(t), "egret.yaml"), []byte(`
key_stores:
  - {name: vendor, file: vendor.p12, `+c.store+`}
caches: [{name: one, ttl: 1m, hosts: [api.acme.test]}, {name: two, ttl: 1m, hosts: [api.acme.test]}]
tokens: [{name: one, cache: one, algorithm: `+c.algorithm+`, key_store: vendor, `+c.alias+`}, {name: two, cache: two, algorithm: ES256, key_store: vendor, key_alias: acme}]
`), configs.ReadOptions{})
			var got string
			problems, _ := errors.AsType[configs.Problems](err)
			for _, p := range problems {
				got += p.Path + ": " + p.Message
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}
