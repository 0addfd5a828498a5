package functions

import (
	"unicode/utf8"
)

func (r *reading) scalar(n *node) (ok bool) {
	switch n.kind {
	case '"':
		n.escaped, _, ok = r.quoted()
		return ok
	case 't':
		return r.word("true")
	case 'f':
		return r.word("false")
	case 'n':
		return r.word("null")
	default:
		n.kind = '0'
		return r.number()
	}
}

func (r *reading) word(word string) bool {
	if len(r.text)-r.at < len(word) || r.text[r.at:r.at+len(word)] != word {
		return false
	}
	r.at += len(word)
	return true
}

// number reads a number, RFC 8259 section 6.
func (r *reading) number() bool {
	from := r.at
	r.skip('-')
	if !r.skip('0') && !r.digits() {
		return false
	}
	if r.skip('.') && !r.digits() {
		return false
	}
	exponent := r.skip('e') || r.skip('E')
	if exponent {
		if !r.skip('+') {
			r.skip('-')
		}
		if !r.digits() {
			return false
		}
	}
	if r.at-from > maxNumber || exponent && isEndless(r.text[from:r.at]) {
		r.endless = true
	}
	return true
}

func (r *reading) digits() bool {
	from := r.at
	for '0' <= r.peek() && r.peek() <= '9' {
		r.at++
	}
	return r.at > from
}

// quoted reads a string, RFC 8259 section 7, of Unicode characters alone.
func (r *reading) quoted() (escaped, ascii, ok bool) {
	if !r.skip('"') {
		return false, false, false
	}
	from := r.at
	ascii = true
	for r.at < len(r.text) {
		switch c := r.text[r.at]; {
		case c == '"':
			r.at++
			return escaped, ascii, ascii || utf8.ValidString(r.text[from:r.at-1])
		case c < ' ':
			return false, false, false
		case c == '\\':
			n := escapeLength(r.text[r.at:])
			if n == 0 {
				return false, false, false
			}
			escaped = true
			r.at += n
		default:
			ascii = ascii && c < utf8.RuneSelf
			r.at++
		}
	}
	return false, false, false
}

// escapeLength gives the length of the escape at the start of s, both halves of a
// surrogate pair taken together, or 0 when there is none that stands for a
// character.
func escapeLength(s string) int {
	if len(s) < 2 {
		return 0
	}
	switch s[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
	default:
		return 0
	}
	unit, ok := codeUnit(s)
	switch {
	case !ok:
		return 0
	case unit < 0xd800 || unit > 0xdfff:
		return 6
	}
	low, ok := codeUnit(s[6:])
	if unit >= 0xdc00 || !ok || low < 0xdc00 || low > 0xdfff {
		return 0
	}
	return 12
}

// codeUnit reads a \uXXXX at the start of s.
func codeUnit(s string) (unit rune, ok bool) {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return 0, false
	}
	for _, c := range []byte(s[2:6]) {
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		unit = unit<<4 | rune(c)
	}
	return unit, true
}
