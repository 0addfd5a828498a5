package functions

import "bytes"

// A cursor goes over a JSON text that is known to be valid. It looks at each byte
// once, takes no memory, and calls itself nowhere.
type cursor struct {
	text []byte
	at   int
}

// peek gives the byte at which the cursor stands, 0 at the end.
func (c *cursor) peek() byte {
	if c.at < len(c.text) {
		return c.text[c.at]
	}
	return 0
}

func (c *cursor) space() {
	for c.at < len(c.text) {
		switch c.text[c.at] {
		case ' ', '\t', '\r', '\n':
			c.at++
		default:
			return
		}
	}
}

// next moves to the next value of a container, behind the name of a member, which
// it gives with its quotes. Before the first one, the cursor stands behind the
// opening bracket. It reports false when there is no more, and stands behind
// the closing bracket then.
func (c *cursor) next(object bool) (name []byte, ok bool) {
	if c.space(); c.peek() == ',' {
		c.at++
		c.space()
	}
	switch c.peek() {
	case 0, '}', ']':
		c.at++
		return nil, false
	}
	if object {
		from := c.at
		c.at = endOfText(c.text, from)
		name = c.text[from:c.at]
		c.space()
		c.at++ // the colon
		c.space()
	}
	return name, true
}

// value moves behind the value at which the cursor stands, and gives it.
func (c *cursor) value() []byte {
	from := c.at
	switch c.peek() {
	case '"':
		c.at = endOfText(c.text, from)
	case '{', '[':
		c.container()
	default:
		for c.at < len(c.text) && bytes.IndexByte([]byte(",]} \t\r\n"), c.text[c.at]) < 0 {
			c.at++
		}
	}
	return c.text[from:c.at]
}

// container moves behind the bracket that closes the one at which the cursor
// stands.
func (c *cursor) container() {
	for depth := 0; c.at < len(c.text); {
		switch c.text[c.at] {
		case '"':
			c.at = endOfText(c.text, c.at)
			continue
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		}
		if c.at++; depth == 0 {
			return
		}
	}
}

// child moves to the member or element that an unescaped reference token names,
// and reports false when there is none. Of equal names the first counts.
func (c *cursor) child(token string) bool {
	object := c.peek() == '{'
	if !object && (c.peek() != '[' || !isIndex(token)) {
		return false
	}
	c.at++
	for index := 0; ; index++ {
		name, ok := c.next(object)
		if !ok {
			return false
		}
		if object && isNamed(name, token) || !object && isAt(index, token) {
			return true
		}
		c.value()
	}
}

// pointedAt gives the value that tokens lead to in a JSON text, nil for none.
func pointedAt(text []byte, tokens []string) []byte {
	c := cursor{text: text}
	c.space()
	for _, token := range tokens {
		if !c.child(token) {
			return nil
		}
	}
	return c.value()
}
