package functions

import (
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// maxValues is how many values the arguments of a call may hold: members and
// elements, at any depth. The schema library makes an error for each value that
// is wrong, a hundred times as large as the value itself, and no template needs
// as many.
const maxValues = 100_000

// countValues counts the members and elements in a JSON text, at any depth. It
// is called before anything is made of the text, so it allocates nothing; what
// it counts in a text that is no JSON has no meaning.
func countValues(text []byte) int {
	count := 0
	opened := false // the last byte that means something opened an object or an array
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case ' ', '\t', '\r', '\n':
			continue
		case '}', ']':
			opened = false
			continue
		}
		// What follows an opening bracket is its first value, and what follows
		// a comma is another.
		if opened {
			count++
			opened = false
		}
		switch text[i] {
		case '{', '[':
			opened = true
		case ',':
			count++
		case '"':
			i = endOfText(text, i) - 1
		}
	}
	return count
}

// crowded is the refusal of arguments with too many values. Text that is no JSON
// has none: it is told what it is. Names that stand twice are not looked for,
// because that costs memory for each name.
func crowded(text []byte, depth int) *Refusal {
	form, err := jsontext.AppendFormat(nil, text, jsontext.AllowDuplicateNames(true))
	switch {
	case err != nil && nested(text) > maxDepth:
		return tooDeep(depth) // The reader of JSON went no further.
	case err != nil:
		return malformed(err)
	}
	if form[0] != '{' {
		return notAnObject()
	}
	return tooManyValues()
}

func tooManyValues() *Refusal {
	return oversized("the arguments hold more than " + strconv.Itoa(maxValues) + " values")
}

// oversized is the refusal of arguments that are too large.
func oversized(detail string) *Refusal {
	refusal := Refuse(InvalidArguments, detail)
	refusal.Errors = []ArgumentError{{Keyword: "size", Detail: detail}}
	return refusal
}
