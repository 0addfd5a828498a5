package tokens

import (
	"crypto/x509/pkix"
	"errors"
	"strings"
)

// encryptedKey is EncryptedPrivateKeyInfo of RFC 5958 section 3.
type encryptedKey struct {
	Algorithm pkix.AlgorithmIdentifier
	Data      []byte
}

// oldEncryptions are how the names of the schemes before PBES2 begin: PBES1 of
// RFC 8018, and those of PKCS#12, RFC 7292 appendix C.
var oldEncryptions = []string{"1.2.840.113549.1.5.", "1.2.840.113549.1.12.1."}

// open decrypts an encrypted PKCS#8.
func (k *keyText) open(e encryptedKey) ([]byte, *Error) {
	oid := e.Algorithm.Algorithm.String()
	if oid != oidPBES2 {
		for _, prefix := range oldEncryptions {
			if strings.HasPrefix(oid, prefix) {
				return nil, errNotOpened(errOld)
			}
		}
		return nil, errNotOpened(errScheme)
	}
	if k.passphrase == "" {
		return nil, &Error{
			Field:   "key",
			Message: "the key is encrypted, key_passphrase is missing",
			Hint:    "write key_passphrase: ${env:NAME}",
		}
	}
	k.opened = true
	plain, err := decryptPBES2(e.Algorithm.Parameters.FullBytes, k.passphrase, e.Data, &work{keyWork})
	if err == nil && !isSequence(plain) {
		err = errPassword
	}
	if err != nil {
		return nil, errNotOpened(err)
	}
	return plain, nil
}

// convertPKCS8 is how to get a key that egret opens out of one that it does
// not.
const convertPKCS8 = "convert a copy with openssl pkcs8 -topk8 -v2 aes-256-cbc -in KEY -out COPY"

// errNotOpened says what kept an encrypted key shut.
func errNotOpened(err error) *Error {
	switch {
	case errors.Is(err, errPassword):
		return &Error{Field: "key_passphrase", Message: "key_passphrase does not open the key"}
	case errors.Is(err, errWork):
		return &Error{
			Field:   "key",
			Message: "the key asks for too much work to open it",
			Hint:    convertPKCS8 + ", which asks for 2048 rounds; at most 5000000 are taken",
		}
	case errors.Is(err, errOld):
		return &Error{Field: "key", Message: "the key is encrypted in an outdated way", Hint: convertPKCS8}
	case errors.Is(err, errScheme):
		return &Error{Field: "key", Message: "the key is encrypted in a way that is not supported", Hint: convertPKCS8}
	}
	return errBroken()
}
