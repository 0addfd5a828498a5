package templates

import "strings"

const upperHex = "0123456789ABCDEF"

func appendVerbatim(dst []byte, s string) []byte { return append(dst, s...) }

// appendPercent encodes everything but the unreserved characters of RFC 3986
// section 2.3. A space is %20, which path, query and form readers all
// understand; "+" would be a plus sign in a path.
func appendPercent(dst []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		if c := s[i]; unreserved(c) {
			dst = append(dst, c)
		} else {
			dst = append(dst, '%', upperHex[c>>4], upperHex[c&0xf])
		}
	}
	return dst
}

func unreserved(c byte) bool {
	return alphanumeric(c) || c == '-' || c == '.' || c == '_' || c == '~'
}

func alphanumeric(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}

// headerProblem allows what RFC 9110 section 5.5 calls field-content: TAB, all
// visible ASCII, space, and bytes beyond ASCII.
func headerProblem(s string) string {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' && c != '\t' || c == 0x7f {
			return "has a control character, which a header cannot carry"
		}
	}
	return ""
}

func appendJSONString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	dst = appendJSONText(dst, s)
	return append(dst, '"')
}

// appendJSONText escapes what RFC 8259 section 7 requires, and U+007F, which
// many a log reader would swallow.
func appendJSONText(dst []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c >= ' ' && c != 0x7f:
			dst = append(dst, c)
		case c == '\n':
			dst = append(dst, '\\', 'n')
		case c == '\r':
			dst = append(dst, '\\', 'r')
		case c == '\t':
			dst = append(dst, '\\', 't')
		default:
			dst = append(dst, '\\', 'u', '0', '0', upperHex[c>>4], upperHex[c&0xf])
		}
	}
	return dst
}

// xmlProblem allows the Char production of XML 1.0 section 2.2. That s is
// UTF-8 has been checked before, so there are no surrogates.
func xmlProblem(s string) string {
	for _, r := range s {
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xfffe || r == 0xffff {
			return "has a character that XML forbids"
		}
	}
	return ""
}

// appendXML writes s for text and for attributes in either quotes. TAB, LF and
// CR are references, because a reader turns them into spaces in an attribute
// and CR into LF in text (XML 1.0 sections 2.11 and 3.3.3).
func appendXML(dst []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		if at := strings.IndexByte("&<>\"'\t\n\r", s[i]); at >= 0 {
			dst = append(dst, xmlReferences[at]...)
		} else {
			dst = append(dst, s[i])
		}
	}
	return dst
}

// The numbers are for quotes too: HTML 4 does not know &apos;.
var xmlReferences = [...]string{"&amp;", "&lt;", "&gt;", "&#34;", "&#39;", "&#9;", "&#10;", "&#13;"}
