package configs

import (
	"errors"
	"strings"

	"github.com/goccy/go-yaml"
)

// syntaxProblem says what the parser did not like, in one sentence of ours: its
// own messages may quote the file.
func syntaxProblem(src *source, err error) Problem {
	var syntax *yaml.SyntaxError
	if !errors.As(err, &syntax) || syntax.Token == nil {
		return src.at(place{}, src.prefix, "the file cannot be read as YAML", "")
	}
	at := placeOf(syntax.Token)
	for _, s := range syntaxSentences {
		if strings.Contains(syntax.Message, s.library) {
			hint := ""
			if s.braces {
				hint = bracesHint(src.line(at.line))
			}
			return src.at(at, src.prefix, s.ours, hint)
		}
	}
	return src.at(at, src.prefix, "this cannot be read as YAML", "")
}

// bracesHint guesses that a brace was not meant for YAML.
func bracesHint(line string) string {
	switch {
	case strings.Contains(line, "${"):
		return "put ${…} into quotes where it stands inside {…} or […]"
	case strings.Contains(line, "{/"):
		return "put a text with {/…} into quotes, or write </…>"
	}
	return ""
}

// syntaxSentences says the parser's messages in our words, and which of them
// can come from braces that YAML was not to see. The first that fits wins.
var syntaxSentences = []struct {
	library, ours string
	braces        bool
}{
	{"',' or '}' must be specified", "a , or } is missing in a {…} mapping", true},
	{"',' or ']' must be specified", "a , or ] is missing in a […] list", true},
	{"mapping value is not allowed", "a second colon, or a wrong indentation: put a text with \": \" into quotes", false},
	{"value is not allowed in this context", "nothing more is expected here", true},
	{"flow mapping end token", "this { is never closed", false},
	{"sequence end token", "this [ is never closed", false},
	{"corresponding to ']'", "this ] closes nothing", false},
	{"corresponding to '}'", "this } closes nothing", false},
	{"end character of", "this quote is never closed", false},
	{"tab character", "a tab cannot indent YAML", false},
	{"found character '\t'", "a tab cannot indent YAML", false},
	{"reserved character", "a text cannot begin with this character unless it is in quotes", false},
	{"non-map value is specified", "a key is expected here, followed by a colon", false},
	{"unexpected key name", "a key is expected here, followed by a colon", false},
	{"implicit line break", "a key must stand on one line", false},
	{"sequence entries are not allowed", "a list cannot begin here", false},
	{"directive", "a text cannot begin with % unless it is in quotes", false},
	{"anchor", "anchors and aliases are not supported", false},
	{"alias", "anchors and aliases are not supported", false},
	{"merge key", "merge keys are not supported", false},
	{"tag", "YAML tags are not supported", false},
}
