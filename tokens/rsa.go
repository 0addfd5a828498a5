package tokens

import (
	"crypto/rsa"
	"fmt"

	"github.com/golang-jwt/jwt/v5"
)

// leastRSA is the bound of RFC 7518 sections 3.3 and 3.5.
const leastRSA = 2048

// fitRSA serves RS and PS alike. PS signs with a salt as long as the hash, as
// RFC 7518 section 3.5 demands; that is how golang-jwt is set.
func fitRSA(_ *algorithm, key any) *Error {
	bits := key.(*rsa.PrivateKey).N.BitLen()
	if bits < leastRSA {
		return &Error{
			Field:   "key",
			Message: fmt.Sprintf("RSA key is %d bits, at least %d needed", bits, leastRSA),
		}
	}
	return nil
}

// exactSalt is a PS method that verifies what RFC 7518 section 3.5 says, a salt
// as long as the hash. By itself golang-jwt takes any.
func exactSalt(m *jwt.SigningMethodRSAPSS) *jwt.SigningMethodRSAPSS {
	exact := *m
	exact.VerifyOptions = nil
	return &exact
}
