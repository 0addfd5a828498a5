package wire

import "encoding/binary"

// Classes of bytes.
const (
	tokenByte  = 1 << iota // RFC 9110 section 5.6.2: of names and methods
	valueByte              // RFC 9110 section 5.5: of a field's value, with the bytes beyond ASCII
	targetByte             // RFC 3986: of a URI, but for the fragment's number sign
	hexByte
)

// classes has the classes of each byte, and lowered its lower case in ASCII.
var classes, lowered = func() (classes, lowered [256]byte) {
	for i := range 256 {
		c := byte(i)
		lowered[c] = c
		letter := 'a' <= c|0x20 && c|0x20 <= 'z'
		digit := '0' <= c && c <= '9'
		if 'A' <= c && c <= 'Z' {
			lowered[c] = c | 0x20
		}
		if letter || digit || within(c, "!#$%&'*+-.^_`|~") {
			classes[c] |= tokenByte
		}
		if c >= ' ' && c != 0x7f || c == '\t' {
			classes[c] |= valueByte
		}
		if c > ' ' && c < 0x7f && !within(c, "\"<>\\^`{|}#") {
			classes[c] |= targetByte
		}
		if digit || 'a' <= c|0x20 && c|0x20 <= 'f' {
			classes[c] |= hexByte
		}
	}
	return classes, lowered
}()

func within(c byte, set string) bool {
	for i := range len(set) {
		if set[i] == c {
			return true
		}
	}
	return false
}

// IsToken reports whether text is a token, RFC 9110 section 5.6.2: a field's
// name or a method.
func IsToken[T string | []byte](text T) bool {
	for i := range len(text) {
		if classes[text[i]]&tokenByte == 0 {
			return false
		}
	}
	return len(text) > 0
}

// IsValue reports whether text may stand in a field's value. It may begin or
// end with white space, which a reader takes off.
func IsValue[T string | []byte](text T) bool {
	for i := range len(text) {
		if classes[text[i]]&valueByte == 0 {
			return false
		}
	}
	return true
}

// areVisible reports whether text, a value, has no control character. It looks
// at eight bytes at a time, and at each byte only where there is one, or a tab.
func areVisible(text []byte) bool {
	const each, high = 0x0101010101010101, 0x8080808080808080
	for len(text) >= 8 {
		x := binary.LittleEndian.Uint64(text)
		del := x ^ 0x7f*each
		if ((x-0x20*each)&^x|(del-each)&^del)&high != 0 {
			return IsValue(text)
		}
		text = text[8:]
	}
	return IsValue(text)
}

// CheckTarget finds what a request's target may not have: bytes that RFC 3986
// does not permit in a URI, fragments (RFC 9112 section 3.2 has none) and
// percent signs that begin no octet.
func CheckTarget(target []byte) error {
	if len(target) == 0 {
		return NoTarget
	}
	for i, c := range target {
		if classes[c]&targetByte == 0 {
			return TargetByte
		}
		if c == '%' && (i+2 >= len(target) || classes[target[i+1]]&classes[target[i+2]]&hexByte == 0) {
			return TargetPercent
		}
	}
	return nil
}

// EqualFold reports whether text equals lower, which is in lower case, in any
// letter case of ASCII.
func EqualFold[T string | []byte](text T, lower string) bool {
	if len(text) != len(lower) {
		return false
	}
	for i := range len(text) {
		if lowered[text[i]] != lower[i] {
			return false
		}
	}
	return true
}

// trim takes white space off both ends, RFC 9110 section 5.6.3.
func trim(text []byte) []byte {
	for len(text) > 0 && (text[0] == ' ' || text[0] == '\t') {
		text = text[1:]
	}
	for len(text) > 0 && (text[len(text)-1] == ' ' || text[len(text)-1] == '\t') {
		text = text[:len(text)-1]
	}
	return text
}
