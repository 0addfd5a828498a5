package tokens

import (
	"crypto/ecdsa"

	"github.com/golang-jwt/jwt/v5"
)

// fitEC refuses a key on another curve: RFC 7518 section 3.4 ties each
// algorithm to one.
func fitEC(a *algorithm, key any) *Error {
	curve := key.(*ecdsa.PrivateKey).Params()
	if curve.BitSize != a.method.(*jwt.SigningMethodECDSA).CurveBits {
		return wrongCurve(curve.Name, a)
	}
	return nil
}

func wrongCurve(curve string, a *algorithm) *Error {
	if a.family != familyEC {
		return wrongKey(string(familyEC), a)
	}
	return &Error{
		Field:   "key",
		Message: "key is on " + curve + ", " + a.name() + " needs " + a.needs[len("EC "):],
	}
}
