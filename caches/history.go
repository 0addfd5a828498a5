package caches

import (
	"slices"
	"time"
)

// put makes v the current value under its key and drops the oldest ones that are
// expired at now. A text is held once for a key: a static credential that is made
// again and again takes the place of itself. It gives the texts that are
// forgotten. However many values there are, it mostly looks at two of them: a
// cache may get a value for each request.
func (h *history) put(v value, now time.Time) (gone []string) {
	for len(h.values) > 0 && h.values[0].entry.Expired(now) {
		gone = append(gone, h.forget(0))
	}
	for i := len(h.values) - 1; i >= 0; i-- {
		held := &h.values[i]
		if held.key != v.key {
			continue
		}
		if !held.outdoneBy(&v, now) {
			held.replaced = true // as those before it are already
			break
		}
		gone = append(gone, h.forget(i))
	}
	h.values = append(h.values, v)
	h.bytes += v.size()
	for len(h.values) > 1 && (len(h.values) > maxValues || h.bytes > maxValueBytes) {
		gone = append(gone, h.forget(h.oldest()))
	}
	return gone
}

// oldest is the place of the oldest replaced value, or if there is none that of
// the oldest one.
func (h *history) oldest() int {
	for i := range h.values {
		if h.values[i].replaced {
			return i
		}
	}
	return 0
}

// few values are moved up when one is forgotten. Of more, the first is cut off.
const few = 8

// forget drops the value at a place, and gives its text.
func (h *history) forget(i int) string {
	text := h.values[i].text
	h.bytes -= h.values[i].size()
	if i == 0 && len(h.values) > few {
		h.values[0] = value{}
		h.values = h.values[1:]
		return text
	}
	h.values = slices.Delete(h.values, i, i+1)
	return text
}

// keep forgets the values for which ok is false, and gives their texts.
func (h *history) keep(ok func(value) bool) (gone []string) {
	h.values = slices.DeleteFunc(h.values, func(held value) bool {
		if ok(held) {
			return false
		}
		h.bytes -= held.size()
		gone = append(gone, held.text)
		return true
	})
	return gone
}

// size is how many bytes are held for the value.
func (held *value) size() int { return len(held.text) + held.entry.Answer.Len() }

// outdoneBy reports whether v is the same value and lives at least as long.
func (held *value) outdoneBy(v *value, now time.Time) bool {
	return held.text == v.text && held.entry.Left(now) <= v.entry.Left(now)
}
