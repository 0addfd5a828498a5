package wire

import "bytes"

// A Field is one line of a head. Its slices belong to the head that was
// scanned.
type Field struct {
	Name, Value []byte // the value without white space around it
	Kind        Kind
	Drop        bool // it does not travel on
}

// Scan appends the fields of a head to dst: raw is what follows the first line,
// with the empty line at the end or without it. More than most fields are
// [ManyFields]. The error is a [Fault].
func Scan(dst []Field, raw []byte, most int) ([]Field, error) {
	for len(raw) > 0 {
		end := bytes.IndexByte(raw, '\n')
		switch {
		case end < 0:
			return dst, NoEnd
		case end == 0 || raw[end-1] != '\r':
			return dst, BareLineFeed
		case end == 1:
			if len(raw) > 2 {
				return dst, NoEnd
			}
			return dst, nil
		case len(dst) >= most:
			return dst, ManyFields
		}
		field, err := scanLine(raw[:end-1])
		if err != nil {
			return dst, err
		}
		dst, raw = append(dst, field), raw[end+1:]
	}
	return dst, nil
}

// HasBareLineFeed reports whether a line of text, from an offset on, ends without
// a carriage return. It is for text that has not come in whole.
func HasBareLineFeed(text []byte, from int) bool {
	for i := from; ; i++ {
		next := bytes.IndexByte(text[i:], '\n')
		if next < 0 {
			return false
		}
		if i += next; i == 0 || text[i-1] != '\r' {
			return true
		}
	}
}

func scanLine(line []byte) (Field, error) {
	if line[0] == ' ' || line[0] == '\t' {
		return Field{}, Folded
	}
	colon := 0
	for colon < len(line) && classes[line[colon]]&tokenByte != 0 {
		colon++
	}
	switch {
	case colon == len(line):
		return Field{}, NoColon
	case line[colon] == '\r':
		return Field{}, BareCarriageReturn
	case colon == 0 || line[colon] != ':':
		return Field{}, FieldName
	}
	value := trim(line[colon+1:])
	if !areVisible(value) {
		if bytes.IndexByte(value, '\r') >= 0 {
			return Field{}, BareCarriageReturn
		}
		return Field{}, FieldValue
	}
	return Field{Name: line[:colon], Value: value, Kind: kindOf(line[:colon])}, nil
}

// DropHopByHop marks the fields that concern one connection only, by every
// Connection line: RFC 9110 section 7.6.1.
func DropHopByHop(fields []Field) {
	for i := range fields {
		if fields[i].Kind.HopByHop() {
			fields[i].Drop = true
		}
		if fields[i].Kind == Connection {
			dropNamed(fields, fields[i].Value)
		}
	}
}

// dropNamed marks what a Connection field names.
func dropNamed(fields []Field, options []byte) {
	for len(options) > 0 {
		var option []byte
		option, options = nextOption(options)
		if len(option) == 0 || EqualFold(option, "close") || EqualFold(option, "keep-alive") {
			continue
		}
		for i := range fields {
			if len(fields[i].Name) == len(option) && !fields[i].Kind.Vital() && bytes.EqualFold(fields[i].Name, option) {
				fields[i].Drop = true
			}
		}
	}
}

// HasOption reports whether a list of options, as in Connection or TE, has the
// given one, which is in lower case.
func HasOption(list []byte, option string) bool {
	for len(list) > 0 {
		var one []byte
		if one, list = nextOption(list); EqualFold(one, option) {
			return true
		}
	}
	return false
}

// nextOption takes the first option off a list.
func nextOption(list []byte) (option, rest []byte) {
	option, rest, _ = bytes.Cut(list, []byte(","))
	return trim(option), rest
}
