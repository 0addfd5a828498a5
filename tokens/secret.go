package tokens

import (
	"encoding/base64"
	"strings"
	"unicode"
)

// readSecret takes the bytes as they are, white space included.
func readSecret(k *keyText) (any, *Error) { return []byte(k.text), nil }

func readBase64Secret(k *keyText) (any, *Error) {
	b, ok := decode(base64.RawStdEncoding, k.text)
	if !ok {
		return nil, notBase64("base64 of the standard alphabet", base64.RawURLEncoding, k.text, "UrlSafeBase64Secret")
	}
	return b, nil
}

func readURLSafeBase64Secret(k *keyText) (any, *Error) {
	b, ok := decode(base64.RawURLEncoding, k.text)
	if !ok {
		return nil, notBase64("base64 of the URL-safe alphabet", base64.RawStdEncoding, k.text, "Base64Secret")
	}
	return b, nil
}

// notBase64 is the error for text that is not what; when it is in the other
// alphabet, the hint names the key type of that one.
func notBase64(what string, other *base64.Encoding, text, keyType string) *Error {
	e := &Error{Field: "key", Message: "key is not " + what}
	if _, ok := decode(other, text); ok {
		e.Hint = "it is in the other alphabet: write key_type: " + keyType
	}
	return e
}

// decode reads base64 with or without padding and white space. The encoding is
// a raw one. An error of encoding/base64 tells a position; nobody needs it.
func decode(raw *base64.Encoding, text string) ([]byte, bool) {
	text = strings.TrimRight(dropSpace(text), "=")
	b, err := raw.DecodeString(text)
	return b, err == nil
}

func dropSpace(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, text)
}
