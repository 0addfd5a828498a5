package templates

import "strings"

const tagNoun = "a tag outside a quoted attribute value"

// tag moves over a tag as an HTML reader does (HTML section 13.2.5.8 and on),
// which is no stricter than XML. It gives the name in lower case.
func (m *markup) tag(s string) (name, rest string, err *SyntaxError) {
	at := strings.IndexAny(s, " \t\r\n>")
	if at < 0 {
		at = len(s)
	}
	name, rest = strings.ToLower(strings.TrimSuffix(s[1:at], "/")), s[at:]
	if err = m.refuse(s[:at], tagNoun); err != nil {
		return "", "", err
	}
	for {
		rest = strings.TrimLeft(rest, " \t\r\n/")
		if rest == "" || rest[0] == '>' {
			return name, strings.TrimPrefix(rest, ">"), nil
		}
		if rest, err = m.attribute(rest); err != nil {
			return "", "", err
		}
	}
}

// attribute moves over one attribute. A quote opens a quoted value only right
// after the "=": in <a b=c"d e"> it is a letter like any other.
func (m *markup) attribute(s string) (rest string, err *SyntaxError) {
	at := strings.IndexAny(s[1:], " \t\r\n/>=") + 1 // an attribute's name may begin with "="
	if at == 0 {
		at = len(s)
	}
	if err = m.refuse(s[:at], tagNoun); err != nil {
		return "", err
	}
	rest = strings.TrimLeft(s[at:], " \t\r\n")
	if rest == "" || rest[0] != '=' {
		return rest, nil
	}
	rest = strings.TrimLeft(rest[1:], " \t\r\n")
	if rest != "" && (rest[0] == '"' || rest[0] == '\'') {
		end := endAfter(rest, 1, rest[:1])
		m.allow(rest[:end])
		return rest[end:], nil
	}
	at = strings.IndexAny(rest, " \t\r\n>")
	if at < 0 {
		at = len(rest)
	}
	return rest[at:], m.refuse(rest[:at], tagNoun)
}
