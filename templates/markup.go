package templates

import "strings"

// A markup is the text of an XML or HTML body, while it is parsed. Escaping is
// faithful in text and in quoted attributes only, so a placeholder may stand
// nowhere else: in a tag a space would begin another attribute, and in a
// comment or a script nobody reads &lt; as "<".
type markup struct {
	text   string // with mask for each placeholder
	parts  []part
	places []*part // the placeholders, in order
	seen   int     // how many of them are in places that have been judged
	html   bool
}

func parseMarkup(src Source, html bool) ([]part, *SyntaxError) {
	parts, err := scan(src, grammar{open: true})
	if err == nil {
		err = checkUTF8(parts)
	}
	if err != nil {
		return nil, err
	}
	m := &markup{parts: parts, html: html}
	var b strings.Builder
	for i := range parts {
		p := &parts[i]
		p.Escaping = XMLText
		switch {
		case p.value:
			m.places = append(m.places, p)
			b.WriteByte(mask)
			continue
		case xmlProblem(p.text) != "":
			return nil, p.wrong("text " + xmlProblem(p.text))
		case p.configured:
			p.text = string(appendXML(nil, p.text))
		}
		b.WriteString(p.text)
	}
	m.text = b.String()
	return parts, m.judge()
}

// regions has the constructs in which no placeholder may stand, the longest
// opening first.
var regions = []struct{ open, close, noun string }{
	{"<!--", "-->", "a comment"},
	{"<![CDATA[", "]]>", "a CDATA section"},
	{"<!", ">", "a declaration"},
	{"<?", "?>", "a processing instruction"},
}

// judge walks over the whole text.
func (m *markup) judge() *SyntaxError {
	for rest := m.text; rest != ""; {
		at := strings.IndexByte(rest, '<')
		if at < 0 {
			return nil
		}
		m.allow(rest[:at])
		var err *SyntaxError
		if rest, err = m.construct(rest[at:]); err != nil {
			return err
		}
	}
	return nil
}

// construct moves over what begins with the "<" of s.
func (m *markup) construct(s string) (rest string, err *SyntaxError) {
	for _, r := range regions {
		if strings.HasPrefix(s, r.open) {
			inside, rest := cutAfter(s, m.closing(s, r.close))
			return rest, m.refuse(inside, r.noun)
		}
	}
	if len(s) > 1 && !beginsTag(s[1]) {
		m.allow(s[:1])
		return s[1:], nil
	}
	name, rest, err := m.tag(s)
	decoded, raw := rawElements[name]
	if err != nil || !m.html || !raw {
		return rest, err
	}
	inside, rest := cutEndTag(rest, name)
	if decoded {
		m.allow(inside)
		return rest, nil
	}
	return rest, m.refuse(inside, "the element "+name)
}

// closing gives what really closes a construct: a declaration with a subset in
// brackets ends after them, and HTML knows no processing instructions.
func (m *markup) closing(s, usual string) string {
	switch {
	case usual == "?>" && m.html:
		return ">"
	case usual == ">" && strings.ContainsRune(s[:max(0, strings.IndexByte(s, '>'))], '['):
		return "]>"
	default:
		return usual
	}
}

// rawElements are those in which HTML sees no tags up to their end tag, and
// whether it decodes references there (HTML section 13.1.2, and the elements
// that browsers parse alike).
var rawElements = map[string]bool{
	"textarea": true, "title": true,
	"script": false, "style": false, "xmp": false, "iframe": false,
	"noembed": false, "noframes": false, "noscript": false, "plaintext": false,
}

func beginsTag(c byte) bool {
	return c == mask || c == '/' || c == '_' || c == ':' || c >= 0x80 || 'a' <= c|0x20 && c|0x20 <= 'z'
}

func cutAfter(s, end string) (before, rest string) {
	if at := strings.Index(s, end); at >= 0 {
		return s[:at+len(end)], s[at+len(end):]
	}
	return s, ""
}

func cutEndTag(s, name string) (before, rest string) {
	for at := 0; at+2+len(name) <= len(s); at++ {
		if s[at] == '<' && s[at+1] == '/' && strings.EqualFold(s[at+2:at+2+len(name)], name) {
			return s[:at], s[at:]
		}
	}
	return s, ""
}

// allow passes the placeholders in s.
func (m *markup) allow(s string) { m.seen += strings.Count(s, string(rune(mask))) }

// refuse passes s when it has no placeholder.
func (m *markup) refuse(s, noun string) *SyntaxError {
	if strings.IndexByte(s, mask) < 0 {
		return nil
	}
	return m.places[m.seen].wrong("a placeholder cannot stand in " + noun)
}
