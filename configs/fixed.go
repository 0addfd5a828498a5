package configs

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/egret-proxy/egret/templates"
)

// A use is a cache's ID among the fixed values of a Function.
type use struct {
	cache  *Cache
	node   *node
	tokens []string // of the JSON Pointer that leads to it
}

// maxUses is how many IDs of caches may be fixed in one Function. Each of them is
// held against each placeholder.
const maxUses = 256

// findUses finds the texts below fixed that are the ID of a cache.
func (d *decoder) findUses(f *functionEntry) {
	if f.fixed == nil {
		return
	}
	var found []use
	var visit func(n *node, tokens []string)
	visit = func(n *node, tokens []string) {
		if c := d.cacheAt(n); c != nil {
			found = append(found, use{c, n, tokens})
		}
		for i, item := range n.items {
			visit(item, append(slices.Clip(tokens), strconv.Itoa(i)))
		}
		for _, m := range n.members {
			visit(m.value, append(slices.Clip(tokens), m.key))
		}
	}
	visit(f.fixed, nil)
	if len(found) > maxUses {
		d.problem(f.fixed, fmt.Sprintf("more than %d cache IDs are fixed", maxUses), "")
		return
	}
	f.uses = found
}

// checkFixed looks whether the caches that a Function names may go where the
// Function sends them. What callers name is checked when they call.
func (d *decoder) checkFixed(f *functionEntry) {
	for _, u := range f.uses {
		if f.dials() {
			d.checkDestination(f, u)
		}
		for _, p := range f.placements {
			if meets(p.Pointer.Tokens(), u.tokens) {
				d.checkSurface(p, u.cache)
			}
		}
	}
}

// checkDestination compares the Function's host with those of the cache.
func (d *decoder) checkDestination(f *functionEntry, u use) {
	c, host := u.cache, f.URL.Authority()
	named := c.Names(f.host, f.port)
	if d.doubtful(below(c.Path, "hosts")) {
		return
	}
	if !named && c.IsBound() {
		d.destination(f, u, fmt.Sprintf("cache %s may not be sent to %s", c.Name, host), "add the host to the hosts of "+c.Name)
	}
	// A value without hosts is a result that callers see: no credential.
	if len(c.Hosts) > 0 && f.URL.Scheme() == "http" && !isLoopback(f.host) && !c.Cleartext {
		d.destination(f, u, fmt.Sprintf("cache %s may not be sent to %s without TLS", c.Name, host), "use https, or set cleartext: true in "+c.Name)
	}
}

// destination reports a cache that cannot go to the Function's host, without
// naming a host that came from outside of the file.
func (d *decoder) destination(f *functionEntry, u use, message, hint string) {
	for _, secret := range f.Configured {
		if quotes(f.host, secret.Reveal()) {
			message, hint = "cache "+u.cache.Name+" may not be sent to the host of the url", ""
		}
	}
	d.problem(u.node, message, hint)
}

// meets reports whether a placeholder's pointer leads to a value, into it, or
// to something that contains it.
func meets(pointer, value []string) bool {
	n := min(len(pointer), len(value))
	return slices.Equal(pointer[:n], value[:n])
}

func (d *decoder) checkSurface(p placement, c *Cache) {
	s := surfaceOf(p.Escaping)
	if c.Surfaces&s != 0 {
		return
	}
	hint := "write surfaces: [" + strings.ReplaceAll((c.Surfaces&^Path|s).String(), " and ", ", ") + "] in " + c.Name
	if s == Path {
		hint = "" // A file cannot permit it.
	}
	d.wrong(p.in, p.Offset, fmt.Sprintf("cache %s may not stand in the %s, only in the %s", c.Name, s, c.Surfaces), hint)
}

// surfaceOf says on which surface a place is.
func surfaceOf(e templates.Escaping) Surfaces {
	switch e {
	case templates.PathSegment:
		return Path
	case templates.QueryValue:
		return Query
	case templates.HeaderValue, templates.BasicUser, templates.BasicPassword:
		return Header
	default:
		return Body
	}
}
