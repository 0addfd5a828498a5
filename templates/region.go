package templates

import "strings"

const declaration = "a declaration"

// region gives where a construct ends in which no placeholder may stand, and
// what it is; 0 when s begins with no such construct.
func (m *markup) region(s string) (end int, noun string) {
	switch {
	case strings.HasPrefix(s, "<!--"):
		return m.commentEnd(s), "a comment"
	case m.html && (strings.HasPrefix(s, "<!") || strings.HasPrefix(s, "<?")):
		return endAfter(s, 2, ">"), declaration
	case m.html && strings.HasPrefix(s, "</") && !m.beginsTag(s[1:]):
		return endAfter(s, 2, ">"), "a comment" // HTML section 13.2.5.7
	case strings.HasPrefix(s, "<![CDATA["):
		return endAfter(s, len("<![CDATA["), "]]>"), "a CDATA section"
	case strings.HasPrefix(s, "<!"):
		return declarationEnd(s), declaration
	case strings.HasPrefix(s, "<?"):
		return endAfter(s, 2, "?>"), "a processing instruction"
	default:
		return 0, ""
	}
}

// endAfter gives the end of the first closing at from or after it.
func endAfter(s string, from int, closing string) int {
	if at := strings.Index(s[from:], closing); at >= 0 {
		return from + at + len(closing)
	}
	return len(s)
}

// commentEnd knows the three other ways in which HTML ends a comment (HTML
// sections 13.2.5.43 to 13.2.5.51).
func (m *markup) commentEnd(s string) int {
	const open = len("<!--")
	switch {
	case !m.html:
		return endAfter(s, open, "-->")
	case strings.HasPrefix(s[open:], ">"):
		return open + 1
	case strings.HasPrefix(s[open:], "->"):
		return open + 2
	default:
		return min(endAfter(s, open, "-->"), endAfter(s, open, "--!>"))
	}
}

// declarationEnd passes over quotes, comments and the declarations inside a
// document type. What follows "<!" is a name, and ends nothing.
func declarationEnd(s string) int {
	depth := 1
	for i := len("<!") + 1; i < len(s); i++ {
		switch s[i] {
		case '"', '\'':
			i = endAfter(s, i+1, s[i:i+1]) - 1
		case '<':
			depth++
			if strings.HasPrefix(s[i:], "<!--") {
				i = endAfter(s, i+len("<!--"), "-->") - 1
				depth--
			}
		case '>':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return len(s)
}
