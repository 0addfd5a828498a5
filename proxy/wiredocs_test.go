package proxy_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var (
	namedTest = regexp.MustCompile("`((?:Test|Fuzz)[A-Za-z0-9]+)(?:/([^`]+))?`")
	tableRow  = regexp.MustCompile(`(?m)^\| [^|]+ \| [^|]+ \| ([^|]*) \|$`)
)

// TestWireDocument reads docs/wire.md: each of its rules names a test, and each
// test that it names is there.
func TestWireDocument(t *testing.T) {
	text, err := os.ReadFile("../docs/wire.md")
	if err != nil {
		t.Fatal(err)
	}
	declared, texts := testSources(t)
	names := namedTest.FindAllStringSubmatch(string(text), -1)
	if len(names) < 100 {
		t.Errorf("the document names %d tests, want at least 100", len(names))
	}
	for _, name := range names {
		dir, ok := declared[name[1]]
		if !ok {
			t.Errorf("there is no test %s", name[1])
		} else if name[2] != "" && !texts[dir][name[2]] {
			t.Errorf("there is no test %s of %s", name[2], name[1])
		}
	}
	rows := tableRow.FindAllStringSubmatch(string(text), -1)
	for _, row := range rows {
		if row[1] != "shown by" && !namedTest.MatchString(row[1]) {
			t.Errorf("a rule names no test: %s", row[0])
		}
	}
	if want := strings.Count(string(text), "\n| "); len(rows) != want {
		t.Errorf("%d of %d rows have three columns", len(rows), want)
	}
}

// testSources gives the directory of each test of the module, and the texts
// that the tests of each directory hold.
func testSources(t *testing.T) (declared map[string]string, texts map[string]map[string]bool) {
	t.Helper()
	declared, texts = map[string]string{}, map[string]map[string]bool{}
	err := fs.WalkDir(os.DirFS(".."), ".", func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(file, "_test.go") {
			return err
		}
		source, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", file), nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		dir := path.Dir(file)
		if texts[dir] == nil {
			texts[dir] = map[string]bool{}
		}
		ast.Inspect(source, func(node ast.Node) bool {
			switch node := node.(type) {
			case *ast.FuncDecl:
				if node.Recv == nil {
					declared[node.Name.Name] = dir
				}
			case *ast.BasicLit:
				if text, err := strconv.Unquote(node.Value); err == nil && node.Kind == token.STRING {
					texts[dir][text] = true
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return declared, texts
}
