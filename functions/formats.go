package functions

import (
	"net/netip"
	"time"
)

// quickFormats recognise, without taking memory, texts that are of a format
// beyond doubt. Whether any other text is too, the schema library decides.
var quickFormats = map[string]func(text string) bool{
	"date":      isDate,
	"date-time": isDateTime,
	"ipv4":      isIPv4,
	"uuid":      isUUID,
}

func isUUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		switch c := s[i]; {
		case i == 8 || i == 13 || i == 18 || i == 23:
			if c != '-' {
				return false
			}
		case '0' <= c && c <= '9', 'a' <= c && c <= 'f', 'A' <= c && c <= 'F':
		default:
			return false
		}
	}
	return true
}

// looksLike compares a text to a picture of it, in which 0 is any digit.
func looksLike(s, picture string) bool {
	if len(s) != len(picture) {
		return false
	}
	for i := range len(s) {
		if picture[i] == '0' && ('0' > s[i] || s[i] > '9') || picture[i] != '0' && s[i] != picture[i] {
			return false
		}
	}
	return true
}

func isDate(s string) bool {
	if !looksLike(s, "0000-00-00") {
		return false
	}
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}

func isDateTime(s string) bool {
	if !looksLike(s, "0000-00-00T00:00:00Z") {
		return false
	}
	_, err := time.Parse("2006-01-02T15:04:05Z", s)
	return err == nil
}

func isIPv4(s string) bool {
	if !looksLikeIPv4(s) {
		return false
	}
	_, err := netip.ParseAddr(s)
	return err == nil
}

func looksLikeIPv4(s string) bool {
	for i := range len(s) {
		if s[i] != '.' && (s[i] < '0' || s[i] > '9') {
			return false
		}
	}
	return true
}
