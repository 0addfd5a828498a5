package configs

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
)

// Units of a size.
const (
	kibi = 1 << 10
	mebi = 1 << 20
	gibi = 1 << 30
)

// units are those that a file may name, the largest first.
var units = []struct {
	name  string
	bytes int64
}{
	{"GiB", gibi},
	{"MiB", mebi},
	{"KiB", kibi},
	{"", 1},
}

var sizeParts = regexp.MustCompile(`^(-?[0-9]+)( *)([A-Za-z]*)$`)

const sizeHint = "write whole bytes, or a whole number of KiB, MiB or GiB, as in 10MiB"

// A sizeError says that a text is no size, and what was probably meant.
type sizeError struct{ text, hint string }

func (e *sizeError) Error() string { return fmt.Sprintf("%q is no size", e.text) }

// parseSize reads whole bytes, or a whole number of one of the units.
func parseSize(s string) (int64, error) {
	parts := sizeParts.FindStringSubmatch(s)
	if parts == nil {
		return 0, &sizeError{s, sizeHint}
	}
	digits, space, unit := parts[1], parts[2], parts[3]
	for _, u := range units {
		if u.name == unit && space == "" {
			return times(digits, u.bytes), nil
		}
	}
	hint := "the units are KiB, MiB and GiB"
	for _, u := range units {
		if abbreviates(unit, u.name) {
			hint = "did you mean " + digits + u.name + "?"
		}
	}
	return 0, &sizeError{s, hint}
}

// abbreviates reports whether somebody who writes unit could mean name. That
// KB has 1000 bytes to some and 1024 to others is why it is no unit.
func abbreviates(unit, name string) bool {
	unit, name = strings.ToLower(unit), strings.ToLower(name)
	if name == "" {
		return unit == "" || unit == "b"
	}
	return unit == name || unit == name[:1] || unit == name[:2] || unit == name[:1]+"b"
}

// times multiplies the number that digits write. Beyond int64, both steps give
// its end: a size that large only has to be out of range.
func times(digits string, bytes int64) int64 {
	n, _ := strconv.ParseInt(digits, 10, 64) // the one error there can be comes with the end
	switch {
	case n > math.MaxInt64/bytes:
		return math.MaxInt64
	case n < math.MinInt64/bytes:
		return math.MinInt64
	}
	return n * bytes
}

// sizeText writes a size in the largest unit that divides it.
func sizeText(n int64) string {
	for _, u := range units {
		if n%u.bytes == 0 && n != 0 {
			return strconv.FormatInt(n/u.bytes, 10) + u.name
		}
	}
	return strconv.FormatInt(n, 10)
}

// size reads a size in bytes.
func (d *decoder) size(n *node) (int64, bool) {
	switch n.kind {
	case number:
		return d.count(n)
	case text:
	default:
		d.problem(n, fmt.Sprintf("must be a size, not %s", n.kind), sizeHint)
		return 0, false
	}
	s, ok := d.plain(n)
	if !ok {
		return 0, false
	}
	v, err := parseSize(s)
	if wrong, ok := errors.AsType[*sizeError](err); ok {
		d.problem(n, wrong.Error(), wrong.hint)
	}
	return v, err == nil
}

// count reads a whole number, like parseSize with the end of int64 for what is
// beyond it.
func (d *decoder) count(n *node) (int64, bool) {
	if n.kind == text && hasReference(n.text) {
		d.plain(n)
		return 0, false
	}
	if !d.is(n, number) {
		return 0, false
	}
	v, err := strconv.ParseInt(n.number, 10, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		d.problem(n, fmt.Sprintf("%q is no whole number", n.text), "write digits alone")
		return 0, false
	}
	return v, true
}

// sizeBetween reads a size in a range, 0 when it is none.
func (d *decoder) sizeBetween(n *node, least, most int64) int64 {
	v, ok := d.size(n)
	if ok && (v < least || v > most) {
		d.problem(n, fmt.Sprintf("must be between %s and %s", sizeText(least), sizeText(most)), "")
		return 0
	}
	return v
}
