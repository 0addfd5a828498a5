package tokens_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rsa"
	"encoding/base64"
	"fmt"
	"maps"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/go-cmp/cmp"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/tokens"
)

const ttl = 15 * time.Minute

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// A pairing is an algorithm with a key of each type that fits.
type pairing struct {
	algorithm string
	hash      crypto.Hash
	private   any
	public    any               // of golang-jwt's parser
	keys      map[string]string // by key type
}

func pairings() []pairing {
	secrets := map[string]string{
		"Secret":              text64,
		"Base64Secret":        base64.StdEncoding.EncodeToString([]byte(text64)),
		"UrlSafeBase64Secret": base64.RawURLEncoding.EncodeToString([]byte(text64)),
		"Jwk":                 jwkOf([]byte(text64)),
	}
	rsaKeys := map[string]string{"RsaPem": armour("PRIVATE KEY", pkcs8(rsa2048())), "RsaDer": b64(pkcs8(rsa2048())), "Jwk": jwkOf(rsa2048())}
	ec := func(key *ecdsa.PrivateKey) map[string]string {
		return map[string]string{"EcPem": armour("PRIVATE KEY", pkcs8(key)), "EcDer": b64(pkcs8(key)), "Jwk": jwkOf(key)}
	}
	return []pairing{
		{"HS256", crypto.SHA256, []byte(text64), []byte(text64), secrets},
		{"HS384", crypto.SHA384, []byte(text64), []byte(text64), secrets},
		{"HS512", crypto.SHA512, []byte(text64), []byte(text64), secrets},
		{"RS256", crypto.SHA256, rsa2048(), rsa2048().Public(), rsaKeys},
		{"RS384", crypto.SHA384, rsa2048(), rsa2048().Public(), rsaKeys},
		{"RS512", crypto.SHA512, rsa2048(), rsa2048().Public(), rsaKeys},
		{"PS256", crypto.SHA256, rsa2048(), rsa2048().Public(), rsaKeys},
		{"PS384", crypto.SHA384, rsa2048(), rsa2048().Public(), rsaKeys},
		{"PS512", crypto.SHA512, rsa2048(), rsa2048().Public(), rsaKeys},
		{"ES256", crypto.SHA256, p256(), p256().Public(), ec(p256())},
		{"ES384", crypto.SHA384, p384(), p384().Public(), ec(p384())},
		{"ES512", crypto.SHA512, p521(), p521().Public(), ec(p521())},
		{"EdDSA", 0, ed(), ed().Public(), map[string]string{"EdPem": armour("PRIVATE KEY", pkcs8(ed())), "EdDer": b64(pkcs8(ed())), "Jwk": jwkOf(ed())}},
	}
}

func newToken(t testing.TB, cfg configs.Token, ttl time.Duration) *tokens.Token {
	t.Helper()
	token, err := tokens.New(cfg, ttl)
	if err != nil {
		t.Fatalf("New %s with %s: %v", cfg.Algorithm, cfg.KeyType, err)
	}
	return token
}

func makeValue(t testing.TB, token *tokens.Token, now time.Time) string {
	t.Helper()
	m, err := token.Make(t.Context(), now)
	if err != nil {
		t.Fatalf("Make: %v", err)
	}
	return m.Value.Reveal()
}

func TestAlgorithmsAreCovered(t *testing.T) {
	var names []string
	types := map[string]bool{}
	for _, p := range pairings() {
		names = append(names, p.algorithm)
		for keyType := range p.keys {
			types[keyType] = true
		}
	}
	if diff := cmp.Diff(tokens.Algorithms(), names); diff != "" {
		t.Errorf("algorithms (-there are +tested):\n%s", diff)
	}
	for _, keyType := range tokens.KeyTypes() {
		if !types[keyType] {
			t.Errorf("key type %s is not tested", keyType)
		}
	}
}

// TestSign verifies each signature twice: with golang-jwt, and with the crypto
// packages alone.
func TestSign(t *testing.T) {
	for _, p := range pairings() {
		for keyType, key := range p.keys {
			t.Run(p.algorithm+" "+keyType, func(t *testing.T) {
				token := newToken(t, configs.Token{
					Algorithm: p.algorithm,
					KeyType:   keyType,
					Key:       configs.NewSecret(key),
					Claims:    []byte(`{"iss":"egret"}`),
				}, ttl)
				if w := token.Warnings(); len(w) > 0 {
					t.Errorf("Warnings = %v, want none", w)
				}
				text := makeValue(t, token, noon)
				verifyWithLibrary(t, p, text)
				signed, sig := split(t, text)
				if !verify(p, signed, sig) {
					t.Errorf("crypto does not verify %s", text)
				}
				if verify(p, signed+"x", sig) {
					t.Error("crypto verifies another text too")
				}
			})
		}
	}
}

