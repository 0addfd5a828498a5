package configs

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// A Problem is one thing that is wrong with a configuration file, or may be. Its texts
// name things and never show a secret value.
type Problem struct {
	File    string `json:"file"`   // as it was given to [Read]
	Line    int    `json:"line"`   // from 1; 0 when the whole file is meant
	Column  int    `json:"column"` // from 1, in characters
	Path    string `json:"path"`   // such as "functions[0].url"; "" is the whole file
	Message string `json:"message"`
	Hint    string `json:"hint"` // what to write instead, or ""
	// Severity is "warning" for what works and may not be meant, and "" for what
	// stops the start.
	Severity string `json:"severity,omitempty"`

	source string // the line of the file, secrets masked
	caret  int    // column in source where the caret stands
}

// String gives one line: "egret.yaml:41:10: functions[0].url: sentence".
func (p Problem) String() string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", p.Line, p.Column)
	}
	if p.Path != "" {
		b.WriteString(": " + p.Path)
	}
	b.WriteString(": " + p.Message)
	return b.String()
}

// Error makes a Problem an error of its own.
func (p Problem) Error() string { return p.String() }

// Detailed adds to [Problem.String] the line of the file, in which secrets are
// masked, and the hint under a caret. It ends without a line break.
func (p Problem) Detailed() string {
	if p.source == "" {
		if p.Hint == "" {
			return p.String()
		}
		return p.String() + "\n    " + p.Hint
	}
	text := p.String() + "\n    " + p.source + "\n    " + indentTo(p.source, p.caret) + "^"
	if p.Hint != "" {
		text += " " + p.Hint
	}
	return text
}

// indentTo is the white space that puts a caret under a column of line. Tabs
// are kept, so that the caret stands right whatever their width is.
func indentTo(line string, column int) string {
	var b strings.Builder
	for _, r := range line {
		if column--; column <= 0 {
			break
		}
		if r != '\t' {
			r = ' '
		}
		b.WriteRune(r)
	}
	return b.String()
}

// Problems are all that is wrong with a configuration, in the order of the
// file. As an error it reads as one line for each.
type Problems []Problem

// Error gives one line for each problem.
func (p Problems) Error() string { return p.join(Problem.String) }

// Detailed gives each problem with its line of the file and its hint.
func (p Problems) Detailed() string { return p.join(Problem.Detailed) }

func (p Problems) join(text func(Problem) string) string {
	lines := make([]string, len(p))
	for i := range p {
		lines[i] = text(p[i])
	}
	return strings.Join(lines, "\n")
}

// Sort puts the problems into the order of the file and drops repetitions.
func (p Problems) Sort() Problems {
	slices.SortStableFunc(p, func(a, b Problem) int {
		return cmp.Or(
			cmp.Compare(a.File, b.File),
			cmp.Compare(a.Line, b.Line),
			cmp.Compare(a.Column, b.Column),
			cmp.Compare(a.Path, b.Path),
		)
	})
	return slices.CompactFunc(p, func(a, b Problem) bool {
		return a.String() == b.String()
	})
}

// Errors gives warnings as what stops the start.
func (p Problems) Errors() Problems {
	errs := slices.Clone(p)
	for i := range errs {
		errs[i].Severity = ""
	}
	return errs
}

// maxProblems is how many problems are reported, and how many warnings. Nobody
// reads more, and to make a hundred thousand excerpts takes long.
const maxProblems = 1000

// and adds that there are more problems, or warnings, when there are.
func (p Problems) and(more int, file, what, severity string) Problems {
	if more == 0 {
		return p
	}
	return append(p, Problem{File: file, Message: fmt.Sprintf("there are %d more %s", more, what), Severity: severity})
}

// Err gives the problems as an error, or nil when there are none.
func (p Problems) Err() error {
	if len(p) == 0 {
		return nil
	}
	return p
}
