package templates

import "strings"

// loneSurrogate tells whether valid JSON text has an escape for half a
// surrogate pair, which stands for no character (RFC 8259 section 8.2).
func loneSurrogate(raw string) bool {
	for {
		at := strings.IndexByte(raw, '\\')
		if at < 0 || at+1 >= len(raw) {
			return false
		}
		raw = raw[at:]
		unit, ok := codeUnit(raw)
		switch {
		case !ok:
			raw = raw[2:]
		case unit < 0xd800 || unit > 0xdfff:
			raw = raw[6:]
		default:
			low, ok := codeUnit(raw[6:])
			if unit >= 0xdc00 || !ok || low < 0xdc00 || low > 0xdfff {
				return true
			}
			raw = raw[12:]
		}
	}
}

// codeUnit reads a \uXXXX at the start of raw.
func codeUnit(raw string) (unit uint16, ok bool) {
	if len(raw) < 6 || raw[0] != '\\' || raw[1] != 'u' {
		return 0, false
	}
	for i := 2; i < 6; i++ {
		digit, ok := unhex(raw[i])
		if !ok {
			return 0, false
		}
		unit = unit<<4 | uint16(digit)
	}
	return unit, true
}

func unhex(c byte) (byte, bool) {
	switch {
	case '0' <= c && c <= '9':
		return c - '0', true
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10, true
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10, true
	default:
		return 0, false
	}
}
