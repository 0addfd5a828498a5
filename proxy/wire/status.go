package wire

// A Status is the first line of an answer.
type Status struct {
	Code   int
	HTTP10 bool
	Reason []byte // a part of the line
}

// ParseStatus reads a status line without its line break, RFC 9112 section 4.
// The blank before an empty reason may be missing.
func ParseStatus(line []byte) (Status, error) {
	const begin = "HTTP/1."
	if len(line) < len("HTTP/1.1 200") || string(line[:len(begin)]) != begin || line[8] != ' ' {
		return Status{}, StatusLine
	}
	s := Status{HTTP10: line[7] == '0'}
	if line[7] != '0' && line[7] != '1' {
		return Status{}, StatusLine
	}
	for _, c := range line[9:12] {
		if c < '0' || c > '9' {
			return Status{}, StatusLine
		}
		s.Code = 10*s.Code + int(c-'0')
	}
	rest := line[12:]
	if s.Code < 100 || len(rest) > 0 && rest[0] != ' ' || !IsValue(rest) {
		return Status{}, StatusLine
	}
	if len(rest) > 0 {
		s.Reason = rest[1:]
	}
	return s, nil
}
