package wire

import "bytes"

// Lines are header fields as they are written: each one a line that ends with
// CR LF. They are counted, so that a line break that came in with a value is
// noticed however it got there.
type Lines struct {
	Bytes []byte
	Count int
}

// Add appends a field. The caller has checked name and value.
func (l *Lines) Add(name, value string) {
	l.Bytes = append(l.Bytes, name...)
	l.Bytes = append(l.Bytes, ": "...)
	l.Bytes = append(l.Bytes, value...)
	l.Bytes = append(l.Bytes, "\r\n"...)
	l.Count++
}

// AddField appends a field as it was scanned.
func (l *Lines) AddField(f *Field) {
	l.Bytes = append(l.Bytes, f.Name...)
	l.Bytes = append(l.Bytes, ": "...)
	l.Bytes = append(l.Bytes, f.Value...)
	l.Bytes = append(l.Bytes, "\r\n"...)
	l.Count++
}

// AddLines appends lines that somebody else has made and checked.
func (l *Lines) AddLines(lines []byte) {
	l.Bytes = append(l.Bytes, lines...)
	l.Count += bytes.Count(lines, []byte{'\n'})
}

// Whole reports whether the lines are as many as were added: none of them has a
// line break inside.
func (l *Lines) Whole() bool {
	n := bytes.Count(l.Bytes, []byte{'\n'})
	return n == l.Count && n == bytes.Count(l.Bytes, []byte{'\r'}) && (n == 0 || bytes.HasSuffix(l.Bytes, []byte("\r\n")))
}

// Reset forgets the fields, whose values may be secrets.
func (l *Lines) Reset() {
	clear(l.Bytes)
	l.Bytes, l.Count = l.Bytes[:0], 0
}
