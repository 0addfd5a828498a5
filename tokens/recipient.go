package tokens

import (
	"crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/egret-proxy/egret/configs"
)

// A recipientKey is a public key to encrypt with.
type recipientKey struct {
	public crypto.PublicKey
	id     string // "kid" of the encrypted token, or ""
}

// findRecipientKey gives the key that an entry names. It fits m.
func findRecipientKey(cfg *configs.Encrypt, m *keyManagement, stores *Stores) (*recipientKey, *Error) {
	switch {
	case !cfg.JWKS.IsZero():
		return m.keyOfSet(cfg.JWKS.Reveal(), cfg.KeyID)
	case cfg.TrustStore == "" && cfg.Key.IsZero():
		return nil, &Error{Field: "encrypt", Message: "encrypt needs key, jwks or trust_store"}
	case cfg.TrustStore != "":
		public, err := stores.recipient(cfg.TrustStore, cfg.KeyAlias)
		if err != nil {
			return nil, err
		}
		return m.keyOf(public, "encrypt.trust_store")
	}
	text := cfg.Key.Reveal()
	if strings.HasPrefix(strings.TrimSpace(text), "{") {
		return m.keyOfJWK(text)
	}
	public, err := publicPEM(text)
	if err != nil {
		return nil, err
	}
	return m.keyOf(public, "encrypt.key")
}

// keyOf takes a key that has no name of its own. Its "kid" is what WebSphere
// Liberty writes, the hash of the key.
func (m *keyManagement) keyOf(public crypto.PublicKey, field string) (*recipientKey, *Error) {
	if message := m.misfit(public); message != "" {
		return nil, &Error{Field: field, Message: message}
	}
	sum := spkiSum(public)
	return &recipientKey{public, segment(sum[:])}, nil
}

func (m *keyManagement) keyOfJWK(text string) (*recipientKey, *Error) {
	key, err := readWebKey([]byte(text))
	if err != nil {
		return nil, &Error{Field: "encrypt.key", Message: err.Error(), Hint: `for an object with "keys" write jwks`}
	}
	if message := m.misfitOfJWK(key); message != "" {
		return nil, &Error{Field: "encrypt.key", Message: message}
	}
	return &recipientKey{key.Key, key.KeyID}, nil
}

// keyOfSet finds the one key that fits, among those with a kid if there is one.
func (m *keyManagement) keyOfSet(text, kid string) (*recipientKey, *Error) {
	set, err := readWebKeySet([]byte(text))
	if err != nil {
		return nil, &Error{Field: "encrypt.jwks", Message: err.Error()}
	}
	var fitting []*webKey
	looked, message := 0, ""
	for _, key := range set {
		if kid != "" && key.KeyID != kid {
			continue
		}
		looked++
		if misfit := m.misfitOfJWK(key); misfit != "" {
			message = misfit
			continue
		}
		fitting = append(fitting, key)
	}
	switch {
	case len(fitting) == 1:
		return &recipientKey{fitting[0].Key, fitting[0].KeyID}, nil
	case len(fitting) > 1:
		return nil, &Error{Field: "encrypt.jwks", Message: fmt.Sprintf("%d keys in the set fit %s", len(fitting), m.algorithm), Hint: "name one of them with kid"}
	case looked == 0 && kid != "":
		return nil, &Error{Field: "encrypt.kid", Message: "no key in the set that egret can read has this kid"}
	case looked == 1:
		return nil, &Error{Field: "encrypt.jwks", Message: message}
	}
	return nil, &Error{Field: "encrypt.jwks", Message: "no key in the set fits " + string(m.algorithm), Hint: string(m.algorithm) + " needs " + m.needs + ", with use enc or none"}
}

// misfitOfJWK says why a JWK is not for m, or "".
func (m *keyManagement) misfitOfJWK(key *webKey) string {
	switch message := m.misfit(key.Key); {
	case message != "":
		return message
	case key.Algorithm != "" && key.Algorithm != string(m.algorithm):
		return "the alg of the JWK is not " + string(m.algorithm)
	case !key.isFor("enc", "encrypt", "wrapKey", "deriveKey", "deriveBits"):
		return "use or key_ops of the JWK do not permit encryption"
	}
	return ""
}

// misfit says why a key is not for m, or "".
func (m *keyManagement) misfit(key any) string {
	switch key := key.(type) {
	case *rsa.PublicKey:
		if bits := key.N.BitLen(); m.family == familyRSA && bits < leastRSA {
			return fmt.Sprintf("RSA key is %d bits, at least %d needed", bits, leastRSA)
		}
	case *ecdsa.PublicKey:
		if m.family == familyEC && key.Curve == elliptic.P224() {
			return "key is on P-224, " + string(m.algorithm) + " needs " + m.needs
		}
	case crypto.Signer:
		return "this is a private key, and only the recipient may have it: take the public one"
	}
	if what := publicFamily(key); what != string(m.family) {
		return "this is " + what + ", " + string(m.algorithm) + " needs " + m.needs
	}
	return ""
}

// publicFamily names the kind of a key that is not a private one.
func publicFamily(key any) string {
	switch key := key.(type) {
	case *rsa.PublicKey:
		return string(familyRSA)
	case *ecdsa.PublicKey:
		return string(familyEC)
	case ed25519.PublicKey:
		return string(familyEd25519)
	case *ecdh.PublicKey:
		return "an X25519 key"
	case []byte:
		return string(familyHMAC)
	case foreign:
		return string(key)
	case foreignCurve:
		return "a key on " + string(key)
	}
	return "a key of an unknown kind"
}

// publicPEM reads the one public key or certificate in a PEM.
func publicPEM(text string) (crypto.PublicKey, *Error) {
	fail := func(message, hint string) (crypto.PublicKey, *Error) {
		return nil, &Error{Field: "encrypt.key", Message: message, Hint: hint}
	}
	blocks := pemBlock.FindAllStringSubmatch(text, -1)
	if len(blocks) == 0 {
		return fail("key is neither PEM nor a JWK", "a PEM begins with -----BEGIN PUBLIC KEY----- or -----BEGIN CERTIFICATE-----; "+hintFile)
	}
	for _, b := range blocks {
		if strings.HasSuffix(b[1], "PRIVATE KEY") {
			return fail("there is a private key in the PEM, and only the recipient may have it", "take the public key or the certificate alone")
		}
	}
	if len(blocks) > 1 {
		return fail(fmt.Sprintf("there are %d blocks in the PEM", len(blocks)), "leave the recipient's alone, or make them a trust store and name one with key_alias")
	}
	der, ok := decode(base64.RawStdEncoding, escapes.Replace(blocks[0][2]))
	if !ok {
		return fail("PEM body is not base64", "the key may be cut off")
	}
	if key, _ := publicOfPEM(blocks[0][1], der); key != nil {
		return key, nil
	}
	return fail("there is no public key or certificate in the PEM that egret can read", "")
}
