package tokens_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/tokens"
)

// generatedCases has every algorithm with keys that egret makes. The programs
// get the public key as it is published.
func generatedCases(t *testing.T) (cases []foreignCase, refused int) {
	t.Helper()
	for _, algorithm := range tokens.Algorithms() {
		name := algorithm + " jwk"
		cfg := configs.Token{
			ID: algorithm, Algorithm: algorithm, JWK: &configs.JWK{Size: 2048, Keep: 2}, Publish: true, KeyID: configs.KeyIDThumbprint,
			Claims: json.RawMessage(fmt.Sprintf(`{"iss":%q}`, name)),
		}
		token, err := tokens.New(cfg, ttl)
		kind := kindFor(algorithm)
		if isSecret(kind) {
			refused++
			checkRefusal(t, name, err, "publish: "+algorithm+" signs with a secret, which is never published")
			continue
		}
		if err != nil {
			t.Errorf("%s: %v, want a token", name, err)
			continue
		}
		ring, ok := token.Ring()
		if !ok {
			t.Fatalf("%s: the Token has no ring", name)
		}
		token = token.With(must(tokens.NewKeyring(ring, tokens.KeyringOptions{})))
		c := signatureCase(t, name, algorithm, kind, makeValue(t, token, time.Now()))
		c.Key = json.RawMessage(gjson.GetBytes(tokens.JWKSet(token.PublicKeys()), "keys.0").Raw)
		cases = append(cases, c)
	}
	return cases, refused
}
