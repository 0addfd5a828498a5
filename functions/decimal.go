package functions

import (
	"math/big"
	"math/bits"
	"strconv"
	"strings"
)

// A decimal is a number of at most 18 significant digits, exactly: coefficient
// times ten to the power of exponent. Equal numbers are equal decimals, because
// the coefficient does not end in 0, and that of 0 has no sign and no exponent.
type decimal struct {
	negative    bool
	coefficient uint64
	exponent    int
}

// maxDigits is how many digits a coefficient may have: all that surely fit.
const maxDigits = 18

// parseDecimal reads a JSON number that is not endless. It reports false when the
// number has more digits than a decimal.
func parseDecimal(number string) (decimal, bool) {
	var d decimal
	number, d.negative = strings.CutPrefix(number, "-")
	if at := strings.IndexAny(number, "eE"); at >= 0 {
		exponent, err := strconv.Atoi(number[at+1:])
		if err != nil {
			return decimal{}, false
		}
		d.exponent, number = exponent, number[:at]
	}
	digits, zeros := 0, 0 // zeros have been read and count only if another digit follows
	point := false
	for i := range len(number) {
		switch c := number[i]; {
		case c == '.':
			point = true
			continue
		case c == '0':
			zeros++
		default:
			if d.coefficient == 0 {
				zeros = 0
			}
			if digits += zeros + 1; digits > maxDigits {
				return decimal{}, false
			}
			for ; zeros > 0; zeros-- {
				d.coefficient *= 10
			}
			d.coefficient = d.coefficient*10 + uint64(c-'0')
		}
		if point {
			d.exponent--
		}
	}
	d.exponent += zeros
	if d.coefficient == 0 {
		return decimal{}, true
	}
	return d, true
}

// decimalOf gives r, which is not nil, as a decimal if it is one.
func decimalOf(r *big.Rat) (decimal, bool) {
	digits, exact := r.FloatPrec()
	if !exact || digits > maxNumber || r.Num().BitLen() > 64+4*maxNumber {
		return decimal{}, false
	}
	return parseDecimal(r.FloatString(digits))
}

func (d decimal) isInteger() bool { return d.exponent >= 0 }

// compare gives -1, 0 or 1 as d is less than, equal to or more than o.
func (d decimal) compare(o decimal) int {
	switch {
	case d == o:
		return 0
	case d.sign() != o.sign():
		return sign(d.sign() > o.sign())
	}
	more := d.magnitude() > o.magnitude()
	if d.magnitude() == o.magnitude() {
		// Both have the same number of digits before the point: with the same
		// exponent neither has more than maxDigits.
		exponent := min(d.exponent, o.exponent)
		more = d.scaled(exponent) > o.scaled(exponent)
	}
	return sign(more != d.negative)
}

func sign(more bool) int {
	if more {
		return 1
	}
	return -1
}

func (d decimal) sign() int {
	switch {
	case d.coefficient == 0:
		return 0
	case d.negative:
		return -1
	default:
		return 1
	}
}

// magnitude is how many digits stand before the point of a number that is not 0.
func (d decimal) magnitude() int {
	digits := 0
	for c := d.coefficient; c > 0; c /= 10 {
		digits++
	}
	return digits + d.exponent
}

func (d decimal) scaled(exponent int) uint64 {
	c := d.coefficient
	for ; exponent < d.exponent; exponent++ {
		c *= 10
	}
	return c
}

// isMultipleOf reports whether d is an integer times o, which is not 0.
func (d decimal) isMultipleOf(o decimal) bool {
	if d.coefficient == 0 {
		return true
	}
	if d.exponent < o.exponent {
		return false // Else the coefficient of d would end in 0.
	}
	rest := d.coefficient % o.coefficient
	for exponent := o.exponent; exponent < d.exponent && rest > 0; exponent++ {
		high, low := bits.Mul64(rest, 10)
		rest = bits.Rem64(high, low, o.coefficient)
	}
	return rest == 0
}
