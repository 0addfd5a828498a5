package configs

import (
	"strconv"
	"strings"
)

// A node is one value of the file. It is what remains of YAML: no anchors, no
// tags, each mapping with different string keys.
type node struct {
	kind    kind
	text    string // of a scalar, as it is written; of a string, its value
	number  string // of a number, as JSON writes it; "" when YAML versions differ about it
	items   []*node
	members []member
	path    string
	place   place
}

// A member is one entry of a mapping, in the order of the file.
type member struct {
	key   string
	place place // of the key
	value *node
}

// A place is where something stands in the file, both counted from 1, the
// column in characters.
type place struct{ line, column int }

// A kind is what YAML's core schema makes of a value.
type kind uint8

const (
	broken kind = iota // already reported, says nothing
	nothing
	boolean
	number
	text
	list
	mapping
)

// String names the kind as messages do.
func (k kind) String() string {
	return [...]string{"unreadable", "empty", "true or false", "a number", "text", "a list", "a mapping"}[k]
}

// scalar reports whether n is written as one piece of text.
func (n *node) scalar() bool { return n.kind == text || n.kind == number || n.kind == boolean }

// member gives the value of a key, or nil.
func (n *node) member(key string) *node {
	for _, m := range n.members {
		if m.key == key {
			return m.value
		}
	}
	return nil
}

// step gives the value that lies next on the way to path, or nil where the way
// ends. Values under a secret key have no path of their own.
func (n *node) step(path string) *node {
	rest, ok := strings.CutPrefix(path, n.path)
	if !ok || rest == "" {
		return nil
	}
	if number, _, ok := strings.Cut(rest, "]"); ok && n.kind == list {
		i, err := strconv.Atoi(strings.TrimPrefix(number, "["))
		if err != nil || i < 0 || i >= len(n.items) || len(n.items[i].path) == len(n.path) {
			return nil
		}
		return n.items[i]
	}
	for _, m := range n.members {
		rest, ok := strings.CutPrefix(path, m.value.path)
		if ok && len(m.value.path) > len(n.path) && (rest == "" || rest[0] == '.' || rest[0] == '[') {
			return m.value
		}
	}
	return nil
}

// plainKey reports whether a key has only letters, digits, _ and -.
func plainKey(key string) bool {
	return key != "" && !strings.ContainsFunc(key, func(r rune) bool { return r != '-' && !isWordRune(r) })
}

// isWordRune reports whether r is an ASCII letter, a digit or an underscore.
func isWordRune(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '_'
}

// below is the path of a member.
func below(path, key string) string {
	switch {
	case !plainKey(key):
		return path + "[" + strconv.Quote(key) + "]"
	case path == "" || path[len(path)-1] == ':':
		return path + key // The top of a file.
	}
	return path + "." + key
}

// item is the path of an element of a list.
func item(path string, i int) string { return path + "[" + strconv.Itoa(i) + "]" }
