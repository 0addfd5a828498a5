package functions

import (
	"strconv"
	"strings"
)

// A scalar is a string, a number or a boolean, and equal to another when both have
// the same value. The zero scalar is none.
type scalar struct {
	kind byte // as that of a node
	text string
}

// scalarOf gives value i, the zero scalar for null, an object and an array.
func (d *document) scalarOf(i int) scalar {
	switch kind := d.nodes[i].kind; kind {
	case '"':
		return scalar{kind, d.str(i)}
	case '0':
		return numberScalar(d.raw(i))
	case 't', 'f':
		return scalar{kind: kind}
	default:
		return scalar{}
	}
}

// numberScalar gives a number in one form for all ways to write it. One that is
// endless is none.
func numberScalar(number string) scalar {
	if isEndless(number) {
		return scalar{}
	}
	exponent := 0
	digits, negative := strings.CutPrefix(number, "-")
	if at := strings.IndexAny(digits, "eE"); at >= 0 {
		exponent, _ = strconv.Atoi(digits[at+1:])
		digits = digits[:at]
	}
	whole, fraction, _ := strings.Cut(digits, ".")
	digits = strings.TrimLeft(whole+fraction, "0")
	exponent -= len(fraction)
	short := strings.TrimRight(digits, "0")
	if short == "" {
		return scalar{'0', "0"}
	}
	exponent += len(digits) - len(short)
	if negative {
		short = "-" + short
	}
	return scalar{'0', short + "e" + strconv.Itoa(exponent)}
}
