package templates

import "strings"

// rawElements are those in which HTML sees no tags up to their end tag, and
// whether it decodes references there (HTML section 13.1.2, and the elements
// that browsers parse alike).
var rawElements = map[string]bool{
	"textarea": true, "title": true,
	"script": false, "style": false, "xmp": false, "iframe": false,
	"noembed": false, "noframes": false, "noscript": false, "plaintext": false,
}

// content moves over the content of the element name, when HTML reads it in a
// way of its own.
func (m *markup) content(name, s string) (rest string, err *SyntaxError) {
	decoded, raw := rawElements[name]
	if !raw {
		return s, nil
	}
	end := rawEnd(s, name)
	if decoded && !completesTag(s[:end]) {
		m.allow(s[:end])
		return s[end:], nil
	}
	return s[end:], m.refuse(s[:end], "the element "+name)
}

// rawEnd gives where the end tag of name begins. Nothing ends plaintext, and a
// script that has "<!--" can go on after its end tag (HTML section 13.2.5.15
// and on), so all that follows is taken for its content.
func rawEnd(s, name string) int {
	if name == "plaintext" || name == "script" && strings.Contains(s, "<!--") {
		return len(s)
	}
	for i := range s {
		rest, ok := strings.CutPrefix(s[i:], "</")
		if !ok || len(rest) < len(name) || !strings.EqualFold(rest[:len(name)], name) {
			continue
		}
		if rest = rest[len(name):]; rest == "" || strings.IndexByte(" \t\r\n/>\x00", rest[0]) >= 0 {
			return i
		}
	}
	return len(s)
}

// completesTag tells whether a placeholder in s stands right after the
// beginning of what might be an end tag, which its value could complete.
func completesTag(s string) bool {
	for s != "" {
		at := strings.IndexByte(s, mask)
		if at < 0 {
			return false
		}
		before := strings.TrimRightFunc(s[:at], func(r rune) bool { return r < 0x80 && isLetter(byte(r)) })
		if strings.HasSuffix(before, "<") || strings.HasSuffix(before, "</") {
			return true
		}
		s = s[at+1:]
	}
	return false
}
