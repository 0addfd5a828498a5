package configs

import "slices"

// Has reports whether name is among n.
func (n Names) Has(name string) bool { return n.All || slices.Contains(n.List, name) }

// Names reports whether the value of c may be sent to host, which is in the
// form of [CanonicalHost].
func (c *Cache) Names(host string, port uint16) bool {
	return slices.ContainsFunc(c.Hosts, func(p HostPattern) bool { return p.Match(host, port) })
}
