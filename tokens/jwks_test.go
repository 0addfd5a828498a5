package tokens_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"
	"github.com/tidwall/gjson"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/tokens"
)

// verifyBySet verifies a token as somebody does who has a JWK Set and a library
// that is not egret's: by the key that its "kid" names.
func verifyBySet(compact string, set []byte) error {
	algorithms := []jose.SignatureAlgorithm{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}
	signed, err := jose.ParseSignedCompact(compact, algorithms)
	if err != nil {
		return err
	}
	header := signed.Signatures[0].Header
	text, err := keyNamed(set, header.KeyID)
	if err != nil {
		return err
	}
	var key jose.JSONWebKey
	if err := key.UnmarshalJSON([]byte(text)); err != nil {
		return err
	}
	if !key.IsPublic() || !key.Valid() || key.Use != "sig" || key.Algorithm != "" && key.Algorithm != header.Algorithm {
		return fmt.Errorf("key %q is not one that verifies %s", header.KeyID, header.Algorithm)
	}
	_, err = signed.Verify(key)
	return err
}

// keyNamed gives the one JWK of a set with a kid.
func keyNamed(set []byte, kid string) (string, error) {
	var found []string
	for _, key := range gjson.GetBytes(set, "keys").Array() {
		if key.Get("kid").String() == kid {
			found = append(found, key.Raw)
		}
	}
	if len(found) != 1 {
		return "", fmt.Errorf("there are %d keys named %q", len(found), kid)
	}
	return found[0], nil
}

func verifies(t testing.TB, compact string, set []byte) {
	t.Helper()
	if err := verifyBySet(compact, set); err != nil {
		t.Fatalf("%v; the set is %s", err, set)
	}
}

// published is a Token with a key of its own that it publishes.
func published(algorithm, keyType, key, kid string) configs.Token {
	return configs.Token{Name: "own", ID: "own", Algorithm: algorithm, KeyType: keyType, Key: configs.NewSecret(key), Publish: true, KeyID: kid}
}

// privateMembers are those of JWKs that nobody may see: RFC 7518 sections 6.2.2,
// 6.3.2 and 6.4.1, RFC 8037 section 2.
var privateMembers = []string{"d", "p", "q", "dp", "dq", "qi", "oth", "k"}

// TestPublicKeys: what is published verifies, and is the public half alone.
func TestPublicKeys(t *testing.T) {
	rsaKey, ecKey, edKey := armour("PRIVATE KEY", pkcs8(rsa2048())), armour("PRIVATE KEY", pkcs8(p256())), armour("PRIVATE KEY", pkcs8(ed()))
	for _, c := range []struct {
		cfg     configs.Token
		kid     string // "" for any
		members string
	}{
		{published("RS256", "RsaPem", rsaKey, "thumbprint"), "", "alg e kid kty n use"},
		{published("PS512", "RsaPem", rsaKey, "spki"), "", "alg e kid kty n use"},
		{published("ES256", "EcPem", ecKey, "2026-11"), "2026-11", "alg crv kid kty use x y"},
		{published("EdDSA", "EdPem", edKey, "thumbprint"), "", "alg crv kid kty use x"},
	} {
		token := must(tokens.New(c.cfg, time.Minute))
		made := must(token.Make(t.Context(), time.Now()))
		verifies(t, made.Value.Reveal(), tokens.JWKSet(token.PublicKeys()))
		key := publicMembers(t, token)[0]
		var names []string
		for name := range key {
			names = append(names, name)
		}
		if got := sorted(names); got != c.members {
			t.Errorf("%s: got the members %s, want %s", c.cfg.Algorithm, got, c.members)
		}
		for _, name := range privateMembers {
			if _, ok := key[name]; ok {
				t.Errorf("%s: %s is published", c.cfg.Algorithm, name)
			}
		}
		if key["alg"] != c.cfg.Algorithm || key["use"] != "sig" || key["kid"] != made.KeyID || c.kid != "" && key["kid"] != c.kid {
			t.Errorf("got alg %q, use %q and kid %q, want %q, sig and %q", key["alg"], key["use"], key["kid"], c.cfg.Algorithm, made.KeyID)
		}
		c.cfg.Publish = false
		quiet := must(tokens.New(c.cfg, time.Minute))
		if n := len(quiet.PublicKeys()); n != 0 {
			t.Errorf("%s: %d keys are published that should not", c.cfg.Algorithm, n)
		}
		if !quiet.Holds(token.PublicKeys()[0]) {
			t.Errorf("%s: the Token does not know its own key", c.cfg.Algorithm)
		}
	}
}

func sorted(names []string) string {
	set := map[string]bool{}
	for _, name := range names {
		set[name] = true
	}
	list := []string{}
	for name := range strings.FieldsSeq("alg crv d dp dq e k kid kty n oth p q qi use x y") {
		if set[name] {
			list = append(list, name)
			delete(set, name)
		}
	}
	for name := range set {
		list = append(list, "unknown "+name)
	}
	return strings.Join(list, " ")
}

// TestJWKSet: one key is listed once, and all that it is called.
func TestJWKSet(t *testing.T) {
	key := armour("PRIVATE KEY", pkcs8(rsa2048()))
	keys := func(cfg configs.Token) []tokens.PublicKey { return must(tokens.New(cfg, time.Minute)).PublicKeys() }
	rs, ps := keys(published("RS256", "RsaPem", key, "thumbprint")), keys(published("PS256", "RsaPem", key, "thumbprint"))
	own, ec := keys(published("RS256", "RsaPem", key, "own")), keys(published("ES256", "EcPem", armour("PRIVATE KEY", pkcs8(p256())), "own"))
	thumb := rs[0].KeyID
	for _, c := range []struct {
		name string
		keys [][]tokens.PublicKey
		want []string // kid and alg
	}{
		{"nothing", nil, []string{}},
		{"one", [][]tokens.PublicKey{rs}, []string{thumb + " RS256"}},
		{"twice", [][]tokens.PublicKey{rs, rs, rs}, []string{thumb + " RS256"}},
		{"for two algorithms", [][]tokens.PublicKey{rs, ps, rs}, []string{thumb + " "}},
		{"under two names", [][]tokens.PublicKey{rs, own, own}, []string{thumb + " RS256", "own RS256"}},
		{"two keys of one name", [][]tokens.PublicKey{own, ec, own, ec}, []string{"own RS256", "own ES256"}},
	} {
		var all []tokens.PublicKey
		for _, list := range c.keys {
			all = append(all, list...)
		}
		var set struct{ Keys []struct{ Kid, Alg string } }
		if err := json.Unmarshal(tokens.JWKSet(all), &set); err != nil {
			t.Fatal(err)
		}
		got := []string{}
		for _, k := range set.Keys {
			got = append(got, k.Kid+" "+k.Alg)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
	if string(rs[0].JWK()) == "" || !strings.Contains(string(rs[0].JWK()), `"alg":"RS256"`) {
		t.Error("a set has changed a key")
	}
}
