package tokens

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"regexp"
	"strconv"
)

// A tokenID is how "jti" is made at each signing (RFC 7519 section 4.1.7).
type tokenID struct {
	before string // what stands before the value, in JSON
	parts  []tokenIDPart
}

// A tokenIDPart is a text, or what makes one at a second since 1970.
type tokenIDPart struct {
	text string
	make func(b []byte, second int64) []byte
}

// tokenIDWords are what a format may have in braces.
var tokenIDWords = map[string]struct {
	make   func(b []byte, second int64) []byte
	random bool // 16 bytes of it
}{
	"{uuid}":      {appendUUID, true},
	"{hex}":       {appendHex, true},
	"{base64url}": {appendBase64URL, true},
	"{iat}":       {appendSecond, false},
}

var braced = regexp.MustCompile(`\{[A-Za-z0-9_]*\}`)

const hintTokenID = "write {uuid}, {hex} or {base64url} where something new shall stand each time, and {iat} for the time"

// compileTokenID wants something random in a format: no two tokens may have the
// same "jti". It gives nil for "".
func compileTokenID(format string, list *memberList) (*tokenID, *Error) {
	if format == "" {
		return nil, nil
	}
	id := &tokenID{}
	random, end := false, 0
	for _, at := range braced.FindAllStringIndex(format, -1) {
		word, known := tokenIDWords[format[at[0]:at[1]]]
		if !known {
			return nil, &Error{Field: "jti", Message: "jti has an unknown word in braces", Hint: hintTokenID}
		}
		id.parts = append(id.parts, tokenIDPart{text: format[end:at[0]]}, tokenIDPart{make: word.make})
		random, end = random || word.random, at[1]
	}
	id.parts = append(id.parts, tokenIDPart{text: format[end:]})
	if !random {
		return nil, &Error{Field: "jti", Message: "jti would be the same in several tokens", Hint: hintTokenID}
	}
	var ok bool
	if id.before, ok = list.open("jti", "jti", `"jti"`); !ok {
		return nil, nil
	}
	return id, nil
}

// new makes the ID of a token that is signed in a second since 1970.
func (id *tokenID) new(second int64) string {
	var room [128]byte
	b := room[:0]
	for _, part := range id.parts {
		b = append(b, part.text...)
		if part.make != nil {
			b = part.make(b, second)
		}
	}
	return string(b)
}

// appendUUID makes a UUID of version 4, RFC 9562 section 5.4.
func appendUUID(b []byte, _ int64) []byte {
	u := random16()
	u[6] = u[6]&0x0f | 4<<4
	u[8] = u[8]&0x3f | 0x80
	b = append(hex.AppendEncode(b, u[:4]), '-')
	b = append(hex.AppendEncode(b, u[4:6]), '-')
	b = append(hex.AppendEncode(b, u[6:8]), '-')
	b = append(hex.AppendEncode(b, u[8:10]), '-')
	return hex.AppendEncode(b, u[10:])
}

func appendHex(b []byte, _ int64) []byte {
	random := random16()
	return hex.AppendEncode(b, random[:])
}

func appendBase64URL(b []byte, _ int64) []byte {
	random := random16()
	return base64.RawURLEncoding.AppendEncode(b, random[:])
}

func appendSecond(b []byte, second int64) []byte { return strconv.AppendInt(b, second, 10) }

func random16() (random [16]byte) {
	_, _ = rand.Read(random[:]) // it never fails
	return random
}
