package functions_test

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/egret-proxy/egret/configs/configstest"
	"github.com/egret-proxy/egret/functions"
)

// A suiteGroup is a schema of JSON-Schema-Test-Suite with its tests.
type suiteGroup struct {
	Description string
	Schema      json.RawMessage
	Tests       []struct {
		Description string
		Data        json.RawMessage
		Valid       bool
	}
}

// A tally is how many tests of a file pass.
type tally struct{ passed, all int }

// TestJSONSchemaTestSuite runs every test of JSON-Schema-Test-Suite for draft 2020-12 as
// the arguments of a Function: an instance that is an object as it is, any other as
// the argument v. docs/functions.md has the counts, and why a test does not pass.
func TestJSONSchemaTestSuite(t *testing.T) {
	directory := configstest.Suite(t, "EGRET_JSON_SCHEMA_TEST_SUITE", "json-schema-test-suite/tests/draft2020-12")
	counts := map[string]*tally{}
	total := tally{}
	err := filepath.WalkDir(directory, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var groups []suiteGroup
		if err := json.Unmarshal(text, &groups); err != nil {
			return err
		}
		name, err := filepath.Rel(directory, path)
		if err != nil {
			return err
		}
		name = filepath.ToSlash(name)
		counts[name] = &tally{}
		for _, group := range groups {
			counts[name].run(t, name, group)
		}
		total.passed, total.all = total.passed+counts[name].passed, total.all+counts[name].all
		return nil
	})
	if err != nil || total.all < 2000 {
		t.Fatalf("%d tests ran, want at least 2000; error: %v", total.all, err)
	}
	text, err := os.ReadFile("../docs/functions.md")
	if err != nil {
		t.Fatal(err)
	}
	docs := string(text)
	for name, c := range counts {
		row := fmt.Sprintf("| `%s` | %d of %d | ", name, c.passed, c.all)
		switch documented := strings.Contains(docs, "| `"+name+"` | "); {
		case c.passed < c.all && !strings.Contains(docs, row):
			t.Errorf("docs/functions.md has no row %q", row)
		case c.passed == c.all && documented:
			t.Errorf("docs/functions.md has a row for %s, which passes as a whole", name)
		}
	}
	if sentence := fmt.Sprintf("%d of %d tests pass", total.passed, total.all); !strings.Contains(docs, sentence) {
		t.Errorf("docs/functions.md does not say %q", sentence)
	}
}

// run counts the tests of a group.
func (c *tally) run(t *testing.T, file string, group suiteGroup) {
	t.Helper()
	judge := functions.Judge
	if file == "format.json" {
		judge = functions.JudgeWithoutFormats
	}
	plain, err := judge(group.Schema)
	wrapped, wrappedErr := judge(wrapSchema(t, group.Schema))
	for _, test := range group.Tests {
		c.all++
		judged, broken, arguments := plain, err, string(test.Data)
		if !strings.HasPrefix(strings.TrimSpace(arguments), "{") {
			judged, broken, arguments = wrapped, wrappedErr, `{"v":`+arguments+`}`
		}
		if broken == nil && judged.Accepts(arguments) == test.Valid {
			c.passed++
		} else {
			t.Logf("%s: %s: %s: want valid %t, error %v", file, group.Description, test.Description, test.Valid, broken)
		}
		if broken != nil {
			continue
		}
		if library, checker := judged.Library(arguments), judged.Checker(arguments); library && checker == "no" || !library && checker == "yes" {
			t.Errorf("%s: %s: %s: the library says %t, the checker %s", file, group.Description, test.Description, library, checker)
		}
	}
}

// wrapSchema makes a schema that of the argument v. It gets a name of its own, so
// that what it says of itself goes on meaning itself.
func wrapSchema(t *testing.T, schema json.RawMessage) []byte {
	t.Helper()
	var members map[string]json.RawMessage
	if err := json.Unmarshal(schema, &members); err == nil {
		if _, named := members["$id"]; !named {
			members["$id"] = json.RawMessage(`"egret:///wrapped"`)
		}
		if schema, err = json.Marshal(members); err != nil {
			t.Fatal(err)
		}
	}
	return []byte(`{"properties":{"v":` + string(schema) + `}}`)
}
