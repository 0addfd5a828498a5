package tokens

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"strings"

	"github.com/golang-jwt/jwt/v5"

	"github.com/egret-proxy/egret/configs"
)

// rsaBits is the size of RSA keys that egret makes.
const rsaBits = 3072

// A GeneratedKey is a new key and how a configuration refers to it.
type GeneratedKey struct {
	Type    string         // the key_type to configure
	Private configs.Secret // PEM (PKCS#8), or base64url for an HMAC secret
	Public  string         // PEM (SubjectPublicKeyInfo), "" for an HMAC secret
}

// NewKey makes a key that fits a signature algorithm: an RSA key of 3072 bits,
// an EC key on the algorithm's curve, an Ed25519 key, or a secret as long as the
// hash's block, RFC 2104 section 3.
func NewKey(alg string) (*GeneratedKey, error) {
	algorithm, problem := findAlgorithm(alg)
	if problem != nil {
		return nil, fmt.Errorf("cannot make a key for algorithm=%q: it is none of %s", alg, strings.Join(Algorithms(), ", "))
	}
	switch algorithm.family {
	case familyRSA:
		return pemKey("RsaPem", func() (crypto.Signer, error) { return rsa.GenerateKey(rand.Reader, rsaBits) })
	case familyEC:
		return pemKey("EcPem", func() (crypto.Signer, error) { return ecdsa.GenerateKey(curveOf(algorithm), rand.Reader) })
	case familyEd25519:
		return pemKey("EdPem", func() (crypto.Signer, error) {
			_, key, err := ed25519.GenerateKey(rand.Reader)
			return key, err
		})
	case familyHMAC:
		return newSecret(), nil
	default:
		return nil, fmt.Errorf("cannot make a key for algorithm=%q", alg)
	}
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

func pemKey(keyType string, generate func() (crypto.Signer, error)) (*GeneratedKey, error) {
	key, err := generate()
	if err != nil {
		return nil, fmt.Errorf("cannot make key: %w", err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("cannot encode key: %w", err)
	}
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return nil, fmt.Errorf("cannot encode key: %w", err)
	}
	return &GeneratedKey{
		Type:    keyType,
		Private: configs.NewSecret(string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}))),
		Public:  string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public})),
	}, nil
}
