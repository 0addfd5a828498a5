package templates

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"
)

// A Pointer is a compiled RFC 6901 JSON Pointer. The zero Pointer leads to the
// whole document.
type Pointer struct {
	text   string
	tokens []string // unescaped
}

var (
	errNoSlash  = errors.New(`a pointer begins with "/"`)
	errBadTilde = errors.New(`"~" is written "~0" and "/" inside a name "~1"`)
)

// ParsePointer compiles s, which is "" or begins with "/" (RFC 6901 section 3).
func ParsePointer(s string) (Pointer, error) {
	if s == "" {
		return Pointer{}, nil
	}
	if s[0] != '/' {
		return Pointer{}, fmt.Errorf("cannot parse pointer=%q: %w", s, errNoSlash)
	}
	tokens := strings.Split(s[1:], "/")
	for i, token := range tokens {
		plain, ok := unescapeToken(token)
		if !ok {
			return Pointer{}, fmt.Errorf("cannot parse pointer=%q: %w", s, errBadTilde)
		}
		tokens[i] = plain
	}
	return Pointer{text: s, tokens: tokens}, nil
}

// String gives the pointer as it was written, such as "/customer/name".
func (p Pointer) String() string { return p.text }

// Parameter gives the first reference token, unescaped: the parameter that the
// pointer leads into. It is "" for the pointer to the whole document.
func (p Pointer) Parameter() string {
	if len(p.tokens) == 0 {
		return ""
	}
	return p.tokens[0]
}

// Tokens gives the reference tokens, unescaped. The slice is shared: nobody
// changes it.
func (p Pointer) Tokens() []string { return slices.Clip(p.tokens) }

// Lookup gives the value at p in doc, or a Result that does not exist. It
// compares member names and array indexes exactly and never reads a token as
// gjson's path syntax, in which names can run modifiers and queries.
func Lookup(doc gjson.Result, p Pointer) gjson.Result {
	for _, token := range p.tokens {
		doc = Child(doc, token)
	}
	return doc
}

// Child gives the member or element of value that an unescaped reference token
// names, or a Result that does not exist. It is one step of [Lookup].
func Child(value gjson.Result, token string) gjson.Result {
	switch {
	case value.IsObject():
		return member(value, token)
	case value.IsArray():
		return element(value, token)
	default:
		return gjson.Result{}
	}
}

// EscapeToken writes a name as a reference token, RFC 6901 section 3.
func EscapeToken(name string) string {
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
}

func member(object gjson.Result, name string) (found gjson.Result) {
	object.ForEach(func(key, value gjson.Result) bool {
		if key.Str != name {
			return true
		}
		found = value
		return false
	})
	return found
}

// element reads token as RFC 6901 section 4 does: no sign, no leading zero. The
// token "-" names the element after the last, which never exists.
func element(array gjson.Result, token string) (found gjson.Result) {
	index, err := strconv.ParseUint(token, 10, 31)
	if err != nil || (token[0] == '0' && token != "0") {
		return gjson.Result{}
	}
	array.ForEach(func(_, value gjson.Result) bool {
		if index > 0 {
			index--
			return true
		}
		found = value
		return false
	})
	return found
}

// unescapeToken follows the order of RFC 6901 section 4, so that "~01" is "~1".
func unescapeToken(token string) (string, bool) {
	if !strings.Contains(token, "~") {
		return token, true
	}
	var b strings.Builder
	for i := 0; i < len(token); i++ {
		if token[i] != '~' {
			b.WriteByte(token[i])
			continue
		}
		i++
		switch {
		case i < len(token) && token[i] == '0':
			b.WriteByte('~')
		case i < len(token) && token[i] == '1':
			b.WriteByte('/')
		default:
			return "", false
		}
	}
	return b.String(), true
}
