package configs

import (
	"fmt"
	"strings"
	"time"
)

// minTTL is the shortest life of a cache's value: below it, a refresh before
// expiry leaves no time in which the value may be used.
const minTTL = 2 * time.Second

var cache = section[Cache]{aCache, []field[Cache]{
	{"name", true, func(d *decoder, n *node, c *Cache) { c.Name = d.name(n) }},
	{"description", false, func(d *decoder, n *node, c *Cache) { c.Description, _ = d.plain(n) }},
	{"id", false, decodeID},
	{"ttl", true, func(d *decoder, n *node, c *Cache) { c.TTL = d.duration(n, minTTL) }},
	{"hosts", false, func(d *decoder, n *node, c *Cache) {
		d.some(n, func(n *node) {
			if p, ok := d.host(n); ok {
				c.Hosts = append(c.Hosts, p)
			}
		})
	}},
	{"surfaces", false, func(d *decoder, n *node, c *Cache) {
		d.some(n, func(n *node) { c.Surfaces |= d.surface(n) })
	}},
	{"cleartext", false, func(d *decoder, n *node, c *Cache) { c.Cleartext = d.flag(n) }},
	{"upgrade", false, func(d *decoder, n *node, c *Cache) { c.Upgrade = d.flag(n) }},
}}

func decodeCaches(d *decoder, n *node, cfg *Config) {
	d.each(n, func(n *node) {
		c := Cache{Path: n.path, Kind: OutputCache}
		cache.decode(d, n, &c)
		if c.ID == (ID{}) && c.Name != "" && n.member("id") == nil {
			c.ID = DefaultID(c.Name)
		}
		cfg.Caches = append(cfg.Caches, c)
	})
}

func decodeID(d *decoder, n *node, c *Cache) {
	s, ok := d.plain(n)
	if !ok {
		return
	}
	if c.ID, ok = ParseID(s); !ok || c.ID == (ID{}) {
		d.problem(n, fmt.Sprintf("%q is no UUID", s), "write its 36 characters, as in 123e4567-e89b-42d3-a456-426614174000, or leave it out")
	}
}

var surfaces = []struct {
	name string
	bit  Surfaces
}{
	{"header", Header},
	{"query", Query},
	{"body", Body},
	{"path", Path}, // Only in messages.
}

// surface reads one of the places that a file may name.
func (d *decoder) surface(n *node) Surfaces {
	name := d.oneOf(n, "surface", []string{"header", "query", "body"})
	for _, s := range surfaces {
		if s.name == name {
			return s.bit
		}
	}
	return 0
}

// String names the surfaces, as in "header and query".
func (s Surfaces) String() string {
	var names []string
	for _, one := range surfaces {
		if s&one.bit != 0 {
			names = append(names, one.name)
		}
	}
	return strings.Join(names, " and ")
}

// checkCaches gives each cache its kind and the surfaces that it has by
// default, and looks for two with the same ID.
func (d *decoder) checkCaches() {
	filled := map[string]bool{}
	for _, t := range d.tokens {
		filled[t.Cache] = true
	}
	secrecies := d.secrecies()
	for i := range d.cfg.Caches {
		c := &d.cfg.Caches[i]
		d.fillKind(c, filled[c.Name] && c.Name != "", secrecies)
		if first := d.cacheByID[c.ID]; first != nil && first != c {
			d.elsewhere(below(c.Path, "id"), "the ID is that of "+d.sources.show(first.Path, c.Path)+" too", "leave it out for one of its own")
		}
	}
}

// fillKind gives a cache what depends on whether a token fills it, or a Function
// with what callers may not see.
func (d *decoder) fillKind(c *Cache, byToken bool, secrecies map[string]secrecy) {
	defaults := Header | Query | Body | Path
	if byToken {
		c.Kind, c.Secret, c.Credential, defaults = TokenCache, true, true, Header
	} else if s, ok := secrecies[c.Name]; ok {
		defaults = d.keepSecret(c, s)
	}
	if c.Kind == TokenCache && len(c.Hosts) == 0 && !d.doubtful(below(c.Path, "hosts")) {
		d.elsewhere(below(c.Path, "hosts"), "a token cache needs hosts", "the hosts that its value may be sent to")
	}
	if c.Surfaces == 0 {
		c.Surfaces = defaults
	}
}
