package configs_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/tidwall/gjson"

	"github.com/egret-proxy/egret/configs"
)

// Whatever egret takes, the schema accepts.
func TestSchemaAccepts(t *testing.T) {
	schema := compiled(t)
	files := append(exampleFiles(t), filesOf(t, "testdata/valid/*.yaml")...)
	files = append(files, "../cmd/egret/demo.yaml")
	texts := map[string]string{"README.md": readmeYAML(t)}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		texts[file] = string(text)
	}
	for name, text := range texts {
		if places := validate(schema, []byte(text)); places != nil {
			t.Errorf("%s: the schema refuses %q", name, places)
		}
	}
}

// exampleFiles are the examples, without what they include.
func exampleFiles(t testing.TB) []string {
	t.Helper()
	return append(filesOf(t, "examples/*.yaml"), filesOf(t, "examples/services/*.yaml")...)
}

// filesOf gives the files of a pattern, of which there must be some.
func filesOf(t testing.TB, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("no files are %s (error: %v)", pattern, err)
	}
	return files
}

// readmeYAML is the configuration that the tour of the README writes.
func readmeYAML(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(text), "cat >egret.yaml <<'YAML'\n")
	config, _, ended := strings.Cut(rest, "\nYAML\n")
	if !found || !ended {
		t.Fatal("the README writes no egret.yaml")
	}
	return config
}

// beyond has the problems that no schema finds, by their words, and why. With a
// pattern of a value, they are those of such values alone. Every other problem
// of a bad file has to be found at its place.
var beyond = []struct{ words, value, why string }{
	{`there is no (function|cache|client|key store|trust store|subject) `, ``, otherSection},
	{`^cache \w+ (may not|is)|^filling cache|^the ID is that of|has the (name|id)|^a token cache needs|^without clients`, ``, otherSection},
	{`^cache \w+ holds the credential|^egret alone calls`, ``, otherSection},
	{`^egret itself calls this function`, ``, "it looks at another key"},
	{`^cache \w+ (may not|is|holds)|^filling cache|^the ID is that of|has the (name|id)|^a token cache needs|^without clients`, ``, otherSection},
	{`^subject \w+ has no attribute|^the token is good from|two thirds of the token's life$|^the token lives`, ``, otherSection},
	{`names all of these hosts already$`, ``, "it looks at the entries before"},
	{`is set by \w+ already|^must be shorter than the rotation|never replaced is not announced|^keys that replace each other|has to be good at once`, ``, "it looks at another key"},
	{`^\w+ is (not a parameter|fixed)`, ``, "it looks at another key"},
	{`^must be whole seconds`, `^"`, "a range is one of numbers"},
	{`^cannot read `, `^"[^$]`, "it looks at the files of the machine"},
	{`^status [0-9]+ is one of ok_statuses|^placeholder |second time, in other|^must not be larger than|^values cannot be escaped`, ``, "it looks at another key"},
	{`^a bracket or a quote is not closed`, ``, "a pattern does not count"},
	{`^argument \S+ is (fixed|not a parameter)|is ok, and lives as long`, ``, "it looks at another key"},
	{`^(anchors|aliases|merge keys|YAML tags) are not|second YAML document|^a space is missing|^a key must be`, ``, "a reader of YAML takes it"},
	{`^must be (at least|between|at most) [0-9]+[A-Za-z]`, `^"\+?[0-9]`, "a range is one of numbers"},
	{`^is shorter than wait$`, ``, "it looks at another key"},
	{`longer than 253 characters`, ``, "a text with a reference may be longer"},
	{`does not begin its range|IPv4 range inside`, ``, "addresses are numbers in other words"},
	{`^cannot read |environment|has nothing at|has no text|leads nowhere|no JSON Pointer|not UTF-8`, reference, outside},
	{`scheme of a URL|^the configured text|control character|^the text is empty|^this is no URL|^the path is empty|^jti has no such part`, reference, outside},
}

const (
	otherSection = "it looks into another section"
	outside      = "it is about what a reference stands for"
	reference    = `\$\{(env|file):`
)

// Every problem of a bad file is found by the schema, at its place, unless no
// schema can find it.
func TestSchemaRefuses(t *testing.T) {
	schema := compiled(t)
	files, err := filepath.Glob("testdata/invalid/*.yaml")
	if err != nil || len(files) < 50 {
		t.Fatalf("got %d files and error %v, want at least 50 and none", len(files), err)
	}
	used := make([]bool, len(beyond))
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		places := validate(schema, text)
		_, problems := configs.Parse(file, text, options())
		judged := map[string]bool{} // paths with a problem that is found
		for _, p := range problems {
			why := slices.IndexFunc(beyond, func(b struct{ words, value, why string }) bool {
				return matches(b.words, p.Message) && (b.value == "" || matches(b.value, valueAt(text, p.Path)))
			})
			if why < 0 {
				judged[p.Path] = true
			} else {
				used[why] = true
			}
			switch found := finds(places, saidAt(p)); {
			case !found && why < 0:
				t.Errorf("%s: %s: %s: the schema finds it not, only %q", filepath.Base(file), p.Path, p.Message, places)
			case found && why >= 0 && !judged[p.Path]:
				t.Errorf("%s: %s: %s: the schema finds it, although %s", filepath.Base(file), p.Path, p.Message, beyond[why].why)
			}
		}
	}
	for i, b := range beyond {
		if !used[i] {
			t.Errorf("no bad file has a problem with the words %q", b.words)
		}
	}
}

func matches(pattern, text string) bool { return regexp.MustCompile(pattern).MatchString(text) }

// saidAt is the path at which the schema says a problem: a body without a type is
// a header that is missing.
func saidAt(p configs.Problem) string {
	if rest, ok := strings.CutSuffix(p.Path, ".body"); ok && strings.HasPrefix(p.Message, "a body needs a Content-Type") {
		return rest + ".headers"
	}
	return p.Path
}

// valueAt gives the JSON of what stands at a path.
func valueAt(text []byte, path string) string {
	encoded, err := yaml.YAMLToJSON(text)
	if err != nil {
		return ""
	}
	path = strings.ReplaceAll(strings.ReplaceAll(path, "[", "."), "]", "")
	return gjson.GetBytes(encoded, path).Raw
}

// finds reports whether one of the places is a path, or below it. A file that
// cannot be read as YAML has nothing but the place "".
func finds(places []string, path string) bool {
	return slices.ContainsFunc(places, func(place string) bool {
		if key, ok := strings.CutPrefix(place, anywhere); ok {
			return strings.HasSuffix(path, key) || strings.HasSuffix(path, "."+strings.Trim(key, "[]")) // a key of digits
		}
		below, ok := strings.CutPrefix(place, path)
		return ok && (below == "" || path == "" || below[0] == '.' || below[0] == '[') || len(places) == 1 && place == ""
	})
}
