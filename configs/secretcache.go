package configs

// A secrecy is why callers may not see what a cache holds.
type secrecy struct {
	function string // its title
	does     string // "masks its output"
	defaults Surfaces
}

// secrecies finds the caches that Functions fill with what callers may not see,
// by name. The first such Function of a cache counts.
func (d *decoder) secrecies() map[string]secrecy {
	found := map[string]secrecy{}
	for _, f := range d.functions {
		if _, known := found[f.Cache]; known || f.Cache == "" {
			continue
		}
		if s, ok := f.secrecy(); ok {
			found[f.Cache] = s
		}
	}
	return found
}

// secrecy says why the answers of the Function are nothing for callers, and
// reports false when they are not. A value that is secret never stands in a path,
// which servers write down.
func (f *functionEntry) secrecy() (secrecy, bool) {
	switch {
	case f.Output.Hide:
		return secrecy{f.title(), "hides its output", Header | Query | Body}, true
	case len(f.Output.Mask) > 0:
		return secrecy{f.title(), "masks its output", Header | Query | Body}, true
	}
	return secrecy{}, false
}

// keepSecret makes c a secret, because of what s says. It gives the surfaces that
// the value may stand on unless the cache has its own.
func (d *decoder) keepSecret(c *Cache, s secrecy) Surfaces {
	c.Secret = true
	if hosts := below(c.Path, "hosts"); len(c.Hosts) == 0 && !d.doubtful(hosts) {
		d.elsewhere(hosts, "cache "+c.Name+" is a secret, because function "+s.function+" "+s.does+": it needs hosts",
			"the hosts that its value may be sent to")
	}
	return s.defaults
}
