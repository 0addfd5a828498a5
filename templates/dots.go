package templates

// isDots tells the segments that readers resolve away, RFC 3986 section 5.2.4,
// which many do after decoding, and after cutting off the parameters that begin
// with a semicolon, RFC 3986 section 3.3.
func isDots(segment []byte) bool {
	if at := semicolon(segment); at >= 0 {
		segment = segment[:at]
	}
	dots := 0
	for len(segment) > 0 {
		n := leads(segment, '.')
		if n == 0 {
			return false
		}
		segment = segment[n:]
		dots++
	}
	return dots == 1 || dots == 2
}

// semicolon gives where the first semicolon of a segment stands, or -1.
func semicolon(segment []byte) int {
	for i := range segment {
		if leads(segment[i:], ';') > 0 {
			return i
		}
	}
	return -1
}

// leads gives the length of c, encoded or not, at the beginning of s, or 0.
func leads(s []byte, c byte) int {
	switch {
	case len(s) == 0:
		return 0
	case s[0] == c:
		return 1
	case s[0] != '%' || len(s) < 3:
		return 0
	}
	high, ok1 := unhex(s[1])
	low, ok2 := unhex(s[2])
	if ok1 && ok2 && high<<4|low == c {
		return 3
	}
	return 0
}
