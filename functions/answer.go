package functions

import (
	"bytes"
	"strings"

	"github.com/egret-proxy/egret/templates"
)

// An Answer is what an upstream answered, read to its end and scrubbed. Who
// fills one appends to Header[:0] and Body[:0], because its memory is used again.
type Answer struct {
	Status int
	Header []byte // the end-to-end fields as lines: NAME: VALUE CRLF
	Body   []byte
}

// AppendLine appends a header field as a line. The name is a token, and the value
// has no character that would end the line: who has them from outside has
// checked that.
func AppendLine(dst []byte, name, value string) []byte {
	dst = append(append(dst, name...), ": "...)
	return append(append(dst, value...), "\r\n"...)
}

// cutLine takes the first line off: its name, its value, and what follows.
func cutLine(lines []byte) (name, value, rest []byte) {
	line, rest, _ := bytes.Cut(lines, []byte("\r\n"))
	name, value, _ = bytes.Cut(line, []byte(":"))
	return name, bytes.Trim(value, " \t"), rest
}

// fields gives lines as pairs.
func fields(lines []byte) []templates.Field {
	list := []templates.Field{}
	for len(lines) > 0 {
		var name, value []byte
		name, value, lines = cutLine(lines)
		list = append(list, templates.Field{Name: string(name), Value: string(value)})
	}
	return list
}

// Fields gives the header lines as pairs, which have memory of their own.
func (a *Answer) Fields() []templates.Field { return fields(a.Header) }

// field gives the value of the first field of this name.
func (a *Answer) field(name string) []byte {
	for lines := a.Header; len(lines) > 0; {
		var other, value []byte
		if other, value, lines = cutLine(lines); len(other) == len(name) && strings.EqualFold(string(other), name) {
			return value
		}
	}
	return nil
}

// hiddenFields are fields that concern one connection only, RFC 9110 section 7.6.1.
// Cookies belong to egret's own exchange with the upstream.
var hiddenFields = map[string]bool{
	"connection": true, "keep-alive": true, "proxy-connection": true, "te": true,
	"trailer": true, "transfer-encoding": true, "upgrade": true, "content-length": true,
	"set-cookie": true, "set-cookie2": true, "proxy-authenticate": true, "proxy-authentication-info": true,
}

// longestHidden is the length of the longest name in hiddenFields.
const longestHidden = len("proxy-authentication-info")

func isHidden(name []byte) bool {
	if len(name) > longestHidden {
		return false
	}
	var lower [longestHidden]byte
	for i, c := range name {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		lower[i] = c
	}
	return hiddenFields[string(lower[:len(name)])]
}

// appendRaw appends the lines of an answer that ?raw passes on.
func (a *Answer) appendRaw(dst []byte) []byte {
	for lines := a.Header; len(lines) > 0; {
		name, _, rest := cutLine(lines)
		if !isHidden(name) {
			dst = append(dst, lines[:len(lines)-len(rest)]...)
		}
		lines = rest
	}
	return dst
}
