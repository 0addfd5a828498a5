package functions

import (
	"slices"
	"strconv"
)

// standing gives the values to which tokens lead. An array on the way stands for
// each of its elements, unless the token is the number of one, and so does an array
// at the end. The ID of a cache on the way is what it stands for: what is behind it
// is not known here.
func (d *document) standing(tokens []string) (list []int) {
	var visit func(i int, tokens []string)
	visit = func(i int, tokens []string) {
		if i < 0 {
			return
		}
		kind := d.nodes[i].kind
		switch {
		case kind == '[' && (len(tokens) == 0 || !isIndex(tokens[0])):
			for e := i + 1; e < d.nodes[i].next; e = d.nodes[e].next {
				visit(e, tokens)
			}
		case len(tokens) == 0 || d.cache(i) != nil:
			list = append(list, i)
		default:
			visit(d.child(i, tokens[0]), tokens[1:])
		}
	}
	visit(0, tokens)
	return list
}

// tokens gives the reference tokens that lead to value i.
func (d *document) tokens(i int) (tokens []string) {
	for ; d.nodes[i].parent >= 0; i = d.nodes[i].parent {
		parent := d.nodes[i].parent
		if d.nodes[parent].kind == '{' {
			tokens = append(tokens, d.name(i))
			continue
		}
		index := 0
		for e := parent + 1; e != i; e = d.nodes[e].next {
			index++
		}
		tokens = append(tokens, strconv.Itoa(index))
	}
	slices.Reverse(tokens)
	return tokens
}
