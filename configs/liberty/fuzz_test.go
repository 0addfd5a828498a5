package liberty_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/configs/liberty"
)

// canary stands in each password of what is imported.
const canary = "canary"

var secretAttribute = regexp.MustCompile(`((?i:password|sharedKey|keyPassword)\s*=\s*)"[^"<&]*"`)

// FuzzImport imports anything. What is made must be a configuration that has no
// problem but for what cannot be known here, and hold no password. What cannot be
// imported must say so without one.
func FuzzImport(f *testing.F) {
	for _, set := range sets {
		err := filepath.WalkDir(filepath.Join("testdata", set), func(path string, _ os.DirEntry, err error) error {
			if err != nil || filepath.Ext(path) != ".xml" {
				return err
			}
			data, err := os.ReadFile(path)
			f.Add(string(data), "")
			return err
		})
		if err != nil {
			f.Fatal(err)
		}
	}
	for _, test := range attributeTests {
		f.Add("<server><jwtBuilder id=\"b\" "+test.builder+"/>"+test.beside+"</server>", "v=1\n")
	}
	f.Fuzz(func(t *testing.T, server, bootstrap string) {
		if strings.Contains(server, canary) && secretAttribute.ReplaceAllString(server, "") != server {
			server = strings.ReplaceAll(server, canary, "")
		}
		server = secretAttribute.ReplaceAllString(server, `$1"`+canary+`"`)
		got, err := liberty.Import("s/server.xml", memory{"s/server.xml": server, "s/bootstrap.properties": bootstrap})
		if err != nil {
			if strings.Contains(err.Error(), canary) {
				t.Errorf("got a password in %v", err)
			}
			return
		}
		text := string(got.YAML) + strings.Join(got.Todo, "\n")
		if strings.Contains(text, canary) && strings.Count(server, canary) == len(secretAttribute.FindAllString(server, -1)) {
			t.Errorf("got a password in\n%s", text)
		}
		o := configs.ReadOptions{AllowUnset: true, Getenv: func(string) (string, bool) { return "", false }}
		if _, problems := configs.Parse("s/egret.yaml", got.YAML, o); len(problems) > 0 && len(got.YAML) < 1<<20 && strings.Contains(text, "\ncaches:") {
			t.Errorf("%s\nof\n%s", problems.Detailed(), got.YAML)
		}
	})
}
