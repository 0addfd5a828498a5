package caches

import (
	"slices"
	"time"
)

// put makes v the current value under its key and drops what is expired at now.
// A text is held once for a key: a static credential that is made again and
// again takes the place of itself. It gives the texts that are forgotten.
func (h *history) put(v value, now time.Time) (gone []string) {
	gone = h.keep(func(held value) bool { return !held.entry.Expired(now) && !held.outdoneBy(v, now) })
	for i := range h.values {
		if h.values[i].key == v.key {
			h.values[i].replaced = true
		}
	}
	h.values = append(h.values, v)
	h.bytes += len(v.text)
	for len(h.values) > 1 && (len(h.values) > maxValues || h.bytes > maxValueBytes) {
		gone = append(gone, h.drop())
	}
	return gone
}

// drop forgets the oldest replaced value, or if there is none the oldest one,
// and gives its text.
func (h *history) drop() string {
	i := max(0, slices.IndexFunc(h.values, func(held value) bool { return held.replaced }))
	text := h.values[i].text
	h.bytes -= len(text)
	h.values = slices.Delete(h.values, i, i+1)
	return text
}

// keep forgets the values for which ok is false, and gives their texts.
func (h *history) keep(ok func(value) bool) (gone []string) {
	h.values = slices.DeleteFunc(h.values, func(held value) bool {
		if ok(held) {
			return false
		}
		h.bytes -= len(held.text)
		gone = append(gone, held.text)
		return true
	})
	return gone
}

// outdoneBy reports whether v is the same value and lives at least as long.
func (held value) outdoneBy(v value, now time.Time) bool {
	return held.key == v.key && held.text == v.text && held.entry.Left(now) <= v.entry.Left(now)
}
