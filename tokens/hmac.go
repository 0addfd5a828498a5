package tokens

import (
	"fmt"

	"github.com/golang-jwt/jwt/v5"
)

// fitHMAC refuses an empty secret; golang-jwt would sign with it.
func fitHMAC(_ *algorithm, key any) *Error {
	if len(key.([]byte)) == 0 {
		return &Error{Field: "key", Message: "secret is empty"}
	}
	return nil
}

// weak warns of a secret that is shorter than the hash's output, as RFC 7518
// section 3.2 demands. It is only a warning: whoever issued the secret chose
// its length.
func weak(a *algorithm, key any) *Error {
	m, ok := a.method.(*jwt.SigningMethodHMAC)
	if !ok {
		return nil
	}
	got, least := len(key.([]byte)), m.Hash.Size()
	if got >= least {
		return nil
	}
	return &Error{
		Field:   "key",
		Message: fmt.Sprintf("secret is %d bytes, %s should have at least %d", got, a.name(), least),
		Hint:    "a short secret can be guessed from one token (RFC 7518 section 3.2)",
	}
}
