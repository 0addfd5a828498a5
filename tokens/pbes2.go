package tokens

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/des" //nolint:gosec // What OpenSSL wrote for years is opened here, and nothing is written.
	"crypto/pbkdf2"
	"crypto/sha1" //nolint:gosec // As above: the default of RFC 8018.
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509/pkix"
	"hash"

	"golang.org/x/crypto/scrypt"
)

const (
	oidPBES2  = "1.2.840.113549.1.5.13"
	oidPBKDF2 = "1.2.840.113549.1.5.12"
	oidScrypt = "1.3.6.1.4.1.11591.4.11"
	oidSHA1   = "1.2.840.113549.2.7" // of HMAC, as those below
)

// hmacHashes are the pseudorandom functions of RFC 8018 appendix B.1.
var hmacHashes = map[string]func() hash.Hash{
	oidSHA1:               sha1.New,
	"1.2.840.113549.2.8":  sha256.New224,
	"1.2.840.113549.2.9":  sha256.New,
	"1.2.840.113549.2.10": sha512.New384,
	"1.2.840.113549.2.11": sha512.New,
}

// A blockCipher is one that is used in CBC mode.
type blockCipher struct {
	keySize int // in bytes
	create  func(key []byte) (cipher.Block, error)
}

// pbes2Ciphers are those of RFC 8018 appendix B.2 that people have keys in.
var pbes2Ciphers = map[string]blockCipher{
	"1.2.840.113549.3.7":      {24, des.NewTripleDESCipher},
	"2.16.840.1.101.3.4.1.2":  {16, aes.NewCipher},
	"2.16.840.1.101.3.4.1.22": {24, aes.NewCipher},
	"2.16.840.1.101.3.4.1.42": {32, aes.NewCipher},
}

// decryptPBES2 opens what is encrypted as RFC 8018 section 6.2 says.
func decryptPBES2(params []byte, password string, data []byte, w *work) ([]byte, error) {
	var p struct{ KDF, Scheme pkix.AlgorithmIdentifier }
	if !unmarshal(params, &p) {
		return nil, errMalformed
	}
	c, ok := pbes2Ciphers[p.Scheme.Algorithm.String()]
	if !ok {
		return nil, errScheme
	}
	var iv []byte
	if !unmarshal(p.Scheme.Parameters.FullBytes, &iv) {
		return nil, errMalformed
	}
	key, err := deriveKey(p.KDF, password, c.keySize, w)
	if err != nil {
		return nil, err
	}
	return c.decrypt(key, iv, data)
}

// deriveKey makes a key of size bytes from a password, with PBKDF2 (RFC 8018)
// or scrypt (RFC 7914).
func deriveKey(kdf pkix.AlgorithmIdentifier, password string, size int, w *work) ([]byte, error) {
	switch kdf.Algorithm.String() {
	case oidPBKDF2:
		return derivePBKDF2(kdf.Parameters.FullBytes, password, size, w)
	case oidScrypt:
		return deriveScrypt(kdf.Parameters.FullBytes, password, size, w)
	}
	return nil, errScheme
}

func derivePBKDF2(params []byte, password string, size int, w *work) ([]byte, error) {
	var p struct {
		Salt   []byte
		Rounds int
		Size   int                      `asn1:"optional"`
		PRF    pkix.AlgorithmIdentifier `asn1:"optional"`
	}
	if !unmarshal(params, &p) || p.Size != 0 && p.Size != size {
		return nil, errMalformed
	}
	newHash := hmacHashes[oidSHA1] // the default
	if len(p.PRF.Algorithm) > 0 {
		newHash = hmacHashes[p.PRF.Algorithm.String()]
	}
	if newHash == nil {
		return nil, errScheme
	}
	blocks := (size + newHash().Size() - 1) / newHash().Size()
	if err := w.spend(p.Rounds, blocks); err != nil {
		return nil, err
	}
	key, err := pbkdf2.Key(newHash, password, p.Salt, p.Rounds, size)
	if err != nil {
		return nil, errScheme
	}
	return key, nil
}

func deriveScrypt(params []byte, password string, size int, w *work) ([]byte, error) {
	var p struct {
		Salt    []byte
		N, R, P int
		Size    int `asn1:"optional"`
	}
	if !unmarshal(params, &p) || p.Size != 0 && p.Size != size {
		return nil, errMalformed
	}
	if err := w.spend(p.N, p.R, p.P); err != nil {
		return nil, err
	}
	if 128*p.R*(p.N+p.P) > scryptMemory {
		return nil, errWork
	}
	key, err := scrypt.Key([]byte(password), p.Salt, p.N, p.R, p.P, size)
	if err != nil {
		return nil, errMalformed
	}
	return key, nil
}

// decrypt opens CBC with the padding of PKCS#7. A padding that is none means
// another password, with one chance in 256 that it is not seen.
func (c blockCipher) decrypt(key, iv, data []byte) ([]byte, error) {
	block, err := c.create(key)
	if err != nil {
		return nil, errMalformed
	}
	size := block.BlockSize()
	if len(iv) != size || len(data) == 0 || len(data)%size != 0 {
		return nil, errMalformed
	}
	plain := make([]byte, len(data))
	cipher.NewCBCDecrypter(block, iv).CryptBlocks(plain, data)
	n := int(plain[len(plain)-1])
	if n == 0 || n > size || !bytes.HasSuffix(plain, bytes.Repeat([]byte{byte(n)}, n)) {
		return nil, errPassword
	}
	return plain[:len(plain)-n], nil
}
