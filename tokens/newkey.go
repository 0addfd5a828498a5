package tokens

import (
	"cmp"
	"crypto"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"

	"github.com/golang-jwt/jwt/v5"

	"github.com/egret-proxy/egret/configs"
)

const (
	rsaBits     = 3072 // of RSA keys that egret makes, when nobody says
	mostRSABits = 8192 // that it makes; above, signing takes a second
)

// A GeneratedKey is a new key and how a configuration refers to it.
type GeneratedKey struct {
	Type    string         // the key_type to configure
	Private configs.Secret // PEM (PKCS#8), or base64url for an HMAC secret
	Public  string         // JWK on one line with "kid" (RFC 7638), "alg" and "use", "" for an HMAC secret
}

// NewKey is [NewKeyOfSize] with an RSA key of 3072 bits.
func NewKey(alg string) (*GeneratedKey, error) { return NewKeyOfSize(alg, 0) }

// NewKeyOfSize makes a key that fits a signature algorithm: an RSA key of 2048
// to 8192 bits, an EC key on the algorithm's curve, an Ed25519 key, or a secret
// as long as the hash's block, RFC 2104 section 3. Only an RSA key takes a size;
// 0 is 3072.
func NewKeyOfSize(alg string, bits int) (*GeneratedKey, error) {
	algorithm, problem := findAlgorithm(alg)
	if problem != nil {
		return nil, fmt.Errorf("cannot make a key for algorithm=%q: it is none of %s", alg, strings.Join(Algorithms(), ", "))
	}
	if err := algorithm.checkSize(bits); err != nil {
		return nil, fmt.Errorf("cannot make a key for algorithm=%q: %w", alg, err)
	}
	if algorithm.family == familyHMAC {
		return newSecret(), nil
	}
	key, err := generatePair(algorithm, cmp.Or(bits, rsaBits))
	if err != nil {
		return nil, fmt.Errorf("cannot make key: %w", err)
	}
	return algorithm.encodePair(key)
}

// checkSize says what is wrong with the size of a new key; 0 is the usual one.
func (a *algorithm) checkSize(bits int) error {
	switch {
	case bits == 0:
		return nil
	case a.family != familyRSA:
		return errors.New("only an RSA key has a size to choose")
	case bits < leastRSA || bits > mostRSABits:
		return fmt.Errorf("%d bits are not between %d and %d", bits, leastRSA, mostRSABits)
	}
	return nil
}

func newSecret() *GeneratedKey {
	secret := make([]byte, 64)
	_, _ = rand.Read(secret) // never fails, by its documentation
	return &GeneratedKey{Type: "UrlSafeBase64Secret", Private: configs.NewSecret(base64.RawURLEncoding.EncodeToString(secret) + "\n")}
}

// curveOf is the curve that golang-jwt checks for, by its size in bits.
func curveOf(a *algorithm) elliptic.Curve {
	method, _ := a.method.(*jwt.SigningMethodECDSA)
	for _, curve := range []elliptic.Curve{elliptic.P256(), elliptic.P384(), elliptic.P521()} {
		if curve.Params().BitSize == method.CurveBits {
			return curve
		}
	}
	return elliptic.P256()
}

// pairTypes are the key types of what encodePair writes.
var pairTypes = map[family]string{familyRSA: "RsaPem", familyEC: "EcPem", familyEd25519: "EdPem"}

// encodePair writes a private key, and the JWK of its public half.
func (a *algorithm) encodePair(key crypto.Signer) (*GeneratedKey, error) {
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("cannot encode key: %w", err)
	}
	public, err := publicJWK(a.name(), key.Public(), thumbprint(key.Public())).MarshalJSON()
	if err != nil {
		return nil, fmt.Errorf("cannot encode key: %w", err)
	}
	return &GeneratedKey{
		Type:    pairTypes[a.family],
		Private: configs.NewSecret(string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}))),
		Public:  string(public) + "\n",
	}, nil
}
