package templates

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"

	"github.com/tidwall/gjson"
)

// A FormPart is one part of a multipart/form-data body.
type FormPart struct {
	Name string // literal, good by [CheckPartName]
	// Value is compiled for [MultipartText], or for a file by [ParseFile] or for
	// [MultipartBase64].
	Value *Passage
	// Filename makes the part a file, whose ContentType is good for a header.
	Filename    *Passage
	ContentType string
	Base64      bool // Value is the file in base64
}

// A Multipart is a compiled multipart/form-data body, RFC 7578.
type Multipart struct {
	boundary string
	parts    []formPart
	closing  string
}

// A formPart is a compiled [FormPart].
type formPart struct {
	FormPart
	opening string // the boundary and the head, as far as the name of the file
	head    string // what follows it, up to the content
}

// NewMultipart compiles a body. A part whose value is one placeholder and nothing
// else is left out when that is absent or null; a text repeats for an array.
func NewMultipart(parts []FormPart) *Multipart {
	m := &Multipart{boundary: boundaryOf(parts)}
	m.closing = "--" + m.boundary + "--" + lineEnd
	for _, p := range parts {
		c := formPart{FormPart: p, head: `"` + lineEnd}
		c.opening = "--" + m.boundary + lineEnd + `Content-Disposition: form-data; name="` + p.Name
		if p.Filename != nil {
			c.opening += `"; filename="`
			c.head += "Content-Type: " + p.ContentType + lineEnd
		}
		c.head += lineEnd
		m.parts = append(m.parts, c)
	}
	return m
}

// boundaryOf gives a boundary that is the same each time, and that none of the
// literal texts has in it. Configured text, which is a secret, is no part of it.
func boundaryOf(parts []FormPart) string {
	sum := sha256.New()
	for _, p := range parts {
		_, _ = io.WriteString(sum, p.Name+"\x00"+p.ContentType+"\x00")
		for _, t := range []*Passage{p.Filename, p.Value} {
			if t == nil {
				continue
			}
			for i := range t.parts {
				_, _ = io.WriteString(sum, t.parts[i].literal(true)+t.parts[i].Pointer.String()+"\x00")
			}
		}
	}
	return "egret-" + hex.EncodeToString(sum.Sum(nil)[:16])
}

// ContentType gives the media type of the body with its boundary.
func (m *Multipart) ContentType() string { return "multipart/form-data; boundary=" + m.boundary }

// Placeholders gives the placeholders in the order of the parts.
func (m *Multipart) Placeholders() []Placeholder {
	var list []Placeholder
	for i := range m.parts {
		if name := m.parts[i].Filename; name != nil {
			list = appendPlaceholders(list, name.parts)
		}
		list = appendPlaceholders(list, m.parts[i].Value.parts)
	}
	return list
}

// Append appends the body. Its error is a [*RenderError].
func (m *Multipart) Append(dst []byte, args Arguments) ([]byte, error) {
	var err error
	for i := range m.parts {
		if dst, err = m.appendPart(dst, &m.parts[i], args); err != nil {
			return dst, err
		}
	}
	return append(dst, m.closing...), nil
}

// appendPart appends a part, or as many as its value has elements.
func (m *Multipart) appendPart(dst []byte, p *formPart, args Arguments) ([]byte, error) {
	if !p.Value.IsWhole() {
		return m.appendOne(dst, p, nil, args)
	}
	v := args.Lookup(p.Value.parts[0].Pointer)
	switch {
	case v.StandIn:
	case v.JSON.Type == gjson.Null:
		return dst, nil
	case v.JSON.IsArray() && p.Filename == nil:
		return m.appendArray(dst, p, v.JSON, args)
	}
	return m.appendOne(dst, p, &v, args)
}

func (m *Multipart) appendArray(dst []byte, p *formPart, array gjson.Result, args Arguments) ([]byte, error) {
	var err error
	array.ForEach(func(_, element gjson.Result) bool {
		if element.Type == gjson.Null {
			err = p.Value.parts[0].nullElement()
			return false
		}
		dst, err = m.appendOne(dst, p, &Value{JSON: element}, args)
		return err == nil
	})
	return dst, err
}

// appendOne appends one part with the value v, or with what args give when it is
// nil.
func (m *Multipart) appendOne(dst []byte, p *formPart, v *Value, args Arguments) (_ []byte, err error) {
	dst = append(dst, p.opening...)
	if p.Filename != nil {
		if dst, err = m.appendFilename(dst, p.Filename, args); err != nil {
			return dst, err
		}
	}
	dst = append(dst, p.head...)
	begin := len(dst)
	if v != nil {
		dst, err = p.Value.parts[0].appendValue(dst, *v)
	} else {
		dst, err = appendParts(dst, p.Value.parts, args)
	}
	if err == nil && p.Base64 {
		dst, err = p.Value.decode(dst, begin, args)
	}
	if err == nil {
		err = m.check(dst[begin:], p.Value)
	}
	return append(dst, lineEnd...), err
}

func (m *Multipart) appendFilename(dst []byte, name *Passage, args Arguments) ([]byte, error) {
	begin := len(dst)
	dst, err := appendParts(dst, name.parts, args)
	if err != nil {
		return dst, err
	}
	if len(dst) == begin {
		return dst, name.last().refuse(UnsafeValue, "the name of a file is empty")
	}
	return dst, m.check(dst[begin:], name)
}

// check refuses what holds the boundary, which would end the part (RFC 2046
// section 5.1.1).
func (m *Multipart) check(text []byte, t *Passage) error {
	if p := t.last(); p != nil && bytes.Contains(text, []byte(m.boundary)) {
		return p.refuse(UnsafeValue, "the value has the boundary of the parts in it")
	}
	return nil
}
