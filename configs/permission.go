package configs

import "slices"

// Has reports whether name is among n.
func (n Names) Has(name string) bool { return n.All || slices.Contains(n.List, name) }
