package templates

// A jsonText is a JSON body written as text, while it is parsed.
type jsonText struct {
	parts []part
	// check is the text with null for each placeholder outside quotes and x
	// for each inside: it must be JSON, and null never merges with the text
	// beside it as a digit would.
	check  []byte
	starts []int // of each part, in check
	quoted bool  // the text so far ends inside a string
	secret bool  // some of the text is configured
}

func parseJSONText(src Source) ([]part, *SyntaxError) {
	t := &jsonText{}
	offset := 0
	for _, piece := range src {
		var err *SyntaxError
		if piece.Configured {
			err = t.configured(piece.Text, offset)
		} else {
			err = t.plain(piece.Text, offset)
		}
		if err != nil {
			return nil, err
		}
		offset += len(piece.Text)
	}
	if err := t.validate(offset); err != nil {
		return nil, err
	}
	return t.parts, nil
}

// configured adds configured text: escaped inside quotes, as it is outside.
func (t *jsonText) configured(text string, offset int) *SyntaxError {
	parts := appendConfigured(nil, text, offset)
	if len(parts) == 0 {
		return nil
	}
	t.secret = true
	p := parts[0]
	if t.quoted {
		if err := checkUTF8(parts); err != nil {
			return err
		}
		p.text = string(appendJSONText(nil, text))
	} else {
		for i := 0; i < len(text); i += t.step(text, i) {
		}
		if t.quoted {
			return p.wrong("the configured text opens a JSON string and does not close it")
		}
	}
	t.add(p, p.text)
	return nil
}

// step moves over the character of JSON at text[i] and gives its length.
func (t *jsonText) step(text string, i int) int {
	switch {
	case text[i] == '"':
		t.quoted = !t.quoted
	case text[i] == '\\' && t.quoted:
		return 2
	}
	return 1
}

func (t *jsonText) plain(text string, offset int) *SyntaxError {
	start := 0 // of the literal text not yet in parts
	for i := 0; i < len(text); {
		// Inside quotes backslashes come in pairs: "\\{/x}" is a backslash
		// and a placeholder.
		escaped := t.quoted && text[i] == '\\'
		at := i
		if escaped {
			at++
		}
		p, err := strict.placeholder(text, at, escaped)
		if err != nil {
			err.Offset += offset
			return err
		}
		switch {
		case p.Length == 0 && escaped && at == len(text):
			return &SyntaxError{Offset: offset + i, Length: 1, Message: "a backslash cannot stand at the end of the text or before configured text"}
		case p.Length == 0:
			i += t.step(text, i)
			continue
		case escaped:
			t.literal(text[start:i], offset+start)
			start = at
		default:
			t.literal(text[start:i], offset+start)
			start = i + p.Length
			p.Offset += offset
			t.placeholder(p)
		}
		i = at + p.Length
	}
	t.literal(text[start:], offset+start)
	return nil
}

func (t *jsonText) literal(text string, offset int) {
	for _, p := range appendLiteral(nil, text, offset) {
		t.add(p, text)
	}
}

func (t *jsonText) placeholder(p Placeholder) {
	p.Escaping = JSONValue
	check := "null"
	if t.quoted {
		p.Escaping = JSONString
		check = "x"
	}
	t.add(part{value: true, Placeholder: p}, check)
}

func (t *jsonText) add(p part, check string) {
	t.parts = append(t.parts, p)
	t.starts = append(t.starts, len(t.check))
	t.check = append(t.check, check...)
}
