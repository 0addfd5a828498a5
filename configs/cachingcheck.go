package configs

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/egret-proxy/egret/templates"
)

// checkCaching looks at what caching says about other keys of the Function.
func (d *decoder) checkCaching(f *functionEntry) {
	n := f.node.member("caching")
	if n == nil || f.hasCredential() { // which has rules of its own
		return
	}
	if f.node.member("cache") == nil {
		d.problem(n, "caching says how answers are kept, which needs a cache", "name it with cache")
	}
	if f.Caching.PerClient && f.Caching.Warm {
		d.problem(n.member("warm"), "answers that are each client's own cannot be kept warm", "egret itself is no client: leave out warm or per_client")
	}
	if key := n.member("key"); key != nil && key.kind == list {
		for _, item := range key.items {
			d.checkCounting(f, item)
		}
	}
	if negative := n.member("negative"); negative != nil {
		for _, m := range negative.members {
			if status, err := strconv.Atoi(m.key); err == nil && f.IsOK(status) {
				d.at(m.place, m.value.path, fmt.Sprintf("status %d is ok, and lives as long as the cache says", status), "")
			}
		}
	}
}

// checkCounting looks whether an argument that tells answers apart is one that
// callers give.
func (d *decoder) checkCounting(f *functionEntry, n *node) {
	name, ok := countingName(n)
	switch {
	case !ok || d.doubtful(below(f.Path, "parameters")):
	case f.isFixed(name):
		d.problem(n, "argument "+name+" is fixed: it is the same in every call", "leave it out")
	case !f.known[name]:
		d.problem(n, "argument "+name+" is not a parameter of "+f.title(), "list it below parameters.properties")
	}
}

// countingName gives the argument that a name or JSON Pointer leads to, or into.
// It is false for what is neither, which has been reported.
func countingName(n *node) (string, bool) {
	if n.kind != text || n.text == "" {
		return "", false
	}
	if n.text[0] != '/' {
		return n.text, true
	}
	p, err := templates.ParsePointer(n.text)
	return p.Parameter(), err == nil
}

// warnKey warns of arguments that change the request and do not tell one answer
// from another.
func (d *decoder) warnKey(f *functionEntry) {
	c := &f.Caching
	if d.reported(f.Path) || !c.Single && c.Key == nil {
		return
	}
	warned := map[string]bool{}
	for _, p := range f.placements {
		tokens, pointer := p.Pointer.Tokens(), p.Pointer.String()
		counts := slices.ContainsFunc(c.Key, func(key []string) bool {
			return len(key) <= len(tokens) && slices.Equal(key, tokens[:len(key)])
		})
		if counts || warned[pointer] || f.isFixed(p.Pointer.Parameter()) {
			continue
		}
		warned[pointer] = true
		d.warn(below(below(f.Path, "caching"), "key"), "argument "+pointer+" changes the request and is no part of the key",
			"who asks with another value gets the same answer: list it, unless that is meant")
	}
}
