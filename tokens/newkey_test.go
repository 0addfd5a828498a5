package tokens_test

import (
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"strings"
	"testing"
	"time"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/tokens"
)

// A key that egret makes must be one that egret takes, for every algorithm.
func TestNewKey(t *testing.T) {
	for _, alg := range tokens.Algorithms() {
		key, err := tokens.NewKey(alg)
		if err != nil {
			t.Fatalf("%s: %v", alg, err)
		}
		token, err := tokens.New(configs.Token{
			Name: "new", Algorithm: alg, KeyType: key.Type, Key: key.Private, Claims: json.RawMessage(`{"aud":"acme"}`),
		}, time.Minute)
		if err != nil {
			t.Errorf("%s with key_type %s: %v", alg, key.Type, err)
			continue
		}
		if warnings := token.Warnings(); len(warnings) > 0 {
			t.Errorf("%s: the new key is warned of: %v", alg, warnings)
		}
		checkPublic(t, alg, key.Public)
	}
}

// checkPublic wants a public key in PEM, but for algorithms without one.
func checkPublic(t *testing.T, alg, public string) {
	t.Helper()
	if strings.HasPrefix(alg, "HS") {
		if public != "" {
			t.Errorf("%s: a secret has a public half", alg)
		}
		return
	}
	block, _ := pem.Decode([]byte(public))
	if block == nil || block.Type != "PUBLIC KEY" {
		t.Errorf("%s: the public key is no PEM", alg)
		return
	}
	if _, err := x509.ParsePKIXPublicKey(block.Bytes); err != nil {
		t.Errorf("%s: %v", alg, err)
	}
}

func TestNewKeyOfUnknownAlgorithm(t *testing.T) {
	_, err := tokens.NewKey("RS1")
	if err == nil || !strings.Contains(err.Error(), `"RS1"`) {
		t.Errorf("got error %v, want one that names RS1", err)
	}
}
