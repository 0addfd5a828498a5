package configs

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
)

// canonical writes an entry with its references resolved, so that two texts are
// the same when the entries mean the same: members are sorted, and comments,
// quotes and layout are gone.
func (d *decoder) canonical(dst []byte, n *node) []byte {
	switch n.kind {
	case mapping:
		members := slices.SortedFunc(slices.Values(n.members), func(a, b member) int { return cmp.Compare(a.key, b.key) })
		dst = append(dst, '{')
		for _, m := range members {
			dst = append(strconv.AppendQuote(dst, m.key), ':')
			dst = append(d.canonical(dst, m.value), ',')
		}
		return append(dst, '}')
	case list:
		dst = append(dst, '[')
		for _, item := range n.items {
			dst = append(d.canonical(dst, item), ',')
		}
		return append(dst, ']')
	case text:
		x, _ := d.expand(n, false)
		return strconv.AppendQuote(dst, x.text())
	case number, boolean:
		return append(dst, cmp.Or(n.number, n.text)...)
	case nothing, broken:
	}
	return append(dst, "null"...)
}

// digest sums an entry up, and whatever else it depends on.
func (d *decoder) digest(n *node, more ...any) string {
	// What is wrong with the references has been reported already.
	quiet := &decoder{sources: d.sources, expander: d.expander}
	text := bytes.NewBuffer(quiet.canonical(nil, n))
	for _, m := range more {
		fmt.Fprintf(text, "\n%v", m)
	}
	sum := sha256.Sum256(text.Bytes())
	return hex.EncodeToString(sum[:])
}

// entry is what a token depends on of its cache.
func (c *Cache) entry() string {
	return fmt.Sprintf("%s %v %v %d %t %t", c.ID, c.TTL, c.Hosts, c.Surfaces, c.Cleartext, c.Upgrade)
}
