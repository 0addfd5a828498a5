package journal

import (
	"bytes"
	"unicode/utf8"
)

// maxTarget and maxName are the most bytes that are kept of a target, and of
// the name of a query parameter.
const (
	maxTarget = 256
	maxName   = 64
)

// ellipsis stands for what is not shown.
const ellipsis = "…"

// A Target is what a record shows of a path and query: the path, and the names
// of the parameters without their values, as in "/v1/orders?limit&page". What
// has no equals sign may be a value, and is shown as "…"; so is a name of more
// than 64 bytes. A Target of more than 256 bytes ends in "…".
type Target struct {
	text [maxTarget]byte
	size int
	over bool // there was more
}

// String is the text.
func (t *Target) String() string { return string(t.text[:t.size]) }

// Set makes t what is shown of a path and query. It keeps nothing of target.
func (t *Target) Set(target []byte) {
	t.size, t.over = 0, false
	path, query, _ := bytes.Cut(target, []byte("?"))
	add(t, path)
	separator := "?"
	for len(query) > 0 && !t.over {
		var pair []byte
		pair, query, _ = bytes.Cut(query, []byte("&"))
		if len(pair) == 0 {
			continue
		}
		add(t, separator)
		separator = "&"
		if name, _, found := bytes.Cut(pair, []byte("=")); found && len(name) <= maxName {
			add(t, name)
		} else {
			add(t, ellipsis)
		}
	}
	if t.over {
		t.end()
	}
}

// SetText is [Target.Set] of text that is shown as it is.
func (t *Target) SetText(text string) {
	t.size, t.over = 0, false
	if add(t, text); t.over {
		t.end()
	}
}

func add[Text string | []byte](t *Target, text Text) {
	n := copy(t.text[t.size:], text)
	t.size += n
	t.over = t.over || n < len(text)
}

// end makes room for the sign that there was more, where a character begins.
func (t *Target) end() {
	at := min(t.size, maxTarget-len(ellipsis))
	for n := 0; at > 0 && n < utf8.UTFMax && at < t.size && !utf8.RuneStart(t.text[at]); n++ {
		at--
	}
	t.size = at + copy(t.text[at:], ellipsis)
}
