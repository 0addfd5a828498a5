package tokens

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"encoding/hex"
	"strings"
)

// foreign is a key of a kind that no algorithm uses, such as "an Ed448 key".
type foreign string

// foreignCurve is an EC key on a curve that no algorithm uses.
type foreignCurve string

var (
	oidRSA     = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 1}
	oidEC      = asn1.ObjectIdentifier{1, 2, 840, 10045, 2, 1}
	oidEd25519 = asn1.ObjectIdentifier{1, 3, 101, 112}
)

// foreignKinds are the key algorithms of RFC 8410 and others that people have
// keys of.
var foreignKinds = map[string]foreign{
	"1.3.101.110":           "an X25519 key",
	"1.3.101.111":           "an X448 key",
	"1.3.101.113":           "an Ed448 key",
	"1.2.840.10040.4.1":     "a DSA key",
	"1.2.840.113549.1.1.10": "an RSA key bound to RSASSA-PSS",
	"1.2.840.113549.1.3.1":  "a Diffie-Hellman key",
}

// foreignCurves are curves that crypto/x509 does not read.
var foreignCurves = map[string]foreignCurve{
	"1.3.132.0.10":          "secp256k1",
	"1.3.132.0.33":          "P-224",
	"1.2.840.10045.3.1.1":   "P-192",
	"1.3.36.3.3.2.8.1.1.7":  "brainpoolP256r1",
	"1.3.36.3.3.2.8.1.1.11": "brainpoolP384r1",
	"1.3.36.3.3.2.8.1.1.13": "brainpoolP512r1",
}

// readDER reads base64 of DER, or DER itself as a file has it.
func readDER(k *keyText) (any, *Error) {
	der, err := derBytes(k.text)
	if err != nil {
		return nil, err
	}
	return k.parseDER(der)
}

// readEdDER is readDER, and takes the 32 bytes of a seed (RFC 8032 section
// 5.1.5) in base64 or hexadecimal too. 64 hexadecimal digits are base64 as well,
// but of nothing that begins as DER does.
func readEdDER(k *keyText) (any, *Error) {
	if seed, err := hex.DecodeString(unquoted(k.text)); err == nil && len(seed) == ed25519.SeedSize {
		return ed25519.NewKeyFromSeed(seed), nil
	}
	der, err := derBytes(k.text)
	if err != nil {
		return nil, err
	}
	if len(der) == ed25519.SeedSize {
		return ed25519.NewKeyFromSeed(der), nil
	}
	return k.parseDER(der)
}

func derBytes(text string) ([]byte, *Error) {
	if strings.Contains(text, "-----BEGIN") {
		return nil, &Error{Field: "key", Message: "this is PEM, not DER", Hint: "take the key_type that ends in Pem"}
	}
	for _, alphabet := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		if der, ok := decode(alphabet, unquoted(text)); ok {
			return der, nil
		}
	}
	for _, lost := range []string{"", "\n", "\r\n"} { // as the end of a line, by ${file:}
		if der := []byte(text + lost); isSequence(der) {
			return der, nil
		}
	}
	if strings.HasPrefix(text, "\x30") {
		return nil, errBroken()
	}
	return nil, &Error{Field: "key", Message: "key is not base64 of DER", Hint: hintFile}
}

// unquoted takes away what stands around a text.
func unquoted(text string) string { return strings.Trim(strings.TrimSpace(text), `"'`) }

// isSequence reports whether b is one ASN.1 SEQUENCE and nothing else.
func isSequence(b []byte) bool {
	var v asn1.RawValue
	return unmarshal(b, &v) && v.Class == asn1.ClassUniversal && v.Tag == asn1.TagSequence
}

// unmarshal reads DER into v, and nothing may follow it.
func unmarshal(der []byte, v any) bool {
	rest, err := asn1.Unmarshal(der, v)
	return err == nil && len(rest) == 0
}

