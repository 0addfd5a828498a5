package configs

import (
	"math/big"
	"regexp"
	"strings"
)

// The forms of the core schema of YAML 1.2.2, section 10.3.2. The two last are
// numbers to some versions and text to others.
var (
	nullText    = regexp.MustCompile(`^(~|null|Null|NULL|)$`)
	boolText    = regexp.MustCompile(`^(true|True|TRUE|false|False|FALSE)$`)
	decimalText = regexp.MustCompile(`^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$`)
	radixText   = regexp.MustCompile(`^(0x[0-9a-fA-F]+|0o[0-7]+)$`)
	noFinite    = regexp.MustCompile(`^([-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))$`)
	olderNumber = regexp.MustCompile(`^[-+]?(0[xX][0-9a-fA-F_]+|0[bB][01_]+|0o[0-7_]+|[0-9][0-9_]*_[0-9_]*)$`)
)

// resolve says what an unquoted scalar is. A number that YAML versions read
// differently, or that JSON cannot hold, has no number text.
func resolve(s string) (k kind, json string) {
	switch {
	case s != "" && strings.IndexByte("~nNtTfF+-.0123456789", s[0]) < 0:
		return text, "" // Nearly every text of a file ends here.
	case nullText.MatchString(s):
		return nothing, ""
	case boolText.MatchString(s):
		return boolean, strings.ToLower(s)
	case radixText.MatchString(s):
		i, _ := new(big.Int).SetString(s, 0)
		return number, i.String()
	case decimalText.MatchString(s):
		return number, decimal(s)
	case noFinite.MatchString(s), olderNumber.MatchString(s):
		return number, ""
	}
	return text, ""
}

// decimal writes a decimal number as JSON does (RFC 8259 section 6) and keeps
// its digits. A leading zero means octal to YAML 1.1, so it has no text.
func decimal(s string) string {
	sign := ""
	if s[0] == '-' || s[0] == '+' {
		sign, s = strings.TrimPrefix(s[:1], "+"), s[1:]
	}
	if len(s) > 1 && s[0] == '0' && '0' <= s[1] && s[1] <= '9' {
		return ""
	}
	if s[0] == '.' {
		s = "0" + s
	}
	if dot := strings.IndexByte(s, '.'); dot >= 0 && (dot+1 == len(s) || s[dot+1] == 'e' || s[dot+1] == 'E') {
		s = s[:dot] + s[dot+1:]
	}
	return sign + s
}
