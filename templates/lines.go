package templates

import "github.com/tidwall/gjson"

// AppendLines appends what [Header.AppendFields] does as it stands on the wire:
// for each field its name, a colon and a space, the value, and CRLF. No value
// can end its line, whatever the arguments are. Its error is a [*RenderError].
func (h *Header) AppendLines(dst []byte, args Arguments) ([]byte, error) {
	if !h.whole {
		return h.appendTextLine(dst, args)
	}
	v := args.Lookup(h.parts[0].Pointer)
	switch {
	case v.StandIn:
		return h.endLine(append(h.beginLine(dst), v.JSON.Str...), len(dst))
	case v.JSON.Type == gjson.Null:
		return dst, nil
	case v.JSON.IsArray():
		return h.appendArrayLines(dst, v.JSON)
	}
	return h.appendOneLine(dst, v.JSON)
}

func (h *Header) appendTextLine(dst []byte, args Arguments) ([]byte, error) {
	before := len(dst)
	dst, err := appendParts(h.beginLine(dst), h.parts, args)
	if err != nil {
		return dst, err
	}
	return h.endLine(dst, before)
}

func (h *Header) appendArrayLines(dst []byte, array gjson.Result) ([]byte, error) {
	var err error
	array.ForEach(func(_, element gjson.Result) bool {
		if element.Type == gjson.Null {
			err = h.parts[0].nullElement()
			return false
		}
		dst, err = h.appendOneLine(dst, element)
		return err == nil
	})
	return dst, err
}

func (h *Header) appendOneLine(dst []byte, v gjson.Result) ([]byte, error) {
	text, err := h.parts[0].scalar(v)
	if err != nil {
		return dst, err
	}
	return h.endLine(append(h.beginLine(dst), text...), len(dst))
}

func (h *Header) beginLine(dst []byte) []byte {
	return append(append(dst, h.name...), ": "...)
}

// endLine ends the line that begins at from. The parts of its value have been
// checked; the whole is checked again, because a line that ends early would be
// another field.
func (h *Header) endLine(dst []byte, from int) ([]byte, error) {
	value := dst[from+len(h.name)+len(": "):]
	if err := h.edges(value); err != nil {
		return dst, err
	}
	if problem := headerProblem(value); problem != "" {
		return dst, h.parts[0].refuse(UnsafeValue, "the value "+problem)
	}
	return append(dst, "\r\n"...), nil
}
