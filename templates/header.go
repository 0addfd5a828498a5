package templates

import (
	"strings"

	"github.com/tidwall/gjson"
)

// A Field is one header field, ready to be sent.
type Field struct{ Name, Value string }

// A Header is a compiled header field.
type Header struct {
	name  string
	parts []part
	whole bool
	basic *basic // of an Authorization that is made from a user and a password
}

// ParseHeader compiles a field. The name is a token as RFC 9110 section 5.6.2
// has it and holds no placeholder; the value neither begins nor ends with white
// space. Its error is a [*SyntaxError], at offset 0 when the name is wrong.
func ParseHeader(name string, src Source) (*Header, error) {
	if !isToken(name) {
		return nil, &SyntaxError{
			Message: "a header's name is letters, digits and !#$%&'*+-.^_`|~, without placeholders",
		}
	}
	parts, err := scan(src, strict)
	if err == nil {
		err = checkUTF8(parts)
	}
	if err == nil {
		parts, err = compile(parts, HeaderValue)
	}
	if err == nil {
		err = checkEdges(parts)
	}
	if err != nil {
		return nil, err
	}
	return &Header{name: name, parts: parts, whole: whole(parts)}, nil
}

// Name gives the field's name as it was written.
func (h *Header) Name() string { return h.name }

// Placeholders gives the placeholders of the value.
func (h *Header) Placeholders() []Placeholder {
	if h.basic != nil {
		return h.basic.placeholders()
	}
	return appendPlaceholders(nil, h.parts)
}

// AppendLines appends the field as it stands on the wire: its name, a colon and
// a space, the value, and CRLF. When the value is one placeholder and nothing
// else, an array appends a line for each element, and an absent or null value
// none. No value can end its line, whatever the arguments are. Its error is a
// [*RenderError].
func (h *Header) AppendLines(dst []byte, args Arguments) ([]byte, error) {
	if h.basic != nil {
		return h.basic.appendLine(dst, args)
	}
	if !h.whole {
		before := len(dst)
		dst, err := appendParts(h.begin(dst), h.parts, args)
		if err != nil {
			return dst, err
		}
		return h.end(dst, before)
	}
	v := args.Lookup(h.parts[0].Pointer)
	switch {
	case v.StandIn:
		return h.end(append(h.begin(dst), v.JSON.Str...), len(dst))
	case v.JSON.Type == gjson.Null:
		return dst, nil
	case v.JSON.IsArray():
		return h.appendArray(dst, v.JSON)
	}
	return h.appendOne(dst, v.JSON)
}

// AppendFields appends what [Header.AppendLines] does as pairs.
func (h *Header) AppendFields(dst []Field, args Arguments) ([]Field, error) {
	lines, err := h.AppendLines(nil, args)
	if err != nil {
		return dst, err
	}
	for line := range strings.SplitSeq(strings.TrimSuffix(string(lines), lineEnd), lineEnd) {
		if line != "" {
			dst = append(dst, Field{h.name, line[len(h.name)+len(separator):]})
		}
	}
	return dst, nil
}

func (h *Header) appendArray(dst []byte, array gjson.Result) ([]byte, error) {
	var err error
	array.ForEach(func(_, element gjson.Result) bool {
		if element.Type == gjson.Null {
			err = h.parts[0].nullElement()
			return false
		}
		dst, err = h.appendOne(dst, element)
		return err == nil
	})
	return dst, err
}

// appendOne takes the text as it is: the value of a header has no escapes.
func (h *Header) appendOne(dst []byte, v gjson.Result) ([]byte, error) {
	text, err := h.parts[0].scalar(v)
	if err != nil {
		return dst, err
	}
	return h.end(append(h.begin(dst), text...), len(dst))
}

const (
	separator = ": "
	lineEnd   = "\r\n"
)

func (h *Header) begin(dst []byte) []byte {
	return append(append(dst, h.name...), separator...)
}

// end ends the line that begins at from. Each part of its value was checked when
// it was parsed or appended, so that no line ends before.
func (h *Header) end(dst []byte, from int) ([]byte, error) {
	value := dst[from+len(h.name)+len(separator):]
	if err := h.edges(value); err != nil {
		return dst, err
	}
	return append(dst, lineEnd...), nil
}

const edgeDetail = "the value begins or ends a header with white space, which is never sent"

// edges refuses white space that a reader would take off (RFC 9110 section
// 5.5). Literal text has been checked, so a placeholder made it.
func (h *Header) edges(value []byte) error {
	switch {
	case blank(value, 0):
		return h.parts[0].refuse(UnsafeValue, edgeDetail)
	case blank(value, len(value)-1):
		return h.parts[len(h.parts)-1].refuse(UnsafeValue, edgeDetail)
	}
	return nil
}

func checkEdges(parts []part) *SyntaxError {
	for i, p := range parts {
		if i == 0 && !p.value && blank(p.text, 0) || i == len(parts)-1 && !p.value && blank(p.text, len(p.text)-1) {
			return p.wrong("a header's value cannot begin or end with white space")
		}
	}
	return nil
}

func blank[Bytes ~[]byte | ~string](s Bytes, i int) bool {
	return i >= 0 && i < len(s) && (s[i] == ' ' || s[i] == '\t')
}

func isToken(s string) bool {
	for i := 0; i < len(s); i++ {
		if !alphanumeric(s[i]) && strings.IndexByte("!#$%&'*+-.^_`|~", s[i]) < 0 {
			return false
		}
	}
	return s != ""
}
