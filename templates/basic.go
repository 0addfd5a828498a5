package templates

import (
	"encoding/base64"
	"slices"
	"strings"
)

const basicPlace = "basic"

// A basic is the user and the password of Basic credentials, RFC 7617 section 2.
type basic struct{ user, password *Passage }

// NewBasic makes the header Authorization from a user name, compiled for
// [BasicUser], and a password, compiled for [BasicPassword]. Both are UTF-8 and
// may be empty.
func NewBasic(user, password *Passage) *Header {
	return &Header{name: "Authorization", basic: &basic{user, password}}
}

// IsBasic reports whether [NewBasic] made h, so that the values that it carries
// are encoded together.
func (h *Header) IsBasic() bool { return h.basic != nil }

// Configured reports whether a piece of the value came from ${env:…} or
// ${file:…}.
func (h *Header) Configured() bool {
	if h.basic != nil {
		return h.basic.user.Configured() || h.basic.password.Configured()
	}
	return slices.ContainsFunc(h.parts, func(p part) bool { return p.configured })
}

func (b *basic) placeholders() []Placeholder {
	return append(b.user.Placeholders(), b.password.Placeholders()...)
}

// appendLine appends the field. The credentials stand behind it before they are
// encoded, so that they need no memory of their own.
func (b *basic) appendLine(dst []byte, args Arguments) ([]byte, error) {
	begin := len(dst)
	dst, err := appendParts(dst, b.user.parts, args)
	if err != nil {
		return dst[:begin], err
	}
	dst = append(dst, ':')
	if dst, err = appendParts(dst, b.password.parts, args); err != nil {
		return dst[:begin], err
	}
	end := len(dst)
	dst = append(dst, "Authorization: Basic "...)
	dst = base64.StdEncoding.AppendEncode(dst, dst[begin:end])
	dst = append(dst, lineEnd...)
	return slices.Delete(dst, begin, end), nil
}

// userProblem follows RFC 7617 section 2: what follows the first colon is the
// password.
func userProblem(s string) string {
	if strings.Contains(s, ":") {
		return "has a colon, which ends a user name"
	}
	return credentialProblem(s)
}

func credentialProblem(s string) string {
	if hasControl(s) {
		return "has a control character, which credentials cannot have"
	}
	return ""
}

func hasControl(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f })
}
