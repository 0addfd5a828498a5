package curl_test

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/egret-proxy/egret/configs/curl"
)

var update = flag.Bool("update", false, "write what an import makes to testdata")

// credentialLine says what a variable of the environment must hold, at the top of
// a command of testdata.
var credentialLine = regexp.MustCompile(`(?m)^# ([A-Z][A-Z0-9_]*)=(.+)$`)

// Each command of testdata becomes the file beside it. The credentials in it stand
// nowhere in what is made, and the variables have the names that testdata says.
func TestGolden(t *testing.T) {
	commands, err := filepath.Glob("testdata/*.sh")
	if err != nil || len(commands) < 30 {
		t.Fatalf("got %d commands and error %v, want 30 or more", len(commands), err)
	}
	for _, file := range commands {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".sh"), func(t *testing.T) {
			command := read(t, file)
			got, err := curl.Import(command, curl.Options{})
			if err != nil {
				t.Fatal(err)
			}
			text := string(got.YAML) + "\n# todo: " + strings.Join(got.Todo, "\n# todo: ") + "\n"
			golden := strings.TrimSuffix(file, ".sh") + ".yaml"
			if *update {
				if err := os.WriteFile(golden, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(read(t, golden), text); diff != "" {
				t.Errorf("got another file (-want +got):\n%s", diff)
			}
			for _, m := range credentialLine.FindAllStringSubmatch(command, -1) {
				if strings.Contains(text, m[2]) {
					t.Errorf("got the credential %s in:\n%s", m[2], text)
				}
				if !strings.Contains(text, "${env:"+m[1]+"}") {
					t.Errorf("%s is read nowhere:\n%s", m[1], text)
				}
			}
		})
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
