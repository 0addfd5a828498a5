package tokens

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/pbkdf2"
	"crypto/sha1" //nolint:gosec // It is what WebSphere uses.
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/egret-proxy/egret/configs"
)

// libertyTag is what WebSphere Liberty writes before a password that it has
// encoded.
var libertyTag = regexp.MustCompile(`^\{([A-Za-z0-9:._-]{0,64})\}`)

// libertyPassphrase is what Liberty encrypts with when the variable of that
// name is not set: it passes the reference on as it is.
const libertyPassphrase = "${wlp.password.encryption.key}"

// libertyKeys are how the versions of {aes} make a key of a passphrase.
var libertyKeys = map[byte]struct {
	hash   func() hash.Hash
	rounds int
	size   int // in bytes
	salt   string
}{
	0: {sha1.New, 84756, 16, "a7a283394c5ab34f32150a9e2f171138c32e7d80"},
	1: {sha512.New, 210000, 32, "a7c1160f870b664ba544a2a76053ebbbd31d1a6aee453cfa6c496f7a29edb2b1" +
		"e46639f64230366f235c3b87240f0ec1d56b3fee572bc74a006b89fef9f9d2a1" +
		"d424f65689b08e0a55181887e23f3b3134b4866cac1004d93a4b09e77e7fa07a" +
		"c2a247f89bdf39d4a3564c8d718468d887f75679d0c7b3c649070c0418afc06b"},
}

// plain gives the text that Liberty has encoded, and a text without a tag as it
// is. The field is that of the text, for the error.
func (s *Stores) plain(field string, coded, passphrase configs.Secret) (string, *Error) {
	text := coded.Reveal()
	tag := libertyTag.FindStringSubmatch(text)
	if tag == nil {
		return text, nil
	}
	rest := text[len(tag[0]):]
	switch name := strings.ToLower(tag[1]); name {
	case "":
		return rest, nil
	case "xor":
		return plainXOR(field, rest)
	case "aes":
		return s.plainAES(field, rest, passphrase)
	case "hash":
		return "", &Error{Field: field, Message: field + " is a {hash}, which nobody can turn back", Hint: "write the text itself, or its {xor} or {aes}"}
	}
	return "", &Error{Field: field, Message: field + " is encoded in an unknown way", Hint: "{xor} and {aes} are known; a text of one's own that begins so gets {} before it"}
}

// plainXOR turns {xor} back: each byte is changed by the underscore.
func plainXOR(field, text string) (string, *Error) {
	b, ok := decode(base64.RawStdEncoding, text)
	if !ok {
		return "", &Error{Field: field, Message: "what follows {xor} is not base64"}
	}
	for i := range b {
		b[i] ^= '_'
	}
	return string(b), nil
}

// plainAES turns {aes} back: a byte with the version, what that encrypted, and
// in it a seed with its length before it.
func (s *Stores) plainAES(field, text string, passphrase configs.Secret) (string, *Error) {
	b, ok := decode(base64.RawStdEncoding, text)
	if !ok {
		return "", &Error{Field: field, Message: "what follows {aes} is not base64"}
	}
	if len(b) == 0 || b[0] > 1 {
		return "", &Error{Field: field, Message: "{aes} is of an unknown version", Hint: "versions 0 and 1 are known; encode the text again with the securityUtility's --passwordKey"}
	}
	word := passphrase.Reveal()
	if passphrase.IsZero() {
		word = libertyPassphrase
	}
	block, ok := openAES(s.libertyKey(b[0], word), b)
	if !ok || len(block) == 0 || len(block) <= int(block[0]) || !utf8.Valid(block[1+int(block[0]):]) {
		return "", errNotLiberty(field, passphrase.IsZero())
	}
	return string(block[1+int(block[0]):]), nil
}

func errNotLiberty(field string, builtIn bool) *Error {
	e := &Error{Field: field, Message: "key_passphrase does not open the {aes} of " + field}
	if builtIn {
		e.Message = "Liberty's own passphrase does not open the {aes} of " + field
		e.Hint = "write the value of wlp.password.encryption.key as key_passphrase"
	}
	return e
}

// openAES decrypts one version of {aes}.
func openAES(key, b []byte) ([]byte, bool) {
	if b[0] == 0 {
		plain, err := blockCipher{len(key), aes.NewCipher}.decrypt(key, key, b[1:])
		return plain, err == nil
	}
	if len(b) < 2 || int(b[1]) == 0 || len(b) < 2+int(b[1]) {
		return nil, false
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, false
	}
	iv, data := b[2:2+int(b[1])], b[2+int(b[1]):]
	gcm, err := cipher.NewGCMWithNonceSize(block, len(iv))
	if err != nil {
		return nil, false
	}
	plain, err := gcm.Open(nil, iv, data, nil)
	return plain, err == nil
}

// libertyKey makes the key of a version, once for each passphrase.
func (s *Stores) libertyKey(version byte, passphrase string) []byte {
	if s == nil {
		return makeLibertyKey(version, passphrase)
	}
	return s.derived.get(version, passphrase)
}

func makeLibertyKey(version byte, passphrase string) []byte {
	how := libertyKeys[version]
	salt, _ := hex.DecodeString(how.salt)
	key, _ := pbkdf2.Key(how.hash, passphrase, salt, how.rounds, how.size) // fails where FIPS 140 is enforced: the key opens nothing then
	return key
}
