package curl_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/configs/curl"
)

// hidden are credentials behind a command, each at another place.
const hidden = ` -H 'X-Api-Key: ` + canary + `' -b 'a=` + canary + `' --url-query 'access_token=` + canary + `'`

// FuzzImport imports anything. What is made must be a configuration without a
// problem, and hold no credential. What cannot be imported must say so without
// one.
func FuzzImport(f *testing.F) {
	files, err := filepath.Glob("testdata/*.sh")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(data))
	}
	for _, test := range importTests {
		f.Add(test.command)
	}
	for _, test := range refusals {
		f.Add(test.command[:min(len(test.command), 1000)])
	}
	f.Fuzz(func(t *testing.T, command string) {
		if strings.Contains(command, canary) {
			return
		}
		for _, line := range []string{command, strings.TrimRight(command, "\n ") + hidden} {
			got, err := curl.Import(line, curl.Options{})
			if err != nil {
				if strings.Contains(err.Error(), canary) {
					t.Errorf("%q gave an error with a credential: %v", line, err)
				}
				continue
			}
			text := string(got.YAML) + strings.Join(got.Todo, "\n")
			if strings.Contains(text, canary) {
				t.Errorf("got a credential of %q in\n%s", line, text)
			}
			o := configs.ReadOptions{AllowUnset: true, Getenv: func(string) (string, bool) { return "", false }}
			if _, problems := configs.Parse("egret.yaml", got.YAML, o); len(problems) > 0 {
				t.Errorf("%s\nof\n%s", problems.Detailed(), got.YAML)
			}
		}
	})
}
