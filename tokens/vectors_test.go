package tokens_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/tokens"
)

// A jwsVector is an example of a signature.
type jwsVector struct {
	Name, Algorithm, Header, Payload, Compact string
	Key                                       json.RawMessage // JWK
}

// TestSignatureVectors has the examples of the RFCs: what they sign, egret signs
// with their keys.
func TestSignatureVectors(t *testing.T) {
	vectors := readVectors[jwsVector](t, "jws")
	if len(vectors) != 5 {
		t.Errorf("%d vectors, want 5", len(vectors))
	}
	for _, v := range vectors {
		t.Run(v.Name, func(t *testing.T) { checkSignatureVector(t, v) })
	}
}

// checkSignatureVector signs with the key of v in each form that egret reads. A
// signature must be the one of v, or verify where the algorithm is randomised.
// Neither the one nor the other verifies by anything of egret.
func checkSignatureVector(t *testing.T, v jwsVector) {
	t.Helper()
	p := pairingOf(t, v.Algorithm, v.Key)
	if signed, sig := split(t, v.Compact); !verify(p, signed, sig) {
		t.Fatalf("%s does not verify: the vector is wrong", v.Compact)
	}
	for keyType, key := range keyForms(t, v.Key) {
		got, err := tokens.Sign(v.Algorithm, keyType, configs.NewSecret(key), v.Header, v.Payload)
		if err != nil {
			t.Errorf("Sign with %s: %v", keyType, err)
			continue
		}
		random := strings.HasPrefix(v.Algorithm, "PS") || strings.HasPrefix(v.Algorithm, "ES")
		if !random && got != v.Compact {
			t.Errorf("signed with %s %s\nwant   %s", keyType, got, v.Compact)
		}
		signed, sig := split(t, got)
		if !strings.HasPrefix(v.Compact, signed+".") || !verify(p, signed, sig) {
			t.Errorf("%s, signed with %s, does not verify", got, keyType)
		}
	}
}

// pairingOf gives the public half of a JWK to verify.
func pairingOf(t *testing.T, algorithm string, key json.RawMessage) pairing {
	t.Helper()
	for _, p := range pairings() {
		if p.algorithm == algorithm {
			p.public = readJWK(t, key).Public().Key
			if secret, ok := readJWK(t, key).Key.([]byte); ok {
				p.public = secret
			}
			return p
		}
	}
	t.Fatalf("there is no algorithm %s", algorithm)
	return pairing{}
}

// keyForms gives the forms of a private JWK by key type.
func keyForms(t *testing.T, key json.RawMessage) map[string]string {
	t.Helper()
	switch private := readJWK(t, key).Key.(type) {
	case []byte:
		return map[string]string{"Jwk": string(key), "UrlSafeBase64Secret": base64.RawURLEncoding.EncodeToString(private), "Base64Secret": b64(private)}
	case *rsa.PrivateKey:
		return map[string]string{"Jwk": string(key), "RsaPem": armour("RSA PRIVATE KEY", pkcs1(private)), "RsaDer": b64(pkcs8(private))}
	case *ecdsa.PrivateKey:
		return map[string]string{"Jwk": string(key), "EcPem": armour("EC PRIVATE KEY", sec1(private)), "EcDer": b64(pkcs8(private))}
	case ed25519.PrivateKey:
		return map[string]string{"Jwk": string(key), "EdPem": armour("PRIVATE KEY", pkcs8(private)), "EdDer": b64(private.Seed())}
	default:
		t.Fatalf("there is no form for a %T", private)
		return nil
	}
}

// readJWK reads a JWK with go-jose, whose reader is none of egret's.
func readJWK(t *testing.T, text []byte) *jose.JSONWebKey {
	t.Helper()
	var key jose.JSONWebKey
	if err := json.Unmarshal(text, &key); err != nil {
		t.Fatalf("go-jose does not read %s: %v", text, err)
	}
	return &key
}

func readVectors[T any](t *testing.T, name string) []T {
	t.Helper()
	return readJSON[[]T](t, filepath.Join("testdata", "vectors", name+".json"))
}

func readJSON[T any](t *testing.T, path string) T {
	t.Helper()
	var v T
	text, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(text, &v)
	}
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// sentenceOf gives the text of an error, "" of none.
func sentenceOf(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
