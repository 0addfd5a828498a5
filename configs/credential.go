package configs

func decodeCredential(d *decoder, n *node, f *functionEntry) { f.Credential, _ = d.pointer(n) }
