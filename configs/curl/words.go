package curl

import (
	"errors"
	"fmt"
	"path"
	"regexp"
	"strings"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/syntax"
)

// standardInput is the file name under which curl reads what the shell gives it.
const standardInput = "-"

var variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// shellWords finds the curl command in a text of the shell, and gives the words
// behind its name. A here-document follows as the word of [hereDocument].
func (im *importer) shellWords(text string) ([]string, error) {
	if hasSlot(text) {
		return nil, errReserved
	}
	text = strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))
	text = strings.TrimPrefix(text, "$ ") // A prompt, as documentation has it.
	file, err := syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(strings.NewReader(text), "")
	if err != nil {
		return nil, unreadable(err)
	}
	statement, call := findCurl(file)
	if call == nil {
		return nil, errors.New("there is no curl command")
	}
	if len(file.Stmts) > 1 || file.Stmts[0].Cmd != syntax.Command(call) || len(call.Assigns) > 0 {
		im.leave("what stands beside the curl command")
	}
	var words []string
	for _, w := range call.Args[1:] {
		words = append(words, im.word(w.Parts, unquoted))
	}
	for _, r := range statement.Redirs {
		switch {
		case r.Hdoc != nil:
			words = append(words, hereDocument, im.word(r.Hdoc.Parts, here))
		case r.Op == syntax.WordHdoc:
			words = append(words, hereDocument, im.word(r.Word.Parts, unquoted)+"\n")
		}
	}
	return words, nil
}

// hereDocument is an option of our own: what curl reads from stdin.
const hereDocument = "--\ufdd0stdin"

// unreadable says what the shell's grammar does not like, in words of ours: those
// of the parser may quote the command.
func unreadable(err error) error {
	if syntax.IsIncomplete(err) {
		return errors.New("the command ends inside of a quote, or before its end: put it into single quotes as a whole, or give it on stdin")
	}
	if parse, ok := errors.AsType[syntax.ParseError](err); ok {
		return fmt.Errorf("a shell cannot read the command, line %d, column %d", parse.Pos.Line(), parse.Pos.Col())
	}
	return errors.New("a shell cannot read the command")
}

// findCurl finds the first command that runs curl.
func findCurl(file *syntax.File) (statement *syntax.Stmt, call *syntax.CallExpr) {
	var around *syntax.Stmt
	syntax.Walk(file, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.Stmt:
			around = n
		case *syntax.CmdSubst:
			return false
		case *syntax.CallExpr:
			if call == nil && len(n.Args) > 0 && isCurl(n.Args[0].Lit()) {
				statement, call = around, n
			}
		}
		return call == nil
	})
	return statement, call
}

func isCurl(word string) bool {
	name := path.Base(strings.ReplaceAll(word, `\`, "/"))
	return name == "curl" || name == "curl.exe"
}

// A quoting is where in a word a text stands: it says what a backslash does.
type quoting int

const (
	unquoted quoting = iota
	quoted
	here
)

// word gives the text of a word, with slots for what the shell would put in.
func (im *importer) word(parts []syntax.WordPart, q quoting) string {
	var b strings.Builder
	for _, part := range parts {
		switch p := part.(type) {
		case *syntax.Lit:
			b.WriteString(unescape(p.Value, q))
		case *syntax.SglQuoted:
			b.WriteString(singleQuoted(p))
		case *syntax.DblQuoted:
			b.WriteString(im.word(p.Parts, quoted))
		case *syntax.ParamExp:
			b.WriteString(im.expansion(p))
		default:
			b.WriteString(im.slot(slot{unnamed: true}))
		}
	}
	return b.String()
}

// expansion gives the slot of a variable of the shell.
func (im *importer) expansion(p *syntax.ParamExp) string {
	plain := p.Param != nil && !p.Excl && !p.Length && !p.Width && p.Index == nil && p.Slice == nil && p.Repl == nil && p.Exp == nil && p.Names == 0 && p.NestedParam == nil && !p.IsSet
	if !plain || !variableName.MatchString(p.Param.Value) {
		return im.slot(slot{unnamed: true})
	}
	im.taken[p.Param.Value] = true
	return im.slot(slot{variable: p.Param.Value})
}

// singleQuoted gives the text of '…', or of $'…', whose escapes are those of C.
func singleQuoted(p *syntax.SglQuoted) string {
	if !p.Dollar {
		return p.Value
	}
	s, _, err := expand.Format(nil, p.Value, nil)
	if err != nil {
		return p.Value
	}
	return s
}

// unescape takes away the backslashes that the shell does.
func unescape(s string, q quoting) string {
	special := map[quoting]string{quoted: "$`\"\\\n", here: "$`\\\n"}[q]
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) && (q == unquoted || strings.IndexByte(special, s[i+1]) >= 0) {
			if i++; s[i] == '\n' {
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
