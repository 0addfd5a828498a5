package tokens

import (
	"crypto/ed25519"
	"crypto/rsa"
	"slices"
	"strings"

	"github.com/golang-jwt/jwt/v5"
)

// A family is a kind of key.
type family string

const (
	familyHMAC    family = "a secret"
	familyRSA     family = "an RSA key"
	familyEC      family = "an EC key"
	familyEd25519 family = "an Ed25519 key"
	familyAny     family = "a key of any family" // of a form that says itself which
)

// An algorithm is an "alg" of RFC 7518 section 3.1 or RFC 8037 section 3.1.
type algorithm struct {
	method jwt.SigningMethod
	family family
	needs  string                             // the key, in a sentence about one that does not fit
	fit    func(a *algorithm, key any) *Error // the key is of the family; nil when it is good
}

// algorithms are all that egret signs with. ES512 is on P-521, not on P-512:
// the number is that of the hash.
var algorithms = []*algorithm{
	{jwt.SigningMethodHS256, familyHMAC, "a secret", fitHMAC},
	{jwt.SigningMethodHS384, familyHMAC, "a secret", fitHMAC},
	{jwt.SigningMethodHS512, familyHMAC, "a secret", fitHMAC},
	{jwt.SigningMethodRS256, familyRSA, "RSA", fitRSA},
	{jwt.SigningMethodRS384, familyRSA, "RSA", fitRSA},
	{jwt.SigningMethodRS512, familyRSA, "RSA", fitRSA},
	{exactSalt(jwt.SigningMethodPS256), familyRSA, "RSA", fitRSA},
	{exactSalt(jwt.SigningMethodPS384), familyRSA, "RSA", fitRSA},
	{exactSalt(jwt.SigningMethodPS512), familyRSA, "RSA", fitRSA},
	{jwt.SigningMethodES256, familyEC, "EC P-256", fitEC},
	{jwt.SigningMethodES384, familyEC, "EC P-384", fitEC},
	{jwt.SigningMethodES512, familyEC, "EC P-521", fitEC},
	{jwt.SigningMethodEdDSA, familyEd25519, "Ed25519", fitEd25519},
}

func (a *algorithm) name() string { return a.method.Alg() }

// Algorithms lists the names of all algorithms.
func Algorithms() []string {
	names := make([]string, len(algorithms))
	for i, a := range algorithms {
		names[i] = a.name()
	}
	return names
}

// findAlgorithm finds an algorithm by its name, in its exact spelling.
func findAlgorithm(name string) (*algorithm, *Error) {
	for _, a := range algorithms {
		if a.name() == name {
			return a, nil
		}
	}
	return nil, unknown("algorithm", name, Algorithms())
}

// check says what keeps key from being used with a.
func (a *algorithm) check(key any) *Error {
	if f := familyOf(key); f != a.family {
		return wrongKey(string(f), a)
	}
	return a.fit(a, key)
}

func wrongKey(what string, a *algorithm) *Error {
	return &Error{Field: "key", Message: "this is " + what + ", " + a.name() + " needs " + a.needs}
}

// unknown is the error of a word that is none of words.
func unknown(field, word string, words []string) *Error {
	if word == "" {
		return &Error{Field: field, Message: field + " is missing", Hint: "one of " + strings.Join(words, ", ")}
	}
	hint := "one of " + strings.Join(words, ", ")
	if i := slices.IndexFunc(words, func(w string) bool { return strings.EqualFold(w, word) }); i >= 0 {
		hint = "did you mean " + words[i] + "?"
	}
	return &Error{Field: field, Message: "unknown " + field, Hint: hint}
}

// signatureSize is the length in bytes of what a key signs, RFC 7518 section 3.
func (a *algorithm) signatureSize(private any) int {
	switch m := a.method.(type) {
	case *jwt.SigningMethodHMAC:
		return m.Hash.Size()
	case *jwt.SigningMethodECDSA:
		return 2 * m.KeySize
	case *jwt.SigningMethodEd25519:
		return ed25519.SignatureSize
	default:
		return private.(*rsa.PrivateKey).Size()
	}
}
