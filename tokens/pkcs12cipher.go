package tokens

import (
	"crypto/cipher"
	"crypto/des" //nolint:gosec // What OpenSSL and Java wrote for years is opened here, and nothing is written.
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // As above.
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"hash"
)

// A pkcs12Opener opens what is encrypted in a PKCS#12 file.
type pkcs12Opener struct {
	passwords []pkcs12Password
	work      *work
}

// A pkcs12Password is a password in the two forms that the file needs.
type pkcs12Password struct {
	text string // for PBES2 and PBMAC1
	wide []byte // for the rest: big-endian UTF-16 with a zero at its end, RFC 7292 appendix B.1
}

// passwordsOf gives the forms of a password. Of an empty one there are two:
// some write the zero at its end, and some do not.
func passwordsOf(text string) []pkcs12Password {
	list := []pkcs12Password{{text, append(utf16BE(text), 0, 0)}}
	if text == "" {
		list = append(list, pkcs12Password{})
	}
	return list
}

type macData struct {
	MAC struct {
		Algorithm pkix.AlgorithmIdentifier
		Digest    []byte
	}
	Salt   []byte
	Rounds int `asn1:"optional,default:1"`
}

// digests are the hashes of a MAC.
var digests = map[string]func() hash.Hash{
	"1.3.14.3.2.26":          sha1.New,
	"2.16.840.1.101.3.4.2.4": sha256.New224,
	"2.16.840.1.101.3.4.2.1": sha256.New,
	"2.16.840.1.101.3.4.2.2": sha512.New384,
	"2.16.840.1.101.3.4.2.3": sha512.New,
}

const oidPBMAC1 = "1.2.840.113549.1.5.14"

// verify finds the form of the password that the MAC was made with. A file
// without a MAC is taken, as Java does.
func (o *pkcs12Opener) verify(m *macData, message []byte) error {
	if len(m.MAC.Algorithm.Algorithm) == 0 {
		return nil
	}
	for _, p := range o.passwords {
		newHash, key, err := o.macKey(m, p)
		if err != nil {
			return err
		}
		mac := hmac.New(newHash, key)
		mac.Write(message)
		if hmac.Equal(mac.Sum(nil), m.MAC.Digest) {
			o.passwords = []pkcs12Password{p}
			return nil
		}
	}
	return errPassword
}

func (o *pkcs12Opener) macKey(m *macData, p pkcs12Password) (func() hash.Hash, []byte, error) {
	if m.MAC.Algorithm.Algorithm.String() == oidPBMAC1 {
		return o.pbmac1Key(m.MAC.Algorithm.Parameters.FullBytes, p)
	}
	newHash := digests[m.MAC.Algorithm.Algorithm.String()]
	if newHash == nil {
		return nil, nil, errScheme
	}
	if err := o.work.spend(m.Rounds); err != nil {
		return nil, nil, err
	}
	return newHash, pkcs12Key(newHash, 3, p.wide, m.Salt, m.Rounds, newHash().Size()), nil
}

// pbmac1Key is RFC 9579: a key from PBKDF2, at least as long as the RFC's
// section 9 wants it.
func (o *pkcs12Opener) pbmac1Key(params []byte, p pkcs12Password) (func() hash.Hash, []byte, error) {
	var m struct{ KDF, MAC pkix.AlgorithmIdentifier }
	var size struct {
		Salt   asn1.RawValue
		Rounds int
		Size   int
		PRF    pkix.AlgorithmIdentifier `asn1:"optional"`
	}
	if !unmarshal(params, &m) || !unmarshal(m.KDF.Parameters.FullBytes, &size) || size.Size < 20 || size.Size > 64 {
		return nil, nil, errMalformed
	}
	newHash := hmacHashes[m.MAC.Algorithm.String()]
	if newHash == nil || m.KDF.Algorithm.String() != oidPBKDF2 {
		return nil, nil, errScheme
	}
	key, err := deriveKey(m.KDF, p.text, size.Size, o.work)
	return newHash, key, err
}

// pkcs12Ciphers are the schemes of RFC 7292 appendix C that OpenSSL and Java
// wrote before PBES2.
var pkcs12Ciphers = map[string]blockCipher{
	"1.2.840.113549.1.12.1.3": {24, des.NewTripleDESCipher},
	"1.2.840.113549.1.12.1.4": {16, newTwoKeyDES},
	"1.2.840.113549.1.12.1.5": {16, newRC2},
	"1.2.840.113549.1.12.1.6": {5, newRC2},
}

func newTwoKeyDES(key []byte) (cipher.Block, error) {
	return des.NewTripleDESCipher(concat(key, key[:8])) //nolint:gosec // As above.
}

// open decrypts with the first form of the password that fits.
func (o *pkcs12Opener) open(a pkix.AlgorithmIdentifier, data []byte) ([]byte, error) {
	err := errPassword
	for _, p := range o.passwords {
		var plain []byte
		if plain, err = o.openWith(p, a, data); !errors.Is(err, errPassword) {
			return plain, err
		}
	}
	return nil, err
}

func (o *pkcs12Opener) openWith(p pkcs12Password, a pkix.AlgorithmIdentifier, data []byte) ([]byte, error) {
	if a.Algorithm.String() == oidPBES2 {
		return decryptPBES2(a.Parameters.FullBytes, p.text, data, o.work)
	}
	c, ok := pkcs12Ciphers[a.Algorithm.String()]
	if !ok {
		return nil, errScheme
	}
	var params struct {
		Salt   []byte
		Rounds int
	}
	if !unmarshal(a.Parameters.FullBytes, &params) {
		return nil, errMalformed
	}
	if err := o.work.spend(params.Rounds, 3); err != nil {
		return nil, err
	}
	key := pkcs12Key(sha1.New, 1, p.wide, params.Salt, params.Rounds, c.keySize)
	iv := pkcs12Key(sha1.New, 2, p.wide, params.Salt, params.Rounds, des.BlockSize)
	return c.decrypt(key, iv, data)
}

// pkcs12Key derives size bytes for a purpose, RFC 7292 appendix B.2: 1 is a key,
// 2 an IV, 3 the key of a MAC.
func pkcs12Key(newHash func() hash.Hash, purpose byte, password, salt []byte, rounds, size int) []byte {
	h := newHash()
	v := h.BlockSize()
	d := make([]byte, v)
	for i := range d {
		d[i] = purpose
	}
	input := append(repeated(salt, v), repeated(password, v)...)
	var key []byte
	for len(key) < size {
		h.Reset()
		h.Write(d)
		h.Write(input)
		a := h.Sum(nil)
		for range rounds - 1 {
			h.Reset()
			h.Write(a)
			a = h.Sum(a[:0])
		}
		key = append(key, a...)
		addTo(input, a, v)
	}
	return key[:size]
}

// repeated fills whole blocks of v bytes with copies of b.
func repeated(b []byte, v int) []byte {
	if len(b) == 0 {
		return nil
	}
	filled := make([]byte, (len(b)+v-1)/v*v)
	for i := range filled {
		filled[i] = b[i%len(b)]
	}
	return filled
}

// addTo adds to each block of v bytes, as a number, copies of a and 1.
func addTo(blocks, a []byte, v int) {
	for at := 0; at < len(blocks); at += v {
		carry := 1
		for i := v - 1; i >= 0; i-- {
			sum := int(blocks[at+i]) + int(a[i%len(a)]) + carry
			blocks[at+i], carry = byte(sum), sum>>8
		}
	}
}
