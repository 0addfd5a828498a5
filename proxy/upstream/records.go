package upstream

// records follows the records of TLS that pass, RFC 8446 section 5.1. An idle
// connection in the midst of a record has said something that nobody has read.
type records struct {
	header [5]byte
	have   int // bytes of header
	left   int // bytes of the record's body
}

// pass follows p.
func (r *records) pass(p []byte) {
	for len(p) > 0 {
		if r.left > 0 {
			n := min(r.left, len(p))
			r.left, p = r.left-n, p[n:]
			continue
		}
		n := copy(r.header[r.have:], p)
		r.have, p = r.have+n, p[n:]
		if r.have == len(r.header) {
			r.have, r.left = 0, int(r.header[3])<<8|int(r.header[4])
		}
	}
}

// between reports whether what has passed are whole records.
func (r *records) between() bool { return r.have == 0 && r.left == 0 }
