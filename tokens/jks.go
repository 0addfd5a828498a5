package tokens

import (
	"bytes"
	"crypto/sha1" //nolint:gosec // It is what the format has.
	"crypto/subtle"
	"crypto/x509"
	"encoding/binary"
	"unicode/utf16"
)

const (
	jksMagic   = "\xfe\xed\xfe\xed"
	jceksMagic = "\xce\xce\xce\xce"
	// jksSeal stands in what a JKS file ends in the hash of.
	jksSeal = "Mighty Aphrodite"
	// oidJKS is how Java encrypts the keys in a JKS file.
	oidJKS = "1.3.6.1.4.1.42.2.17.1.1"
)

func looksLikeJKS(data []byte) bool   { return bytes.HasPrefix(data, []byte(jksMagic)) }
func looksLikeJCEKS(data []byte) bool { return bytes.HasPrefix(data, []byte(jceksMagic)) }
func looksLikeBKS(data []byte) bool {
	return bytes.HasPrefix(data, []byte{0, 0, 0, 1}) || bytes.HasPrefix(data, []byte{0, 0, 0, 2})
}

// readJKS reads the format of Java's own key stores. The library for it takes
// memory for every length that a file claims, knows no passwords beyond ASCII,
// and panics on short keys.
func readJKS(f *storeFile) ([]*storeEntry, *Error) {
	if len(f.data) < len(jksMagic)+8+sha1.Size {
		return nil, errBrokenStore()
	}
	body, seal := f.data[:len(f.data)-sha1.Size], f.data[len(f.data)-sha1.Size:]
	switch sum := sha1.Sum(concat(utf16BE(f.password), []byte(jksSeal), body)); { //nolint:gosec // As above.
	case !f.sealed && !f.trusted:
		return nil, &Error{Field: "password", Message: "password is missing", Hint: "a JKS file opens with a password only"}
	case f.sealed && subtle.ConstantTimeCompare(sum[:], seal) != 1:
		return nil, errStorePassword()
	}
	r := &jksReader{rest: body[len(jksMagic):]}
	version, count := r.number(4), r.number(4)
	var entries []*storeEntry
	for range count {
		if r.broken || version != 1 && version != 2 {
			break
		}
		entries = append(entries, r.entry(version, f))
	}
	if r.broken || len(r.rest) > 0 || uint32(len(entries)) != count {
		return nil, errBrokenStore()
	}
	return entries, nil
}

// A jksReader takes what a JKS file consists of from its beginning.
type jksReader struct {
	rest   []byte
	broken bool
}

// take gives the next n bytes, of those that there are.
func (r *jksReader) take(n uint32) []byte {
	if r.broken || uint64(n) > uint64(len(r.rest)) {
		r.broken = true
		return nil
	}
	b := r.rest[:n]
	r.rest = r.rest[n:]
	return b
}

// number gives the next n bytes as a number, most significant first.
func (r *jksReader) number(n uint32) uint32 {
	var b [4]byte
	copy(b[4-n:], r.take(n))
	return binary.BigEndian.Uint32(b[:])
}

func (r *jksReader) entry(version uint32, f *storeFile) *storeEntry {
	tag := r.number(4)
	e := &storeEntry{alias: string(r.take(r.number(2)))}
	r.take(8) // the time of its creation
	switch tag {
	case 1:
		sealed := r.take(r.number(4))
		for i := range r.number(4) {
			if c := r.certificate(version); i == 0 {
				e.public = publicOfCertificate(c)
			}
			if r.broken {
				return e
			}
		}
		if !f.trusted {
			e.private, e.err = openJKSKey(sealed, f)
		}
	case 2:
		e.public = publicOfCertificate(r.certificate(version))
	default:
		r.broken = true
	}
	return e
}

func (r *jksReader) certificate(version uint32) []byte {
	if version == 2 {
		r.take(r.number(2)) // "X.509"
	}
	return r.take(r.number(4))
}

// openJKSKey decrypts a key as sun.security.provider.KeyProtector does: salt,
// key XOR a chain of hashes, hash of password and key.
func openJKSKey(sealed []byte, f *storeFile) (any, *Error) {
	var e encryptedKey
	if !unmarshal(sealed, &e) || len(e.Data) < 2*sha1.Size {
		return nil, errBrokenEntry()
	}
	if e.Algorithm.Algorithm.String() != oidJKS {
		return nil, &Error{Field: "key", Message: "the key is encrypted in a way that JKS does not have"}
	}
	password := utf16BE(f.keyPassword)
	link, plain, check := e.Data[:sha1.Size], bytes.Clone(e.Data[sha1.Size:len(e.Data)-sha1.Size]), e.Data[len(e.Data)-sha1.Size:]
	for at := 0; at < len(plain); at += sha1.Size {
		sum := sha1.Sum(concat(password, link)) //nolint:gosec // As above.
		link = sum[:]
		subtle.XORBytes(plain[at:], plain[at:], link)
	}
	if sum := sha1.Sum(concat(password, plain)); subtle.ConstantTimeCompare(sum[:], check) != 1 { //nolint:gosec // As above.
		return nil, errEntryPassword()
	}
	return parsePlainDER(plain)
}

// publicOfCertificate gives the key in a certificate, or nil.
func publicOfCertificate(der []byte) any {
	c, err := x509.ParseCertificate(der)
	if err != nil {
		return nil
	}
	return c.PublicKey
}

// utf16BE gives a password as Java has it.
func utf16BE(text string) []byte {
	var b []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		b = binary.BigEndian.AppendUint16(b, unit)
	}
	return b
}

func concat(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

func errBrokenStore() *Error {
	return &Error{Field: "file", Message: "the store is broken or cut off"}
}

func errBrokenEntry() *Error {
	return &Error{Field: "key", Message: "the entry in the store is broken"}
}

func errStorePassword() *Error {
	return &Error{Field: "password", Message: "the password does not open the store"}
}

func errEntryPassword() *Error {
	return &Error{Field: "key_password", Message: "the password does not open this key of the store", Hint: "write key_password in the store's entry"}
}
