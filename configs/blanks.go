package configs

import (
	"regexp"
	"strings"
)

// maxBlanks bounds how many blank lines may stand in a row in blocks of text,
// times the bytes of the block before them: the scanner takes those at the end
// of a block away one by one, and copies the block each time.
const maxBlanks = 32 << 20

// blockHeader finds the lines behind which a block of text may begin.
var blockHeader = regexp.MustCompile(`[|>][-+0-9]*[ \t]*(#.*)?$`)

// tooManyBlanks gives the line before which blank lines become too much work, or
// 0. What it takes for a block may be none, and longer than it is: it misses
// none. Single blank lines are no matter, since a block has one end.
func tooManyBlanks(lines []string) int {
	type block struct{ indent, begin int }
	var open []block // that the next line may belong to, from the outside in
	root, offset, blanks, work := -1, 0, 0, 0
	for i, line := range lines {
		at := offset
		offset += len(line) + 1
		text := strings.TrimLeft(line, " ")
		blank := strings.TrimSpace(text) == ""
		if blank {
			blanks++
		}
		if begin := root; blanks > 1 && (!blank || i == len(lines)-1) {
			if len(open) > 0 && (begin < 0 || open[0].begin < begin) {
				begin = open[0].begin
			}
			if begin >= 0 {
				work += (blanks - 1) * (at - begin)
			}
			if work > maxBlanks {
				return i + 1
			}
		}
		if blank {
			continue
		}
		blanks = 0
		indent := len(line) - len(text)
		for len(open) > 0 && open[len(open)-1].indent >= indent {
			open = open[:len(open)-1]
		}
		if !blockHeader.MatchString(line) {
			continue
		}
		open = append(open, block{indent, at})
		if root < 0 && (text[0] == '|' || text[0] == '>' || strings.HasPrefix(line, "---")) {
			root = at // a block that is all of the document need not be indented
		}
	}
	return 0
}
