package upstream

// records follows the records of TLS that pass, RFC 8446 section 5.1. An idle
// connection in the midst of a record has said something that nobody has read.
type records struct {
	header [5]byte
	have   int // bytes of header
	left   int // bytes of the record's body

	// Of the exchange:
	whole int // records that have passed to their end
	spent int // times that crypto/tls had less to give than there was room for
}

// begin makes the records ready for an exchange.
func (r *records) begin() { r.whole, r.spent = 0, 0 }

// pass follows p.
func (r *records) pass(p []byte) {
	for len(p) > 0 {
		if r.left > 0 {
			n := min(r.left, len(p))
			r.left, p = r.left-n, p[n:]
			if r.left == 0 {
				r.whole++
			}
			continue
		}
		n := copy(r.header[r.have:], p)
		r.have, p = r.have+n, p[n:]
		if r.have == len(r.header) {
			r.have, r.left = 0, int(r.header[3])<<8|int(r.header[4])
			if r.left == 0 {
				r.whole++
			}
		}
	}
}

// read notes that crypto/tls has given n bytes where there was room for more. It
// gives what is left of one record, or of the next one that has any bytes.
func (r *records) read(n, room int) {
	if 0 < n && n < room {
		r.spent++
	}
}

// areSpent reports whether it is plain that crypto/tls holds none of what has
// passed, if it held nothing before: each record was given to its end. False says
// nothing, because there are records without bytes for a reader.
func (r *records) areSpent() bool { return r.between() && r.whole == r.spent }

// between reports whether what has passed are whole records.
func (r *records) between() bool { return r.have == 0 && r.left == 0 }
