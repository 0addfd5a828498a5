package main

import (
	"encoding/json"
	"math"
	"strconv"
)

// A figure is a number that may be missing: NaN here, null in JSON.
type figure float64

// missing is a figure that was not measured.
var missing = figure(math.NaN())

// MarshalJSON implements [json.Marshaler].
func (f figure) MarshalJSON() ([]byte, error) {
	if f.isMissing() {
		return []byte("null"), nil
	}
	return json.Marshal(float64(f))
}

func (f figure) isMissing() bool { return math.IsNaN(float64(f)) || math.IsInf(float64(f), 0) }

// text writes the figure with so many digits behind the point, and a dash for
// one that is missing.
func (f figure) text(digits int) string {
	if f.isMissing() {
		return "–"
	}
	return strconv.FormatFloat(float64(f), 'f', digits, 64)
}
