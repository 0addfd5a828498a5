package templates

import "slices"

// A Passage is a compiled text with placeholders that is a piece of something
// greater: of Basic credentials, or of a multipart body.
type Passage struct{ parts []part }

// ParsePassage compiles src for a place of Basic credentials or of a multipart
// body. Its error is a [*SyntaxError].
func ParsePassage(src Source, e Escaping) (*Passage, error) {
	parts, err := scan(src, strict)
	if err == nil {
		err = checkUTF8(parts)
	}
	if err == nil {
		parts, err = compile(parts, e)
	}
	if err != nil {
		return nil, err
	}
	return &Passage{parts: parts}, nil
}

// Placeholders gives the placeholders of t.
func (t *Passage) Placeholders() []Placeholder { return appendPlaceholders(nil, t.parts) }

// IsWhole reports whether t is one placeholder and nothing else.
func (t *Passage) IsWhole() bool { return whole(t.parts) }

// Configured reports whether a piece of t came from ${env:…} or ${file:…}.
func (t *Passage) Configured() bool {
	return slices.ContainsFunc(t.parts, func(p part) bool { return p.configured })
}

// last gives the last placeholder, which stands for all when the text as a whole
// is wrong, or nil.
func (t *Passage) last() *Placeholder {
	for i := range slices.Backward(t.parts) {
		if t.parts[i].value {
			return &t.parts[i].Placeholder
		}
	}
	return nil
}

// standsIn reports whether something else than the text itself is shown.
func (t *Passage) standsIn(args Arguments) bool {
	return args.Shown() && slices.ContainsFunc(t.parts, func(p part) bool {
		return p.configured || p.value && args.Lookup(p.Pointer).StandIn
	})
}
