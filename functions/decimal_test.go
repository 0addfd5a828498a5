package functions_test

import (
	"encoding/json"
	"math/big"
	"strconv"
	"strings"
	"testing"

	"github.com/egret-proxy/egret/functions"
)

// FuzzDecimal compares decimals with fractions of any size, which is what the
// schema library computes with.
func FuzzDecimal(f *testing.F) {
	for i, a := range generatedNumbers {
		f.Add(a, generatedNumbers[(i*7+3)%len(generatedNumbers)])
		f.Add(a, a)
		f.Add(a, "-"+strings.TrimPrefix(a, "-"))
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		if !isNumber(a) || !isNumber(b) {
			return
		}
		compared, integer, multiple, ok := functions.Decimals(a, b)
		if !ok {
			if len(a) <= 18 && len(b) <= 18 {
				t.Errorf("%s or %s is left to the library, though it is short", a, b)
			}
			return
		}
		one, _ := new(big.Rat).SetString(a)
		other, _ := new(big.Rat).SetString(b)
		if compared != one.Cmp(other) || integer != one.IsInt() {
			t.Errorf("%s compares to %s with %d and is an integer: %t; want %d, %t", a, b, compared, integer, one.Cmp(other), one.IsInt())
		}
		if other.Sign() != 0 && multiple != new(big.Rat).Quo(one, other).IsInt() {
			t.Errorf("%s is a multiple of %s: %t", a, b, multiple)
		}
	})
}

// isNumber reports whether s is a JSON number that is not endless.
func isNumber(s string) bool {
	var number json.Number
	if len(s) > 100 || json.Unmarshal([]byte(s), &number) != nil || s[0] == '"' || strings.TrimSpace(s) != s || s == "null" {
		return false
	}
	_, exponent, found := strings.Cut(strings.ToLower(s), "e")
	n, err := strconv.Atoi(exponent)
	return !found || err == nil && -400 <= n && n <= 400
}
