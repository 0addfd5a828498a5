package configs

func decodeMultipart(d *decoder, n *node, _ *functionEntry) { d.problem(n, "not supported yet", "") }
