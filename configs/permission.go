package configs

import "slices"

// Has reports whether name is among n.
func (n Names) Has(name string) bool { return n.All || slices.Contains(n.List, name) }

// IsBound reports whether the value of c may be sent only to the hosts that it
// names. What an output cache without hosts holds is a result that callers see,
// which every Function may carry.
func (c *Cache) IsBound() bool { return c.Secret || len(c.Hosts) > 0 }

// Names reports whether the value of c may be sent to host, which is in the
// form of [CanonicalHost].
func (c *Cache) Names(host string, port uint16) bool {
	return slices.ContainsFunc(c.Hosts, func(p HostPattern) bool { return p.Match(host, port) })
}
