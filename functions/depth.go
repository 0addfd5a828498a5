package functions

import "strconv"

// maxDepth is how deep the readers of JSON go that call themselves, jsontext and
// encoding/json. The limit of a configuration is never larger.
const maxDepth = 10_000

// tooDeep is the refusal of arguments with more than depth objects and arrays
// inside each other.
func tooDeep(depth int) *Refusal {
	detail := "the arguments are nested deeper than " + strconv.Itoa(depth) + " levels"
	refusal := Refuse(InvalidArguments, detail).By("limits.call_depth")
	refusal.Errors = []ArgumentError{{Keyword: "depth", Detail: detail}}
	return refusal
}

// nested gives how many objects and arrays are inside each other in a JSON text.
// What it gives for a text that is no JSON has no meaning.
func nested(text []byte) int {
	depth, deepest := 0, 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '{', '[':
			depth++
			deepest = max(deepest, depth)
		case '}', ']':
			depth--
		case '"':
			i = endOfText(text, i) - 1
		}
	}
	return deepest
}
