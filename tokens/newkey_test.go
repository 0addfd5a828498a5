package tokens_test

import (
	"crypto"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/tokens"
)

// A key that egret makes must be one that egret takes, for every algorithm. Of
// RSA keys one has the size that they have when nobody says, which takes long.
func TestNewKey(t *testing.T) {
	for _, alg := range tokens.Algorithms() {
		bits := 0
		if strings.HasPrefix(alg, "PS") || alg == "RS384" || alg == "RS512" {
			bits = 2048
		}
		key, err := tokens.NewKeyOfSize(alg, bits)
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
		checkPublic(t, token, alg, key.Public)
	}
}

// checkPublic wants a JWK that verifies what the key signs, and none for
// algorithms without a public key.
func checkPublic(t *testing.T, token *tokens.Token, alg, public string) {
	t.Helper()
	if strings.HasPrefix(alg, "HS") {
		if public != "" {
			t.Errorf("%s: a secret has a public half", alg)
		}
		return
	}
	var key jose.JSONWebKey
	if err := json.Unmarshal([]byte(public), &key); err != nil {
		t.Errorf("%s: %v", alg, err)
		return
	}
	sum := must(key.Thumbprint(crypto.SHA256))
	if !key.IsPublic() || key.Algorithm != alg || key.Use != "sig" || key.KeyID != base64.RawURLEncoding.EncodeToString(sum) {
		t.Errorf("%s: public JWK %s, want alg, use and its thumbprint as kid", alg, public)
	}
	if strings.Count(public, "\n") != 1 || !strings.HasSuffix(public, "\n") {
		t.Errorf("%s: the public JWK is not one line", alg)
	}
	checkSigns(t, token, alg, key.Key)
}

func TestNewKeyOfSize(t *testing.T) {
	key, err := tokens.NewKeyOfSize("PS256", 2048)
	if err != nil {
		t.Fatal(err)
	}
	var public jose.JSONWebKey
	if err := json.Unmarshal([]byte(key.Public), &public); err != nil {
		t.Fatal(err)
	}
	if bits := public.Key.(*rsa.PublicKey).N.BitLen(); bits != 2048 {
		t.Errorf("the key has %d bits, want 2048", bits)
	}
	for _, c := range []struct {
		alg  string
		bits int
		want string
	}{
		{"RS256", 2047, `cannot make a key for algorithm="RS256": 2047 bits are not between 2048 and 8192`},
		{"RS256", 8193, `cannot make a key for algorithm="RS256": 8193 bits are not between 2048 and 8192`},
		{"RS256", -1, `cannot make a key for algorithm="RS256": -1 bits are not between 2048 and 8192`},
		{"ES256", 256, `cannot make a key for algorithm="ES256": only an RSA key has a size to choose`},
		{"HS256", 2048, `cannot make a key for algorithm="HS256": only an RSA key has a size to choose`},
	} {
		if _, err := tokens.NewKeyOfSize(c.alg, c.bits); err == nil || err.Error() != c.want {
			t.Errorf("%s with %d bits: %v, want %s", c.alg, c.bits, err, c.want)
		}
	}
}

func TestNewKeyOfUnknownAlgorithm(t *testing.T) {
	_, err := tokens.NewKey("RS1")
	if err == nil || !strings.Contains(err.Error(), `"RS1"`) {
		t.Errorf("got error %v, want one that names RS1", err)
	}
}
