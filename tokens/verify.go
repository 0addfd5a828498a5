package tokens

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/tidwall/gjson"
)

// Verify checks a signed JWT in its compact form with the keys of a JWK Set, as a
// careful reader does: one key of the set must have made the signature with the
// algorithm of the header, "exp" must lie after now, and "nbf" may not. The error
// says what is wrong and holds nothing of the token.
func Verify(set []byte, compact string, now time.Time) error {
	payload, err := verifySignature(set, compact)
	if err != nil {
		return err
	}
	claims, errs := members("claims", payload)
	if len(errs) > 0 {
		return errors.New(errs[0].Message)
	}
	for _, c := range claims {
		if c.name != "exp" && c.name != "nbf" {
			continue
		}
		second := float64(now.UnixNano()) / float64(time.Second)
		switch {
		case c.value.Type != gjson.Number:
			return fmt.Errorf("%s is no number", c.name)
		case c.name == "exp" && second >= c.value.Num:
			return errors.New("the token has expired: exp is over")
		case c.name == "nbf" && second < c.value.Num:
			return errors.New("the token is not good yet: nbf is to come")
		}
	}
	return nil
}

// verifySignature gives the payload of a token in the compact form of RFC 7515
// section 7.1.
func verifySignature(set []byte, compact string) (payload []byte, err error) {
	segments := strings.Split(compact, ".")
	if len(segments) != 3 {
		return nil, fmt.Errorf("a signed token has 3 parts, this has %d", len(segments))
	}
	var parts [3][]byte
	for i, s := range segments {
		// The decoder skips line breaks even where it is strict.
		if parts[i], err = base64.RawURLEncoding.Strict().DecodeString(s); err != nil || strings.ContainsAny(s, "\r\n") {
			return nil, fmt.Errorf("part %d of the token is not base64url", i+1)
		}
	}
	a, kid, err := readHeader(parts[0])
	if err != nil {
		return nil, err
	}
	key, err := findVerifyingKey(set, a, kid)
	if err != nil {
		return nil, err
	}
	if a.method.Verify(segments[0]+"."+segments[1], parts[2], key) != nil {
		return nil, errors.New("the key of the set does not verify the signature")
	}
	return parts[1], nil
}

// findVerifyingKey gives the one key of a set that a token with this header is
// verified with. A token without "kid" has to be verifiable with one key only.
func findVerifyingKey(set []byte, a *algorithm, kid *string) (any, error) {
	keys, err := readWebKeySet(set)
	if err != nil {
		return nil, err
	}
	var fitting []any
	secrets := 0
	for _, k := range keys {
		if _, ok := k.Key.([]byte); ok {
			secrets++
		}
		if kid != nil && k.KeyID != *kid {
			continue
		}
		if key := a.verifyingKey(k); key != nil {
			fitting = append(fitting, key)
		}
	}
	switch {
	case secrets > 0 && secrets < len(keys):
		return nil, errors.New("the set has secrets beside public keys")
	case len(fitting) == 0:
		return nil, fmt.Errorf("no key of the set fits the alg and the kid of the token, which are %s and %s", a.name(), shownKeyID(kid))
	case len(fitting) > 1:
		return nil, fmt.Errorf("%d keys of the set fit the alg and the kid of the token, which are %s and %s", len(fitting), a.name(), shownKeyID(kid))
	}
	return fitting[0], nil
}

func shownKeyID(kid *string) string {
	if kid == nil {
		return "none"
	}
	return fmt.Sprintf("%q", *kid)
}

// readHeader reads a JOSE header. It takes no extension that must be understood
// (RFC 7515 section 4.1.11). The kid is nil without one.
func readHeader(raw []byte) (a *algorithm, kid *string, err error) {
	list, errs := members("header", raw)
	if len(errs) > 0 {
		return nil, nil, errors.New(errs[0].Message)
	}
	for _, m := range list {
		switch {
		case m.name == "crit":
			return nil, nil, errors.New("header has crit: there is an extension that egret does not know")
		case (m.name == "alg" || m.name == "kid") && m.value.Type != gjson.String:
			return nil, nil, errors.New("header: " + m.name + " must be a string")
		case m.name == "kid":
			kid = &m.value.Str
		case m.name == "alg":
			if a, _ = findAlgorithm(m.value.Str); a == nil {
				return nil, nil, errors.New("header: egret knows no such alg")
			}
		}
	}
	if a == nil {
		return nil, nil, errors.New("header: alg is missing")
	}
	return a, kid, nil
}

// verifyingKey gives the key that a verifies with, or nil where k is for
// something else: RFC 8725 section 3.1 ties each key to one algorithm.
func (a *algorithm) verifyingKey(k *webKey) any {
	if k.Algorithm != "" && k.Algorithm != a.name() || !k.isFor("sig", "verify", "sign") {
		return nil
	}
	if secret, ok := k.Key.([]byte); ok {
		if a.family == familyHMAC && weak(a, secret) == nil {
			return secret
		}
		return nil
	}
	public := k.Public()
	fits := false
	switch key := public.Key.(type) {
	case *rsa.PublicKey:
		fits = a.family == familyRSA && key.N.BitLen() >= leastRSA
	case *ecdsa.PublicKey:
		m, ok := a.method.(*jwt.SigningMethodECDSA)
		fits = ok && m.CurveBits == key.Params().BitSize
	case ed25519.PublicKey:
		fits = a.family == familyEd25519
	}
	if !fits {
		return nil
	}
	return public.Key
}
