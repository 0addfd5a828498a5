package configs

import (
	"strings"
	"time"
)

// maxEntries is the largest bound of a Function's answers.
const maxEntries = 10_000_000

var caching = section[Caching]{theCaching, []field[Caching]{
	{"key", false, decodeCachingKey},
	{"per_client", false, func(d *decoder, n *node, c *Caching) { c.PerClient = d.flag(n) }},
	{"stale", false, func(d *decoder, n *node, c *Caching) { c.Stale = d.duration(n, time.Second) }},
	{"ttl_from", false, decodeTTLFrom},
	{"negative", false, decodeNegative},
	{"warm", false, func(d *decoder, n *node, c *Caching) { c.Warm = d.flag(n) }},
	{"max_entries", false, func(d *decoder, n *node, c *Caching) {
		if v, ok := d.number(n, 1, maxEntries); ok {
			c.MaxEntries = v
		}
	}},
}}

func decodeCaching(d *decoder, n *node, f *functionEntry) {
	f.Caching.Written = true
	caching.decode(d, n, &f.Caching)
}

// decodeCachingKey reads which arguments tell one answer from another.
func decodeCachingKey(d *decoder, n *node, c *Caching) {
	if n.kind == list {
		c.Key = d.pointers(n)
		return
	}
	c.Single = d.oneOf(n, "key", []string{"arguments", "single"}) == "single"
}

// decodeTTLFrom reads where in an answer its life stands.
func decodeTTLFrom(d *decoder, n *node, c *Caching) {
	if n.kind == text && strings.EqualFold(n.text, "Cache-Control") {
		c.TTLFromHeader = true
		return
	}
	c.TTLFrom, _ = d.pointer(n)
}

func decodeNegative(d *decoder, n *node, c *Caching) {
	if !d.is(n, mapping) {
		return
	}
	c.Negative = map[int]time.Duration{}
	for _, m := range n.members {
		status, ok := d.statusKey(m)
		if life := d.duration(m.value, time.Second); ok && life > 0 {
			c.Negative[status] = life
		}
	}
}
