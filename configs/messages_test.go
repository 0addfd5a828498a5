package configs_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/egret-proxy/egret/configs"
)

// reporters are the functions that a message is given to, and which of their
// arguments it is.
var reporters = map[string]int{
	"problem": 1, "elsewhere": 1, "at": 2, "warn": 1, "missing": 2, "wrong": 2, "inText": 2, "unfit": 1, "destination": 2,
	"New": 0, "Errorf": 0, "pointing": 3,
}

// unseen are the messages that no file of testdata has, and why.
var unseen = map[string]string{
	"cannot watch files: %w":                          "of the watcher",
	"cannot watch file=%q: %w":                        "of the watcher",
	"cannot watch directory=%q: %w":                   "of the watcher",
	"the parser stopped":                              "of a panic of the parser, none is known",
	"the file cannot be read as YAML":                 "of a panic of the parser, none is known",
	"cannot find the directory: %w":                   "of a process without a working directory",
	"cannot find the directory: *":                    "of a process without a working directory",
	"cannot set *: *":                                 "of a header that is always good",
	"the body cannot be compiled: *":                  "of parts that were good alone",
	"more than %d files are included":                 "TestIncludeBounds",
	"the included files are larger than * in all":     "TestIncludeBounds",
	"the pattern leads into more than %d directories": "TestIncludeBounds",
	"more than %d cache IDs are fixed":                "TestBounds",
	"too many keys and elements have no value":        "TestBounds",
	"a mapping has too many keys":                     "TestBounds",
	"too many blank lines stand before this line":     "TestBounds",
	"the schema is larger than *":                     "TestBounds",
	"it is larger than 1 MiB":                         "TestIncludeBounds",
	"the file is larger than 1 MiB":                   "TestReadLargeFile",
	"other users can read %s, its mode is %04o":       "TestWarnReadable",
	"cannot read the file: *":                         "TestReadMissingFile",
}

var verbs = regexp.MustCompile(`%[0-9]*[a-z]`)

// TestEachMessageHasAFile looks in the source for every message that a problem
// can have, and wants each of them in a bad file.
func TestEachMessageHasAFile(t *testing.T) {
	seen := strings.Join(messages(t), "\n")
	for _, format := range formats(t) {
		_, excused := unseen[format]
		pattern := verbs.ReplaceAllString(regexp.QuoteMeta(strings.ReplaceAll(format, "*", "%s")), ".*")
		pattern = strings.ReplaceAll(pattern, "%%", "%")
		found := regexp.MustCompile("(?m)" + pattern).MatchString(seen)
		if !found && !excused {
			t.Errorf("no file of testdata has the message %q", format)
		}
		if found && excused {
			t.Errorf("got the message %q, which is listed as one that no file has", format)
		}
	}
}

// messages gives what all bad files of the tests say.
func messages(t *testing.T) []string {
	t.Helper()
	var all []string
	note := func(file string) {
		cfg, problems := configs.Read(file, options())
		for _, p := range slices.Concat(problems, cfg.Warnings) {
			all = append(all, p.Message, p.Hint)
		}
	}
	for _, pattern := range []string{"testdata/invalid/*.yaml", "testdata/warnings/*.yaml"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("got %d files of %s and error %v, want some and none", len(files), pattern, err)
		}
		for _, file := range files {
			note(file)
		}
	}
	for _, test := range includeProblems {
		note(filepath.Join(tree(t, test.files), "egret.yaml"))
	}
	return all
}

// formats finds the messages in the source. What is not written in one piece
// has a * in its place.
func formats(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, text, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			if message := messageOf(n); strings.Trim(message, "*% swd") != "" {
				found = append(found, message)
			}
			return true
		})
	}
	if len(found) < 100 {
		t.Fatalf("found %d messages in the source, want at least 100", len(found))
	}
	return found
}

// messageOf gives the message that n hands on, or sets, or "".
func messageOf(n ast.Node) string {
	switch n := n.(type) {
	case *ast.CallExpr:
		selector, ok := n.Fun.(*ast.SelectorExpr)
		if !ok {
			return ""
		}
		if at, ok := reporters[selector.Sel.Name]; ok && at < len(n.Args) {
			return written(n.Args[at])
		}
	case *ast.ReturnStmt:
		for _, result := range n.Results {
			if text := written(result); strings.Count(text, " ") > 2 && !strings.Contains(text, "\n") {
				return text
			}
		}
	case *ast.CompositeLit: // of syntaxSentences
		if len(n.Elts) == 3 && strings.Contains(written(n.Elts[1]), " ") {
			return written(n.Elts[1])
		}
	case *ast.AssignStmt:
		for i, left := range n.Lhs {
			if name, ok := left.(*ast.Ident); ok && name.Name == "message" && i < len(n.Rhs) {
				return written(n.Rhs[i])
			}
		}
	}
	return ""
}

// written gives the text of an expression.
func written(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		if text, err := strconv.Unquote(e.Value); err == nil {
			return text
		}
	case *ast.BinaryExpr:
		return written(e.X) + written(e.Y)
	case *ast.CallExpr:
		if selector, ok := e.Fun.(*ast.SelectorExpr); ok && selector.Sel.Name == "Sprintf" {
			return written(e.Args[0])
		}
	}
	return "*"
}
