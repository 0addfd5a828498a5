package templates

import "strings"

// A markup is the text of an XML or HTML body, while it is parsed. Escaping is
// faithful in text and in quoted attributes only, so a placeholder may stand
// nowhere else: in a tag a space would begin another attribute, and in a
// comment or a script nobody reads &lt; as "<".
type markup struct {
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
	m := &markup{html: html}
	var text strings.Builder // with mask for each placeholder
	for i := range parts {
		p := &parts[i]
		p.Escaping = XMLText
		switch {
		case p.value:
			m.places = append(m.places, p)
			text.WriteByte(mask)
			continue
		case xmlProblem(p.text) != "":
			return nil, p.wrong("text " + xmlProblem(p.text))
		case p.configured:
			p.text = string(appendXML(nil, p.text))
		}
		text.WriteString(p.text)
	}
	return parts, m.judge(text.String())
}

// judge walks over the whole text.
func (m *markup) judge(rest string) *SyntaxError {
	for {
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
}

// construct moves over what begins with the "<" of s.
func (m *markup) construct(s string) (rest string, err *SyntaxError) {
	if end, noun := m.region(s); end > 0 {
		return s[end:], m.refuse(s[:end], noun)
	}
	if !m.beginsTag(s[1:]) {
		m.allow(s[:1])
		return s[1:], nil
	}
	name, rest, err := m.tag(s)
	if err != nil || !m.html {
		return rest, err
	}
	return m.content(name, rest)
}

// beginsTag tells whether a "<" before s opens a tag. HTML takes it for text
// unless a letter follows; in XML whatever follows must be a tag. A
// placeholder might begin with a letter.
func (m *markup) beginsTag(s string) bool {
	if !m.html || s == "" {
		return true
	}
	if s[0] == '/' && len(s) > 1 {
		s = s[1:]
	}
	return s[0] == mask || isLetter(s[0])
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// allow passes the placeholders in s.
func (m *markup) allow(s string) { m.seen += strings.Count(s, string(rune(mask))) }

// refuse passes s when it has no placeholder.
func (m *markup) refuse(s, noun string) *SyntaxError {
	if strings.IndexByte(s, mask) < 0 {
		return nil
	}
	return m.places[m.seen].wrong("a placeholder cannot stand in " + noun)
}
