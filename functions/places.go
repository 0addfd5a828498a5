package functions

import (
	"bytes"
	"strconv"
)

// Places are what fields and mask of an output name, each as reference tokens. In
// an array a token that is a number is that of an element, and any other one
// goes on in each of the elements.
type places [][]string

// here reports whether one of the places is the value at which they have arrived.
func (p places) here() bool {
	for _, tokens := range p {
		if len(tokens) == 0 {
			return true
		}
	}
	return false
}

// below appends to p what is left of those in above, none of which is here, for a
// member or an element of their value. The name of a member is given with its
// quotes.
func (p places) below(above places, object bool, name []byte, index int) places {
	for _, tokens := range above {
		switch {
		case object && isNamed(name, tokens[0]), !object && isAt(index, tokens[0]):
			p = append(p, tokens[1:])
		case !object && !isIndex(tokens[0]):
			p = append(p, tokens)
		}
	}
	return p
}

// isNamed reports whether a name of a member, with its quotes, is a token, however
// it is spelled.
func isNamed(name []byte, token string) bool {
	if bytes.IndexByte(name, '\\') >= 0 {
		return unquote(string(name)) == token
	}
	return len(name) == len(token)+2 && string(name[1:len(name)-1]) == token
}

// isIndex reports whether a token is the number of an element, RFC 6901 section 4:
// no sign, no leading zero.
func isIndex(token string) bool {
	return token == "0" || token != "" && token[0] != '0' && isDigits(token)
}

// isAt reports whether a token is the number of the element at index.
func isAt(index int, token string) bool {
	if !isIndex(token) {
		return false
	}
	n, err := strconv.ParseUint(token, 10, 31)
	return err == nil && int(n) == index
}
