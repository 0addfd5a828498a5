package tokens

import (
	"crypto/rsa"
	"fmt"
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
