package tokens_test

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/tokens"
)

// keyVectors are the keys of the RFCs that are keys to sign with, by name, with
// the sentence about those that are not.
var keyVectors = map[string]struct{ algorithm, refusal string }{
	"RFC 7517 A.1 EC":                   {"ES256", "key: use of the JWK is not sig"},
	"RFC 7517 A.1 RSA":                  {"RS256", publicJWK},
	"RFC 7517 A.2 EC":                   {"ES256", "key: use of the JWK is not sig"},
	"RFC 7517 A.2 RSA and RFC 7638 3.1": {"RS256", ""},
	"RFC 7517 A.3 wrapping":             {"HS256", "key: alg of the JWK is not HS256"},
	"RFC 7517 A.3 HMAC":                 {"HS256", ""},
	"RFC 8037 A.1 and RFC 8037 A.3":     {"EdDSA", ""},
	"RFC 8037 A.2":                      {"EdDSA", publicJWK},
}

const publicJWK = "key: this is a public key"

// TestKeyVectors has the examples of JWKs: what is a key to sign with is taken,
// and where an RFC says what its thumbprint is, that is the kid.
func TestKeyVectors(t *testing.T) {
	vectors := readVectors[struct {
		Name, Thumbprint string
		Key              json.RawMessage
	}](t, "keys")
	if len(vectors) != len(keyVectors) {
		t.Errorf("%d vectors, want %d", len(vectors), len(keyVectors))
	}
	for _, v := range vectors {
		t.Run(v.Name, func(t *testing.T) {
			want, ok := keyVectors[v.Name]
			if !ok {
				t.Fatal("it is not in the table")
			}
			checkSigningJWK(t, want.algorithm, v.Key, want.refusal, v.Thumbprint)
		})
	}
}

// checkSigningJWK signs with a private JWK, or is refused with a sentence. With
// a thumbprint, that must be the kid of the token.
func checkSigningJWK(t *testing.T, algorithm string, key json.RawMessage, refusal, thumbprint string) {
	t.Helper()
	cfg := configs.Token{Algorithm: algorithm, KeyType: "Jwk", Key: configs.NewSecret(string(key))}
	if thumbprint != "" {
		cfg.KeyID = configs.KeyIDThumbprint
	}
	token, err := tokens.New(cfg, ttl)
	if sentenceOf(err) != refusal {
		t.Fatalf("New = %v, want %q", err, refusal)
	}
	if refusal != "" {
		return
	}
	compact := makeValue(t, token, noon)
	if signed, sig := split(t, compact); !verify(pairingOf(t, algorithm, key), signed, sig) {
		t.Errorf("%s does not verify", compact)
	}
	header, err := base64.RawURLEncoding.DecodeString(strings.Split(compact, ".")[0])
	if err != nil {
		t.Fatal(err)
	}
	if got := gjson.GetBytes(header, "kid").Str; thumbprint != "" && got != thumbprint {
		t.Errorf("kid = %q, want %q", got, thumbprint)
	}
}
