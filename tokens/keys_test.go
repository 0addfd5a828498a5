package tokens_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/go-jose/go-jose/v4"
	"github.com/golang-jwt/jwt/v5"
)

// TestMain makes golang-jwt verify PS signatures as RFC 7518 section 3.5 wants
// them, with a salt as long as the hash. By itself it takes any.
func TestMain(m *testing.M) {
	for _, method := range []*jwt.SigningMethodRSAPSS{jwt.SigningMethodPS256, jwt.SigningMethodPS384, jwt.SigningMethodPS512} {
		method.VerifyOptions = nil
	}
	os.Exit(m.Run())
}

// Keys are made once for all tests: RSA ones take their time.
var (
	rsa1024 = sync.OnceValue(func() *rsa.PrivateKey { return must(rsa.GenerateKey(rand.Reader, 1024)) })
	rsa2048 = sync.OnceValue(func() *rsa.PrivateKey { return must(rsa.GenerateKey(rand.Reader, 2048)) })
	p224    = sync.OnceValue(func() *ecdsa.PrivateKey { return must(ecdsa.GenerateKey(elliptic.P224(), rand.Reader)) })
	p256    = sync.OnceValue(func() *ecdsa.PrivateKey { return must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)) })
	p384    = sync.OnceValue(func() *ecdsa.PrivateKey { return must(ecdsa.GenerateKey(elliptic.P384(), rand.Reader)) })
	p521    = sync.OnceValue(func() *ecdsa.PrivateKey { return must(ecdsa.GenerateKey(elliptic.P521(), rand.Reader)) })
	ed      = sync.OnceValue(func() ed25519.PrivateKey {
		_, key, err := ed25519.GenerateKey(rand.Reader)
		return must(key, err)
	})
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

const text64 = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcd>?"

func pkcs8(key any) []byte              { return must(x509.MarshalPKCS8PrivateKey(key)) }
func pkcs1(key *rsa.PrivateKey) []byte  { return x509.MarshalPKCS1PrivateKey(key) }
func sec1(key *ecdsa.PrivateKey) []byte { return must(x509.MarshalECPrivateKey(key)) }
func b64(b []byte) string               { return base64.StdEncoding.EncodeToString(b) }

func armour(label string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: label, Bytes: der}))
}

// ecParameters is what openssl ecparam -genkey writes before the key.
func ecParameters() string {
	return armour("EC PARAMETERS", must(asn1.Marshal(asn1.ObjectIdentifier{1, 2, 840, 10045, 3, 1, 7})))
}

// oneAsymmetricKey is PKCS#8 as RFC 5958 has it.
type oneAsymmetricKey struct {
	Version    int
	Algorithm  pkix.AlgorithmIdentifier
	PrivateKey []byte
	PublicKey  asn1.BitString `asn1:"tag:1,optional"`
}

// edV2 is version 2, with the public key inside.
func edV2(key ed25519.PrivateKey) []byte {
	return must(asn1.Marshal(oneAsymmetricKey{
		Version:    1,
		Algorithm:  pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 3, 101, 112}},
		PrivateKey: must(asn1.Marshal(key.Seed())),
		PublicKey:  asn1.BitString{Bytes: key.Public().(ed25519.PublicKey), BitLength: 256},
	}))
}

// strange is PKCS#8 of a key whose algorithm egret does not use.
func strange(oid ...int) []byte {
	return must(asn1.Marshal(oneAsymmetricKey{
		Algorithm:  pkix.AlgorithmIdentifier{Algorithm: oid},
		PrivateKey: must(asn1.Marshal(make([]byte, 57))),
	}))
}

// onCurve is PKCS#8 of an EC key on a curve that egret does not use.
func onCurve(oid ...int) []byte {
	return must(asn1.Marshal(oneAsymmetricKey{
		Algorithm: pkix.AlgorithmIdentifier{
			Algorithm:  asn1.ObjectIdentifier{1, 2, 840, 10045, 2, 1},
			Parameters: asn1.RawValue{FullBytes: must(asn1.Marshal(asn1.ObjectIdentifier(oid)))},
		},
		PrivateKey: sec1OnCurve(oid...),
	}))
}

func sec1OnCurve(oid ...int) []byte {
	return must(asn1.Marshal(struct {
		Version    int
		PrivateKey []byte
		Curve      asn1.ObjectIdentifier `asn1:"explicit,tag:0"`
	}{1, make([]byte, 32), oid}))
}

// encrypted has the shape of an encrypted PKCS#8 (RFC 5958 section 3).
func encrypted() []byte {
	return must(asn1.Marshal(struct {
		Algorithm pkix.AlgorithmIdentifier
		Data      []byte
	}{pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 13}}, []byte("0123456789abcdef")}))
}

func public(key crypto.Signer) []byte { return must(x509.MarshalPKIXPublicKey(key.Public())) }

func certificate(key crypto.Signer) []byte {
	c := &x509.Certificate{SerialNumber: must(rand.Int(rand.Reader, rsa1024().N))}
	c.SerialNumber.Rsh(c.SerialNumber, 900)
	return must(x509.CreateCertificate(rand.Reader, c, c, key.Public(), key))
}

// jwkOf writes a key as a JWK.
func jwkOf(key any) string { return string(must(json.Marshal(jose.JSONWebKey{Key: key}))) }

// escaped is text as an environment variable often has it.
func escaped(text string) string { return strings.ReplaceAll(text, "\n", `\n`) }

// fingerprintOf is made without egret.
func fingerprintOf(key crypto.Signer) string {
	sum := sha256.Sum256(public(key))
	return b64(sum[:])
}
