package tokens_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"github.com/egret-proxy/egret/tokens"
)

// A keyKind is a kind of key, and the algorithms that take it.
type keyKind struct {
	name, family string // as the sentences about keys that do not fit have them
	private      any
	algorithms   []string
}

func keyKinds() []keyKind {
	return []keyKind{
		{"secret", "a secret", []byte(text64), []string{"HS256", "HS384", "HS512"}},
		{"RSA", "an RSA key", rsa2048(), []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"}},
		{"P-256", "an EC key", p256(), []string{"ES256"}},
		{"P-384", "an EC key", p384(), []string{"ES384"}},
		{"P-521", "an EC key", p521(), []string{"ES512"}},
		{"Ed25519", "an Ed25519 key", ed(), []string{"EdDSA"}},
	}
}

// kindFor gives the kind of key that an algorithm takes.
func kindFor(algorithm string) keyKind {
	for _, k := range keyKinds() {
		if slices.Contains(k.algorithms, algorithm) {
			return k
		}
	}
	panic("no key is for " + algorithm)
}

// kindName gives the name of the kind of a key, or "".
func kindName(key any) string {
	switch key := key.(type) {
	case []byte:
		return "secret"
	case *rsa.PrivateKey:
		return "RSA"
	case *ecdsa.PrivateKey:
		return key.Params().Name
	case ed25519.PrivateKey:
		return "Ed25519"
	}
	return ""
}

// jwk gives the key, or its public half where it has one, as a JWK.
func (k keyKind) jwk(public bool) []byte {
	key := k.private
	if pair, ok := key.(crypto.Signer); ok && public {
		key = pair.Public()
	}
	return must(jose.JSONWebKey{Key: key}.MarshalJSON())
}

// refusal is the sentence about a key of kind k from s for an algorithm that
// takes another; "" when it fits.
func (s keySource) refusal(k keyKind, algorithm string) string {
	want := kindFor(algorithm)
	switch {
	case s.field == "shared_key" && !isSecret(want):
		return "shared_key: shared_key does not fit algorithm " + algorithm
	case s.takes != "" && s.takes != want.family:
		return fmt.Sprintf("key_type: key_type %s does not fit algorithm %s", s.name, algorithm)
	case k.name == want.name:
		return ""
	case k.family == want.family:
		return fmt.Sprintf("%s: key is on %s, %s needs %s", s.field, k.name, algorithm, want.name)
	}
	needs := want.name
	switch {
	case isSecret(want):
		needs = "a secret"
	case want.family == "an EC key":
		needs = "EC " + want.name
	}
	return fmt.Sprintf("%s: this is %s, %s needs %s", s.field, k.family, algorithm, needs)
}

// TestInterop has every algorithm with every kind of key from every source. A
// pair that fits is signed, and the signature is verified by two programs that
// are not egret. Every other pair is refused when it is loaded.
func TestInterop(t *testing.T) {
	cases, refused := generatedCases(t)
	stores := openStores(t)
	for _, s := range keySources() {
		for _, k := range keyKinds() {
			if !s.holds(k) {
				continue
			}
			cfg := s.token(k)
			for _, algorithm := range tokens.Algorithms() {
				name := strings.Join([]string{algorithm, s.name, k.name}, " ")
				cfg.Algorithm, cfg.Claims = algorithm, json.RawMessage(fmt.Sprintf(`{"iss":%q}`, name))
				token, err := stores.New(cfg, ttl)
				if want := s.refusal(k, algorithm); want != "" {
					refused++
					checkRefusal(t, name, err, want)
					continue
				}
				if err != nil {
					t.Errorf("%s: %v, want a token", name, err)
					continue
				}
				cases = append(cases, signatureCase(t, name, algorithm, k, makeValue(t, token, noon)))
			}
		}
	}
	t.Logf("%d pairs: %d fit, %d are refused", len(cases)+refused, len(cases), refused)
	checkDocument(t, fmt.Sprintf("%d pairs of algorithm and key: %d fit, %d are refused.", len(cases)+refused, len(cases), refused))
	for _, p := range foreignPrograms() {
		t.Run(p.name, func(t *testing.T) { p.check(t, "signatures", cases) })
	}
}

func checkRefusal(t *testing.T, name string, err error, want string) {
	t.Helper()
	var errs tokens.Errors
	if !errors.As(err, &errs) || errs.Error() != want || errs[0].Field == "key_type" && errs[0].Hint == "" {
		t.Errorf("%s: %v\nwant %s", name, err, want)
	}
}

func signatureCase(t *testing.T, name, algorithm string, k keyKind, compact string) foreignCase {
	t.Helper()
	payload, err := base64.RawURLEncoding.DecodeString(strings.Split(compact, ".")[1])
	if err != nil {
		t.Fatal(err)
	}
	return foreignCase{Kind: "jws", Algorithm: algorithm, Key: k.jwk(true), Compact: compact, name: name, content: string(payload)}
}

// checkDocument looks for a sentence with counts in the docs, so that they do
// not grow old.
func checkDocument(t *testing.T, sentence string) {
	t.Helper()
	text, err := os.ReadFile("../docs/jose.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), sentence) {
		t.Errorf("docs/jose.md does not say %q", sentence)
	}
}
