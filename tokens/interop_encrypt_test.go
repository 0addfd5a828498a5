package tokens_test

import (
	"crypto"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/tokens"
)

// keyManagements are the algorithms that egret encrypts with, and the kinds of
// key that each takes.
var keyManagements = []struct {
	algorithm, family, needs string
	kinds                    []string
}{
	{"RSA-OAEP", "an RSA key", "RSA", []string{"RSA"}},
	{"RSA-OAEP-256", "an RSA key", "RSA", []string{"RSA"}},
	{"ECDH-ES", "an EC key", "EC on P-256, P-384 or P-521", []string{"P-256", "P-384", "P-521"}},
}

// A recipientForm is a form in which a recipient's key is given.
type recipientForm struct {
	name, field string
	write       func(k keyKind) configs.Encrypt
}

func recipientForms() []recipientForm {
	key := func(text string) configs.Encrypt { return configs.Encrypt{Key: configs.NewSecret(text)} }
	return []recipientForm{
		{"public key", "encrypt.key", func(k keyKind) configs.Encrypt {
			return key(armour("PUBLIC KEY", public(k.private.(crypto.Signer))))
		}},
		{"certificate", "encrypt.key", func(k keyKind) configs.Encrypt {
			return key(armour("CERTIFICATE", certificate(k.private.(crypto.Signer))))
		}},
		{"JWK", "encrypt.key", func(k keyKind) configs.Encrypt { return key(string(k.jwk(true))) }},
		{"JWKS", "encrypt.jwks", func(k keyKind) configs.Encrypt {
			return configs.Encrypt{JWKS: configs.NewSecret(fmt.Sprintf(`{"keys":[%s]}`, k.jwk(true)))}
		}},
		{"PEM trust store", "encrypt.trust_store", func(k keyKind) configs.Encrypt { return configs.Encrypt{TrustStore: "pem " + k.name} }},
		{"PKCS12 trust store", "encrypt.trust_store", func(k keyKind) configs.Encrypt {
			return configs.Encrypt{TrustStore: "pkcs12", KeyAlias: k.name}
		}},
		{"JKS trust store", "encrypt.trust_store", func(k keyKind) configs.Encrypt {
			return configs.Encrypt{TrustStore: "jks", KeyAlias: k.name}
		}},
	}
}

// TestEncryptionInterop has every algorithm with every kind of key in every
// form. For a pair that fits a token is encrypted, and two programs that are not
// egret read it. Every other pair is refused when it is loaded.
func TestEncryptionInterop(t *testing.T) {
	var cases []foreignCase
	refused := 0
	stores := openStores(t)
	for _, f := range recipientForms() {
		for _, k := range keyKinds() {
			for _, m := range keyManagements {
				if isSecret(k) {
					continue
				}
				name := strings.Join([]string{m.algorithm, f.name, k.name}, " ")
				encrypt := f.write(k)
				encrypt.Algorithm, encrypt.Content = m.algorithm, "A256GCM"
				compact, err := encryptedFor(t, stores, encrypt)
				if !slices.Contains(m.kinds, k.name) {
					refused++
					checkRefusal(t, name, err, fmt.Sprintf("%s: this is %s, %s needs %s", f.field, k.family, m.algorithm, m.needs))
					continue
				}
				if err != nil {
					t.Errorf("%s: %v, want a token", name, err)
					continue
				}
				cases = append(cases, foreignCase{Kind: "jwe", Algorithm: m.algorithm, Key: k.jwk(false), Compact: compact, name: name, content: signedOnly(t)})
			}
		}
	}
	sentence := fmt.Sprintf("%d pairs of key management and recipient: %d fit, %d are refused.", len(cases)+refused, len(cases), refused)
	t.Log(sentence)
	checkDocument(t, sentence)
	for _, p := range foreignPrograms() {
		t.Run(p.name, func(t *testing.T) { p.check(t, "encrypted tokens", cases) })
	}
}

// encryptedFor gives an encrypted token with what [signedOnly] says inside.
func encryptedFor(t *testing.T, stores *tokens.Stores, encrypt configs.Encrypt) (string, error) {
	t.Helper()
	cfg := hs256("", `{"iss":"egret"}`)
	cfg.Encrypt = &encrypt
	token, err := stores.New(cfg, ttl)
	if err != nil {
		return "", err
	}
	return makeValue(t, token, noon), nil
}

// signedOnly gives the token that [encryptedFor] encrypts: HS256 signs the same
// text each time the same.
func signedOnly(t *testing.T) string {
	t.Helper()
	return makeValue(t, newToken(t, hs256("", `{"iss":"egret"}`), ttl), noon)
}

// checkEncryption encrypts for the public half of a private JWK and decrypts
// with go-jose. The error is what egret says to the key.
func checkEncryption(t *testing.T, algorithm string, key json.RawMessage) error {
	t.Helper()
	private := readJWK(t, key)
	half := private.Public()
	if !half.Valid() { // of a secret
		half = *private
	}
	public, err := half.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	return checkEncryptionFor(t, algorithm, string(public), private.Key)
}

func checkEncryptionFor(t *testing.T, algorithm, public string, private any) error {
	t.Helper()
	compact, err := encryptedFor(t, nil, configs.Encrypt{Algorithm: algorithm, Content: "A256GCM", Key: configs.NewSecret(public)})
	if err != nil {
		return err
	}
	jwe, err := jose.ParseEncryptedCompact(compact, []jose.KeyAlgorithm{jose.KeyAlgorithm(algorithm)}, []jose.ContentEncryption{jose.A256GCM})
	if err != nil {
		t.Fatalf("go-jose does not read %s: %v", compact, err)
	}
	if got, err := jwe.Decrypt(private); err != nil || string(got) != signedOnly(t) {
		t.Errorf("%s decrypts to %q, %v, want %q", compact, got, err, signedOnly(t))
	}
	return nil
}
