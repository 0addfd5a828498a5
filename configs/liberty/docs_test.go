package liberty_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/egret-proxy/egret/configs/liberty"
)

var (
	documented = regexp.MustCompile("(?m)^\\| `(\\w+)` \\|(.*)\\|([^|\n]*)\\|$")
	testName   = regexp.MustCompile("`(Test\\w+)/([^`]+)`")
)

// docs/liberty.md has a row for each attribute that is known, and each row names
// tests that there are.
func TestDocs(t *testing.T) {
	text, err := os.ReadFile("../../docs/liberty.md")
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	for _, m := range documented.FindAllStringSubmatch(string(text), -1) {
		rows = append(rows, m[1])
		names := testName.FindAllStringSubmatch(m[3], -1)
		if len(names) == 0 {
			t.Errorf("%s: the row names no test", m[1])
		}
		for _, name := range names {
			if !isTest(t, name[1], name[2]) {
				t.Errorf("%s: there is no test %s/%s", m[1], name[1], name[2])
			}
		}
	}
	slices.Sort(rows)
	want := liberty.BuilderAttributes()
	slices.Sort(want)
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Errorf("got other attributes in the table (-known +docs):\n%s", diff)
	}
}

// isTest reports whether there is a row of TestAttribute, or a token of a server
// that TestImportedTokens of the command imports.
func isTest(t *testing.T, test, name string) bool {
	t.Helper()
	set, token, _ := strings.Cut(name, "/")
	switch test {
	case "TestAttribute":
		for _, row := range attributeTests {
			if row.attribute == name {
				return true
			}
		}
	case "TestImportedTokens":
		text, err := os.ReadFile(filepath.Join("testdata", set, "want.yaml"))
		return err == nil && strings.Contains(string(text), "\n    cache: "+token+"\n")
	}
	return false
}
