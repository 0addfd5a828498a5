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
func (h *Header) Placeholders() []Placeholder { return appendPlaceholders(nil, h.parts) }

// AppendFields appends the field. When the value is one placeholder and
// nothing else, an array appends a field for each element, and an absent or
// null value none. Its error is a [*RenderError].
func (h *Header) AppendFields(dst []Field, args Arguments) ([]Field, error) {
	if !h.whole {
		return h.appendText(dst, args)
	}
	p := &h.parts[0]
	v := args.Lookup(p.Pointer)
	switch {
	case v.StandIn:
		return append(dst, Field{h.name, v.JSON.Str}), nil
	case v.JSON.Type == gjson.Null:
		return dst, nil
	case v.JSON.IsArray():
		return h.appendArray(dst, v.JSON)
	}
	return h.appendOne(dst, v.JSON)
}

func (h *Header) appendText(dst []Field, args Arguments) ([]Field, error) {
	text, err := appendParts(make([]byte, 0, 128), h.parts, args)
	if err != nil {
		return dst, err
	}
	if err := h.edges(text); err != nil {
		return dst, err
	}
	return append(dst, Field{h.name, string(text)}), nil
}

func (h *Header) appendArray(dst []Field, array gjson.Result) ([]Field, error) {
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
func (h *Header) appendOne(dst []Field, v gjson.Result) ([]Field, error) {
	p := &h.parts[0]
	text, err := p.scalar(v)
	if err != nil {
		return dst, err
	}
	if blank(text, 0) || blank(text, len(text)-1) {
		return dst, p.refuse(UnsafeValue, edgeDetail)
	}
	return append(dst, Field{h.name, text}), nil
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