func verifyWithLibrary(t *testing.T, p pairing, text string) {
	t.Helper()
	parser := jwt.NewParser(jwt.WithValidMethods([]string{p.algorithm}), jwt.WithStrictDecoding(),
		jwt.WithExpirationRequired(), jwt.WithIssuedAt(), jwt.WithTimeFunc(func() time.Time { return noon }))
	parsed, err := parser.Parse(text, func(*jwt.Token) (any, error) { return p.public, nil })
	if err != nil {
		t.Fatalf("golang-jwt does not take %s: %v", text, err)
	}
	want := jwt.MapClaims{"iss": "egret", "iat": float64(noon.Unix()), "exp": float64(noon.Add(ttl).Unix())}
	if diff := cmp.Diff(want, parsed.Claims.(jwt.MapClaims)); diff != "" {
		t.Errorf("claims (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]any{"alg": p.algorithm, "typ": "JWT"}, parsed.Header); diff != "" {
		t.Errorf("header (-want +got):\n%s", diff)
	}
}

func split(t testing.TB, text string) (signed string, sig []byte) {
	t.Helper()
	i := strings.LastIndexByte(text, '.')
	sig, err := base64.RawURLEncoding.Strict().DecodeString(text[i+1:])
	if err != nil {
		t.Fatalf("signature of %s: %v", text, err)
	}
	return text[:i], sig
}

// verify uses nothing of golang-jwt.
func verify(p pairing, signed string, sig []byte) bool {
	var digest []byte
	if p.hash != 0 {
		h := p.hash.New()
		h.Write([]byte(signed))
		digest = h.Sum(nil)
	}
	switch key := p.public.(type) {
	case []byte:
		mac := hmac.New(p.hash.New, key)
		mac.Write([]byte(signed))
		return hmac.Equal(mac.Sum(nil), sig)
	case *rsa.PublicKey:
		if p.algorithm[0] == 'P' {
			return rsa.VerifyPSS(key, p.hash, digest, sig, &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash}) == nil
		}
		return rsa.VerifyPKCS1v15(key, p.hash, digest, sig) == nil
	case *ecdsa.PublicKey:
		// RFC 7518 section 3.4: r and s, each as long as the field.
		n := (key.Curve.Params().BitSize + 7) / 8
		return len(sig) == 2*n && ecdsa.Verify(key, digest, new(big.Int).SetBytes(sig[:n]), new(big.Int).SetBytes(sig[n:]))
	case ed25519.PublicKey:
		return ed25519.Verify(key, []byte(signed), sig)
	}
	panic(fmt.Sprintf("no way to verify with %T", p.public))
}

// TestMisfits has every pair of algorithm and key type that belongs to
// different families.
func TestMisfits(t *testing.T) {
	all := map[string]string{}
	for _, p := range pairings() {
		maps.Copy(all, p.keys)
	}
	for _, p := range pairings() {
		for _, keyType := range tokens.KeyTypes() {
			if p.keys[keyType] != "" {
				continue
			}
			_, err := tokens.New(configs.Token{Algorithm: p.algorithm, KeyType: keyType, Key: configs.NewSecret(all[keyType])}, ttl)
			if want := fmt.Sprintf("key_type: key_type %s does not fit algorithm %s", keyType, p.algorithm); err == nil || err.Error() != want {
				t.Errorf("%s with %s: %v, want %s", p.algorithm, keyType, err, want)
			}
		}
	}
}

// TestRandomisedSignatures: PS and ES are randomised, the others are not.
func TestRandomisedSignatures(t *testing.T) {
	for _, p := range pairings() {
		for keyType, key := range p.keys {
			token := newToken(t, configs.Token{Algorithm: p.algorithm, KeyType: keyType, Key: configs.NewSecret(key)}, ttl)
			one, two := makeValue(t, token, noon), makeValue(t, token, noon)
			random := strings.HasPrefix(p.algorithm, "PS") || strings.HasPrefix(p.algorithm, "ES")
			if same := one == two; same == random {
				t.Errorf("%s: two signatures of one text are the same: %t, want %t", p.algorithm, same, !random)
			}
		}
	}
}
