package yamltext

import (
	"fmt"
	"strings"
)

// Comments writes a title, and below it each text, as comments. Without a text it
// writes nothing.
func Comments(b *strings.Builder, title string, texts []string) {
	if len(texts) == 0 {
		return
	}
	b.WriteString("#\n# " + title + "\n")
	for _, text := range texts {
		Comment(b, "# - ", text)
	}
}

// Remaining says what is left to do with a file whose comments list variables, and
// so many things that were left out.
func Remaining(variables []string, left int) []string {
	var todo []string
	if len(variables) > 0 {
		todo = append(todo, "set "+strings.Join(variables, ", ")+": the comments say to what")
	}
	if left > 0 {
		todo = append(todo, fmt.Sprintf("read the comments at the top: not carried over (%d)", left))
	}
	return todo
}
