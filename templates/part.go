package templates

// configuredText stands for configured text in what people read.
const configuredText = "(configured)"

// A part is a stretch of literal text or a placeholder.
type part struct {
	text       string // of a literal, as it stands in the request
	configured bool
	// continued says that the text is the rest of a configured piece whose
	// beginning is in an earlier part.
	continued bool
	// segment says that a path segment with a placeholder ends after this part.
	segment bool
	// value says that this is a placeholder. For a literal, the Placeholder
	// tells where it stands.
	value bool
	Placeholder
}

func appendLiteral(parts []part, text string, offset int) []part {
	if text == "" {
		return parts
	}
	return append(parts, part{text: text, Placeholder: Placeholder{Offset: offset, Length: len(text)}})
}

func appendConfigured(parts []part, text string, offset int) []part {
	if text == "" {
		return parts
	}
	return append(parts, part{text: text, configured: true, Placeholder: Placeholder{Offset: offset, Length: len(text)}})
}

// wrong makes the error for a literal, without its text: it may be configured.
func (p *part) wrong(message string) *SyntaxError {
	return &SyntaxError{Offset: p.Offset, Length: p.Length, Message: message}
}

func (p *part) literal(shown bool) string {
	switch {
	case !shown || !p.configured:
		return p.text
	case p.continued:
		return ""
	default:
		return configuredText
	}
}

// compile gives parts for a place: every placeholder knows the place, and
// literal text is checked and escaped for it.
func compile(parts []part, e Escaping) ([]part, *SyntaxError) {
	out := make([]part, len(parts))
	for i, p := range parts {
		p.Escaping = e
		if !p.value {
			if check := places[e].check; check != nil {
				if problem := check(p.text); problem != "" {
					return nil, p.wrong("text " + problem)
				}
			}
			p.text = string(places[e].escape(nil, p.text))
		}
		out[i] = p
	}
	return out, nil
}

// whole tells whether a template is one placeholder and nothing else.
func whole(parts []part) bool { return len(parts) == 1 && parts[0].value }

func appendParts(dst []byte, parts []part, args Arguments) ([]byte, error) {
	shown := args.Shown()
	var err error
	for i := range parts {
		p := &parts[i]
		if !p.value {
			dst = append(dst, p.literal(shown)...)
			continue
		}
		if dst, err = p.appendValue(dst, args.Lookup(p.Pointer)); err != nil {
			return dst, err
		}
	}
	return dst, nil
}

func appendPlaceholders(dst []Placeholder, parts []part) []Placeholder {
	for _, p := range parts {
		if p.value {
			dst = append(dst, p.Placeholder)
		}
	}
	return dst
}
