package functions

import (
	"strings"

	"github.com/tidwall/gjson"
)

// eachText calls visit with where each string in a JSON text begins and ends,
// quotes included, unless it is the name of a member. The text must be valid
// JSON. Every byte is looked at once, however deep the text is nested: a walk
// from level to level would read the innermost bytes once for each.
func eachText(json string, visit func(from, to int)) {
	for at := 0; ; {
		quote := strings.IndexByte(json[at:], '"')
		if quote < 0 {
			return
		}
		from := at + quote
		if at = endOfText(json, from); !beforeColon(json, at) {
			visit(from, at)
		}
	}
}

// endOfText gives where the string that begins at from ends.
func endOfText[Bytes ~[]byte | ~string](json Bytes, from int) int {
	for i := from + 1; i < len(json); i++ {
		switch json[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(json)
}

func beforeColon(json string, at int) bool {
	for at < len(json) && (json[at] == ' ' || json[at] == '\t' || json[at] == '\r' || json[at] == '\n') {
		at++
	}
	return at < len(json) && json[at] == ':'
}

// unquote gives the text of a JSON string.
func unquote(token string) string {
	if strings.IndexByte(token, '\\') >= 0 {
		return gjson.Parse(token).Str
	}
	return strings.Trim(token, `"`)
}
