package wire

// A Framing is how the body of a message is delimited, RFC 9112 section 6.
type Framing struct {
	Length  int64 // by Content-Length, -1 without one
	Chunked bool
}

// FramingOf reads the framing that fields state. What two readers could
// delimit differently is a [Fault]: both framings, one of them twice, be it
// with the same value, or a coding other than chunked.
func FramingOf(fields []Field, http10 bool) (Framing, error) {
	f := Framing{Length: -1}
	coded := false // other than chunked
	for i := range fields {
		switch fields[i].Kind {
		case ContentLength:
			if f.Length >= 0 {
				return f, LengthTwice
			}
			length, ok := parseLength(fields[i].Value)
			if !ok {
				return f, Length
			}
			f.Length = length
		case TransferEncoding:
			if f.Chunked || coded {
				return f, CodingTwice
			}
			f.Chunked = EqualFold(fields[i].Value, "chunked")
			coded = !f.Chunked
		default: // no framing
		}
	}
	switch {
	case (f.Chunked || coded) && f.Length >= 0:
		return f, LengthAndCoding
	case (f.Chunked || coded) && http10:
		return f, CodingOfHTTP10
	case coded:
		return f, Coding
	}
	return f, nil
}

// parseLength reads digits, and nothing else.
func parseLength(text []byte) (int64, bool) {
	if len(text) == 0 || len(text) > 18 {
		return 0, false
	}
	var n int64
	for _, c := range text {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = 10*n + int64(c-'0')
	}
	return n, true
}
