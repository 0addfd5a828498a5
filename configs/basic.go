package configs

func decodeBasic(d *decoder, n *node, _ *functionEntry) { d.problem(n, "not supported yet", "") }
