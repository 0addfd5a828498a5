package egress

import (
	"cmp"
	"slices"
	"strings"
)

// A naming finds the caches that name a host without a look at all of them:
// there may be very many, and a client may ask for one host after the other.
type naming []named

// A named is what one pattern of a cache names.
type named struct {
	key   string // [configs.HostPattern.Key]
	cache int32  // its place in the list of openings
}

func newNaming(openings []opening) naming {
	var n naming
	for i := range openings {
		for _, pattern := range openings[i].Hosts {
			n = append(n, named{pattern.Key(), int32(i)})
		}
	}
	slices.SortFunc(n, func(a, b named) int {
		return cmp.Or(strings.Compare(a.key, b.key), cmp.Compare(a.cache, b.cache))
	})
	return n
}

// of gives the places of all caches that may name a host, each once and in
// order. Their patterns decide about the port.
func (n naming) of(host string) []int32 {
	found := n.appendKey(nil, host)
	for i := 1; i < len(host); i++ {
		if host[i] == '.' {
			found = n.appendKey(found, host[i:])
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

func (n naming) appendKey(found []int32, key string) []int32 {
	at, _ := slices.BinarySearchFunc(n, key, func(one named, key string) int { return strings.Compare(one.key, key) })
	for ; at < len(n) && n[at].key == key; at++ {
		found = append(found, n[at].cache)
	}
	return found
}
