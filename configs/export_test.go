package configs

// ParseSize and SizeText are one another's inverse.
var (
	ParseSize = parseSize
	SizeText  = sizeText
)

// Shown gives each line of a file as a problem there would show it. Problems of
// their own cannot be put on every line.
func Shown(text string) []string {
	src := newSource("", text, 0)
	src.parse()
	var lines []string
	for i, line := range src.lines {
		line, _ = src.masked(i+1, line, 1)
		lines = append(lines, line)
	}
	return lines
}
