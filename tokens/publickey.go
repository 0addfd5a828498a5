package tokens

import (
	"crypto"
	"crypto/sha256"
	"crypto/x509"

	"github.com/go-jose/go-jose/v4"
)

// publicJWK gives the JWK (RFC 7517) of a public key that verifies signatures
// of alg; kid may be "".
func publicJWK(alg string, public crypto.PublicKey, kid string) jose.JSONWebKey {
	return jose.JSONWebKey{Key: public, KeyID: kid, Algorithm: alg, Use: "sig"}
}

// thumbprint gives the base64url of the SHA-256 thumbprint of a public key,
// RFC 7638 section 3: of an *rsa.PublicKey, an *ecdsa.PublicKey or an
// ed25519.PublicKey. It is "" of anything else.
func thumbprint(public crypto.PublicKey) string {
	key := jose.JSONWebKey{Key: public}
	sum, err := key.Thumbprint(crypto.SHA256)
	if err != nil {
		return ""
	}
	return segment(sum)
}

// spkiSum gives the SHA-256 of the DER of a public key's SubjectPublicKeyInfo,
// RFC 5280 section 4.1. It is zero of what has none.
func spkiSum(public crypto.PublicKey) [sha256.Size]byte {
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		return [sha256.Size]byte{}
	}
	return sha256.Sum256(der)
}
