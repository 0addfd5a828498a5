package scrub_test

import (
	"slices"
	"strings"

	"github.com/egret-proxy/egret/proxy/scrub"
)

// A linear scrubber is the simplest one there is: it compares each place of a
// text with each value that begins with the same byte. It is what the real one
// is held against, in what it finds and in how long that takes.
type linear struct {
	values [256][]scrub.Replacement // by the first byte, longest first
}

func newLinear(values []scrub.Replacement) *linear {
	l, known := &linear{}, map[string]bool{}
	add := func(value, with string) {
		if len(value) < scrub.MinLength || known[value] {
			return
		}
		known[value] = true
		group := &l.values[value[0]]
		*group = append(*group, scrub.Replacement{Value: value, With: with})
	}
	for _, r := range values {
		add(r.Value, r.With)
		if isJWT(r.Value) {
			add(r.Value[strings.LastIndexByte(r.Value, '.')+1:], r.With)
		}
	}
	for _, group := range l.values {
		slices.SortFunc(group, func(a, b scrub.Replacement) int { return len(b.Value) - len(a.Value) })
	}
	return l
}

func isJWT(value string) bool {
	parts := strings.Split(value, ".")
	return len(parts) == 3 && !slices.ContainsFunc(parts, func(part string) bool {
		return part == "" || strings.ContainsFunc(part, func(r rune) bool { return !strings.ContainsRune(base64url, r) })
	})
}

const base64url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

func (l *linear) Bytes(dst, src []byte) []byte {
	for len(src) > 0 {
		if r := l.at(src); r != nil {
			dst, src = append(dst, r.With...), src[len(r.Value):]
		} else {
			dst, src = append(dst, src[0]), src[1:]
		}
	}
	return dst
}

// Found reports whether text holds a value.
func (l *linear) Found(text []byte) bool {
	for i := range text {
		if l.at(text[i:]) != nil {
			return true
		}
	}
	return false
}

func (l *linear) at(text []byte) *scrub.Replacement {
	group := l.values[text[0]]
	for i := range group {
		if value := group[i].Value; len(value) <= len(text) && string(text[:len(value)]) == value {
			return &group[i]
		}
	}
	return nil
}
