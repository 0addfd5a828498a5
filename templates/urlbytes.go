package templates

import (
	"fmt"
	"strings"
)

// checkBytes refuses what no part of a URL may hold unencoded.
func (t *urlText) checkBytes() *SyntaxError {
	for i := 0; i < len(t.text); i++ {
		c := t.text[i]
		switch {
		case c == mask && t.placeholder(i) != nil:
		case c == '#':
			return t.wrong(i, len(t.text)-i, "a fragment is never sent, so a URL cannot have one", "write %23 for a # that is data")
		case c == '%':
			if _, ok := percentByte(t.text[i:]); !ok {
				return t.wrong(i, 1, "% is not followed by two hexadecimal digits", "write %25 for a % that is data")
			}
		case !alphanumeric(c) && strings.IndexByte("-._~:/?[]@!$&'()*+,;=", c) < 0:
			return t.badByte(i)
		}
	}
	return nil
}

func percentByte(s string) (byte, bool) {
	if len(s) < 3 {
		return 0, false
	}
	high, ok1 := unhex(s[1])
	low, ok2 := unhex(s[2])
	return high<<4 | low, ok1 && ok2
}

func (t *urlText) badByte(i int) *SyntaxError {
	c := t.text[i]
	if t.configured(i) {
		return t.wrong(i, 1, "the configured text has a byte that a URL cannot hold unencoded", "")
	}
	hint := fmt.Sprintf("write %%%02X if it is data", c)
	// A hint must not reach into configured text.
	if p := t.at(i); p != nil && bracedName(t.text[i:p.Offset+p.Length]) != "" {
		name := bracedName(t.text[i : p.Offset+p.Length])
		hint = fmt.Sprintf("did you mean {/%s}?", name)
	}
	return t.wrong(i, 1, fmt.Sprintf("%s cannot stand in a URL unencoded", showByte(c)), hint)
}

// bracedName reads "{name}" or "<name>" as other template languages have it.
func bracedName(s string) string {
	if s[0] != '{' && s[0] != '<' {
		return ""
	}
	end := strings.IndexByte(s, s[0]+2)
	if end < 0 {
		return ""
	}
	for i := 1; i < end; i++ {
		if !alphanumeric(s[i]) && s[i] != '_' && s[i] != '-' && s[i] != '.' {
			return ""
		}
	}
	return s[1:end]
}

func showByte(c byte) string {
	if c > ' ' && c < 0x7f {
		return string(rune(c))
	}
	if c == ' ' {
		return "a space"
	}
	return fmt.Sprintf("the byte 0x%02X", c)
}
