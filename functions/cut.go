package functions

import "unicode/utf8"

// A cut copies as much of a JSON text as there is room for. What it has copied is
// JSON: a text, a number or a name is whole or not there, and what was opened is
// closed. A text that is the whole is cut between characters.
type cut struct {
	cursor
	dst  []byte
	most int
	open int // containers
}

// shortened gives text in at most that many bytes, which are 4 at least, and
// reports whether something is missing.
func shortened(text []byte, most int) (short []byte, isCut bool) {
	c := cut{cursor: cursor{text: text}, most: most, dst: make([]byte, 0, most)}
	switch c.space(); {
	case c.peek() == '"':
		return c.characters()
	case c.copy(nil, true):
		return c.dst, false
	case len(c.dst) == 0:
		return append(c.dst, "null"...), true
	default:
		return c.dst, true
	}
}

// copy copies the value at which c stands, behind its name and a comma unless it
// is the first in its container. It reports false when it had to stop.
func (c *cut) copy(name []byte, first bool) bool {
	before := len(c.dst)
	if !first {
		c.dst = append(c.dst, ',')
	}
	if name != nil {
		c.dst = append(append(c.dst, name...), ':')
	}
	if bracket := c.peek(); bracket == '{' || bracket == '[' {
		if c.dst = append(c.dst, bracket); c.room() < 1 {
			c.dst = c.dst[:before]
			return false
		}
		begin := len(c.dst)
		all := c.inside(bracket)
		if !all && len(c.dst) == begin+1 && before > 0 {
			c.dst = c.dst[:before] // An empty one would say that there is nothing.
		}
		return all
	}
	if value := c.value(); len(value) <= c.room() {
		c.dst = append(c.dst, value...)
		return true
	}
	c.dst = c.dst[:before]
	return false
}

// inside copies the values of a container. It calls itself as deeply as the text
// is nested, which is bounded where the text is found valid, and by the room.
func (c *cut) inside(bracket byte) (all bool) {
	c.open++
	c.at++
	all = true
	for first := true; all; first = false {
		name, ok := c.next(bracket == '{')
		if !ok {
			break
		}
		all = c.copy(name, first)
	}
	c.open--
	c.dst = append(c.dst, closing(bracket))
	return all
}

// room is how many bytes there are beside the brackets that are to be closed.
func (c *cut) room() int { return c.most - len(c.dst) - c.open }

// characters copies a text.
func (c *cut) characters() ([]byte, bool) {
	token := c.value()
	if len(token) <= c.most {
		return append(c.dst, token...), false
	}
	end := 1
	for {
		n := characterLength(token[end:])
		if end+n >= c.most {
			return append(append(c.dst, token[:end]...), '"'), true
		}
		end += n
	}
}

// characterLength gives the length of the character at the start of s, of which
// an escape is one.
func characterLength(s []byte) int {
	if s[0] != '\\' {
		_, n := utf8.DecodeRune(s)
		return n
	}
	if n := escapeLength(string(s[:min(len(s), 12)])); n > 0 {
		return n
	}
	return 6 // half of a surrogate pair
}
