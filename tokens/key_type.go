package tokens

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"strings"
)

// A keyType says how the text of a key is to be read. The names are those of
// the console whose token configurations egret takes over.
type keyType struct {
	name   string
	family family
	// read gives []byte, *rsa.PrivateKey, *ecdsa.PrivateKey,
	// ed25519.PrivateKey, or what egret knows but cannot use: foreign,
	// foreignCurve.
	read func(*keyText) (any, *Error)
}

var keyTypes = []*keyType{
	{"Secret", familyHMAC, readSecret},
	{"Base64Secret", familyHMAC, readBase64Secret},
	{"UrlSafeBase64Secret", familyHMAC, readURLSafeBase64Secret},
	{"RsaPem", familyRSA, readPEM},
	{"RsaDer", familyRSA, readDER},
	{"EcPem", familyEC, readPEM},
	{"EcDer", familyEC, readDER},
	{"EdPem", familyEd25519, readPEM},
	{"EdDer", familyEd25519, readEdDER},
	{"Jwk", familyAny, readJWK},
}

// KeyTypes lists the names of all key types.
func KeyTypes() []string {
	names := make([]string, len(keyTypes))
	for i, t := range keyTypes {
		names[i] = t.name
	}
	return names
}

// findKeyType finds a key type by its name, in its exact spelling.
func findKeyType(name string) (*keyType, *Error) {
	for _, t := range keyTypes {
		if t.name == name {
			return t, nil
		}
	}
	return nil, unknown("key_type", name, KeyTypes())
}

// check says why keys of type t are not for a.
func (t *keyType) check(a *algorithm) *Error {
	if t.fits(a) {
		return nil
	}
	var fitting []string
	for _, other := range keyTypes {
		if other.fits(a) {
			fitting = append(fitting, other.name)
		}
	}
	return &Error{
		Field:   "key_type",
		Message: "key_type " + t.name + " does not fit algorithm " + a.name(),
		Hint:    a.name() + " takes " + strings.Join(fitting, ", "),
	}
}

// fits reports whether a key of type t can be one for a.
func (t *keyType) fits(a *algorithm) bool { return t.family == a.family || t.family == familyAny }

// use gives a key that was read, when a can sign with it.
func (a *algorithm) use(key any) (any, *Error) {
	switch key := key.(type) {
	case foreign:
		return nil, wrongKey(string(key), a)
	case foreignCurve:
		return nil, wrongCurve(string(key), a)
	}
	if err := a.check(key); err != nil {
		return nil, err
	}
	return key, nil
}

// familyOf names the family of a key that a keyType has read.
func familyOf(key any) family {
	switch key.(type) {
	case *rsa.PrivateKey:
		return familyRSA
	case *ecdsa.PrivateKey:
		return familyEC
	case ed25519.PrivateKey:
		return familyEd25519
	default:
		return familyHMAC
	}
}
