package configs

func decodeIdempotencyKey(d *decoder, n *node, f *functionEntry) { f.IdempotencyKey = d.flag(n) }
