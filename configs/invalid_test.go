package configs_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/egret-proxy/egret/configs"
)

// environment is what ${env:NAME} gives in tests. All values are canaries.
var environment = map[string]string{
	"ADMIN_KEY":         "canary-admin-0123456789",
	"SUPPORT_AGENT_KEY": "canary-agent-0123456789",
	"STRIPE_KEY":        "canary-stripe-0123456789",
	"CANARY":            "canary-0123456789",
	"SPACED":            "canary host",
	"LINES":             "canary1\ncanary2",
	"HOST":              "canary.test",
	"EMPTY":             "",
}

func options() configs.ReadOptions {
	return configs.ReadOptions{Getenv: func(name string) (string, bool) {
		value, ok := environment[name]
		return value, ok
	}}
}

// parse reads a text as if it stood in testdata/valid.
func parse(t *testing.T, text string) (*configs.Config, configs.Problems) {
	t.Helper()
	return configs.Parse(filepath.Join("testdata", "valid", "egret.yaml"), []byte(text), options())
}

// good reads a text that has no problem.
func good(t *testing.T, text string) *configs.Config {
	t.Helper()
	cfg, problems := parse(t, text)
	if len(problems) > 0 {
		t.Fatalf("got problems, want none:\n%s", problems.Detailed())
	}
	return cfg
}

// TestInvalid reads one bad file for each rule. The comments that it begins
// with are the problems that it must have, all of them, in their order.
func TestInvalid(t *testing.T) {
	files, err := filepath.Glob("testdata/invalid/*.yaml")
	if err != nil || len(files) < 50 {
		t.Fatalf("got %d files and error %v, want at least 50 and none", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			want := wanted(t, file)
			cfg, problems := configs.Read(file, options())
			if diff := cmp.Diff(want, comments(file, problems)); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
			silent(t, cfg, problems)
		})
	}
}

// comments writes problems as the comments that a file begins with.
func comments(file string, problems configs.Problems) []string {
	var got []string
	for _, p := range problems {
		got = append(got, "# want: "+strings.TrimPrefix(p.String(), file+":"))
		if p.Hint != "" {
			got = append(got, "# hint: "+p.Hint)
		}
	}
	for i := range got {
		got[i] = strings.ReplaceAll(got[i], "want:  ", "want: ") // A problem of the whole file has no place.
		got[i] = strings.ReplaceAll(got[i], "testdata/shared", "../shared")
		got[i] = strings.ReplaceAll(got[i], "testdata/invalid/", "")
		got[i] = strings.ReplaceAll(got[i], "read testdata/invalid:", "read .:")
	}
	return got
}

// wanted reads the comments that a file begins with.
func wanted(t *testing.T, file string) []string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for line := range strings.Lines(string(data)) {
		if !strings.HasPrefix(line, "# want: ") && !strings.HasPrefix(line, "# hint: ") {
			break
		}
		want = append(want, strings.TrimSpace(line))
	}
	if len(want) == 0 {
		t.Fatal("got a file that wants no problem, want one at least")
	}
	return want
}

// silent fails when a secret of the tests stands in anything that is printed.
func silent(t *testing.T, cfg *configs.Config, problems configs.Problems) {
	t.Helper()
	asJSON, err := json.Marshal(problems)
	if err != nil {
		t.Fatal(err)
	}
	config, err := json.Marshal(cfg)
	if err != nil {
		t.Fatal(err)
	}
	outputs := map[string]string{
		"Error":       problems.Error(),
		"Detailed":    problems.Detailed(),
		"JSON":        string(asJSON),
		"config JSON": string(config),
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		outputs["config "+verb] = fmt.Sprintf(verb, cfg)
		outputs["problems "+verb] = fmt.Sprintf(verb, problems)
	}
	for name, text := range outputs {
		lower := strings.ToLower(text)
		for _, secret := range []string{"secret123", "canary-", "canary host", "canary1", "canary.test", "canarykeyfile"} {
			if strings.Contains(lower, secret) {
				t.Errorf("%s shows the secret %q:\n%s", name, secret, text)
			}
		}
	}
}
