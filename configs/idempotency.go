package configs

func decodeIdempotencyKey(d *decoder, n *node, f *functionEntry) { f.IdempotencyKey = d.flag(n) }

// checkIdempotencyKey refuses a second field of this name.
func (d *decoder) checkIdempotencyKey(f *functionEntry) {
	if f.IdempotencyKey {
		d.setsHeader(f, "Idempotency-Key", "idempotency_key")
	}
}

// setsHeader refuses a header that another key of the Function sets.
func (d *decoder) setsHeader(f *functionEntry, name, key string) bool {
	h := f.header(name)
	if h == nil || h.node == nil {
		return true
	}
	d.problem(h.node, key+" sets "+h.Name(), "leave out "+h.Name()+" or "+key)
	return false
}
