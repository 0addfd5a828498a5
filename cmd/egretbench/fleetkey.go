package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"math/big"
)

// A keyKind is an algorithm of a fleet: how keys for it are made, and how what
// they sign is verified, with nothing but the standard library.
type keyKind struct {
	algorithm string
	keyType   string
	newKey    func() (key fleetKey, err error)
}

// A fleetKey is the key of one Token.
type fleetKey struct {
	text   string // as it stands in the configuration
	verify func(signed, signature []byte) bool
}

var keyKinds = map[string]keyKind{
	"HS256": {"HS256", "Secret", newHMACKey},
	"ES256": {"ES256", "EcDer", newECKey},
	"EdDSA": {"EdDSA", "EdDer", newEdKey},
	"RS256": {"RS256", "RsaDer", newRSAKey},
}

func newHMACKey() (fleetKey, error) {
	secret := rand.Text() + rand.Text()
	return fleetKey{secret, func(signed, signature []byte) bool {
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write(signed)
		return hmac.Equal(mac.Sum(nil), signature)
	}}, nil
}

func newECKey() (fleetKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return fleetKey{}, err
	}
	text, err := derText(key)
	return fleetKey{text, func(signed, signature []byte) bool {
		const half = 32 // RFC 7518 section 3.4: r and s, each as long as the field
		if len(signature) != 2*half {
			return false
		}
		sum := sha256.Sum256(signed)
		r, s := new(big.Int).SetBytes(signature[:half]), new(big.Int).SetBytes(signature[half:])
		return ecdsa.Verify(&key.PublicKey, sum[:], r, s)
	}}, err
}

func newEdKey() (fleetKey, error) {
	public, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return fleetKey{}, err
	}
	text, err := derText(key)
	return fleetKey{text, func(signed, signature []byte) bool { return ed25519.Verify(public, signed, signature) }}, err
}

func newRSAKey() (fleetKey, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return fleetKey{}, err
	}
	text, err := derText(key)
	return fleetKey{text, func(signed, signature []byte) bool {
		sum := sha256.Sum256(signed)
		return rsa.VerifyPKCS1v15(&key.PublicKey, crypto.SHA256, sum[:], signature) == nil
	}}, err
}

// derText is a key as EcDer, EdDer and RsaDer have it.
func derText(key any) (string, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	return base64.StdEncoding.EncodeToString(der), err
}

// maxRSAKeys is how many RSA keys a fleet has: making one takes a tenth of a
// second, so they are used in turn. Each Token parses and keeps its own.
const maxRSAKeys = 16