// pkcs8 is OneAsymmetricKey of RFC 5958. What version 2 has after the key, the
// public half, is ignored: encoding/asn1 lets more members follow.
type pkcs8 struct {
	Version    int
	Algorithm  pkix.AlgorithmIdentifier
	PrivateKey []byte
}

// sec1 is ECPrivateKey of RFC 5915.
type sec1 struct {
	Version    int
	PrivateKey []byte
	Curve      asn1.ObjectIdentifier `asn1:"optional,explicit,tag:0"`
	Public     asn1.BitString        `asn1:"optional,explicit,tag:1"`
}

// parseDER reads a private key: PKCS#8, encrypted or not, PKCS#1 or SEC1.
func (k *keyText) parseDER(der []byte) (any, *Error) {
	var e encryptedKey
	if unmarshal(der, &e) {
		var err *Error
		if der, err = k.open(e); err != nil {
			return nil, err
		}
	}
	return parsePlainDER(der)
}

// parsePlainDER reads a private key that is not encrypted. The errors of
// crypto/x509 are not passed on; what they are about is found out instead.
func parsePlainDER(der []byte) (any, *Error) {
	var p pkcs8
	if unmarshal(der, &p) {
		return parsePKCS8(der, p)
	}
	if key, err := x509.ParsePKCS1PrivateKey(der); err == nil {
		return key, nil
	}
	if key, err := x509.ParseECPrivateKey(der); err == nil {
		return key, nil
	}
	var s sec1
	if unmarshal(der, &s) && len(s.Curve) > 0 {
		return namedCurve(s.Curve)
	}
	return nil, notPrivate(der)
}

func parsePKCS8(der []byte, p pkcs8) (any, *Error) {
	oid := p.Algorithm.Algorithm
	if kind, ok := foreignKinds[oid.String()]; ok {
		return kind, nil
	}
	if !oid.Equal(oidRSA) && !oid.Equal(oidEC) && !oid.Equal(oidEd25519) {
		return foreign("a key of an unknown kind"), nil
	}
	key, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		var curve asn1.ObjectIdentifier
		switch parameters := p.Algorithm.Parameters.FullBytes; {
		case !oid.Equal(oidEC):
		case unmarshal(parameters, &curve):
			return namedCurve(curve)
		case isSequence(parameters): // RFC 5480 section 2.1.1 forbids it
			return nil, &Error{Field: "key", Message: "the key spells its curve out", Hint: "convert a copy with openssl pkey -in KEY -ec_param_enc named_curve -out COPY"}
		}
		return nil, errBroken()
	}
	switch key.(type) {
	case *rsa.PrivateKey, *ecdsa.PrivateKey, ed25519.PrivateKey:
		return key, nil
	}
	return nil, errBroken()
}

// namedCurve is for an EC key that crypto/x509 could not read: either it does
// not know the curve, or the key is broken.
func namedCurve(oid asn1.ObjectIdentifier) (any, *Error) {
	if curve, ok := foreignCurves[oid.String()]; ok {
		return curve, nil
	}
	return nil, errBroken()
}

// notPrivate says what der is, when it is no private key.
func notPrivate(der []byte) *Error {
	if _, err := x509.ParsePKIXPublicKey(der); err == nil {
		return errPublic()
	}
	if _, err := x509.ParsePKCS1PublicKey(der); err == nil {
		return errPublic()
	}
	if _, err := x509.ParseCertificate(der); err == nil {
		return errCertificate()
	}
	if looksLikePKCS12(der) {
		return &Error{Field: "key", Message: "this is a PKCS#12 key store", Hint: "name the file in key_stores, and the store in key_store"}
	}
	return errBroken()
}

func errPublic() *Error {
	return &Error{Field: "key", Message: "this is a public key", Hint: "signing needs the private key"}
}

func errCertificate() *Error {
	return &Error{Field: "key", Message: "this is a certificate", Hint: "signing needs the private key that belongs to it"}
}

func errBroken() *Error {
	return &Error{Field: "key", Message: "key is broken or cut off"}
}
