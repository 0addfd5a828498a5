package configs_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/egret-proxy/egret/configs"
)

// TestWarnings reads one file for each rule that warns. The comments that it
// begins with are the warnings that it must have, all of them, and it has no
// problem.
func TestWarnings(t *testing.T) {
	files, err := filepath.Glob("testdata/warnings/*.yaml")
	if err != nil || len(files) < 6 {
		t.Fatalf("got %d files and error %v, want at least 6 and none", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			cfg, problems := configs.Read(file, options())
			if len(problems) > 0 {
				t.Errorf("got problems, want none:\n%s", problems.Detailed())
			}
			if diff := cmp.Diff(wanted(t, file), comments(file, cfg.Warnings)); diff != "" {
				t.Errorf("warnings (-want +got):\n%s", diff)
			}
			silent(t, cfg, cfg.Warnings)
		})
	}
}

// TestNoWarnings reads files that have nothing to warn of.
func TestNoWarnings(t *testing.T) {
	for _, file := range exampleFiles(t) {
		if cfg, problems := configs.Read(file, nothing()); len(problems)+len(cfg.Warnings) > 0 {
			t.Errorf("%s: got problems and warnings, want none:\n%s\n%s", file, problems.Detailed(), cfg.Warnings.Detailed())
		}
	}
}

// TestWarnReadable has files with secrets that others may read, in the main file
// and in one that is included.
func TestWarnReadable(t *testing.T) {
	directory := tree(t, map[string]string{
		"egret.yaml": "include: [d/*.yaml]\nadmin: {listen: 127.0.0.1:1, key: '${file:own}'}\n" +
			"clients: [{name: c, key: '${file:group}'}]\n" +
			"functions: [{name: f, url: https://a.test, headers: {X: '${file:all}'}}]\n",
		"d/a.yaml": "caches: [{name: a, ttl: 1m, hosts: [a.test]}, {name: b, ttl: 1m, hosts: [a.test]}]\n" +
			"tokens:\n  - {name: a, cache: a, value: 'Bearer ${file:../all}'}\n  - name: b\n    cache: b\n    algorithm: HS256\n    key_type: Secret\n    key: ${file:../json#/key}\n",
		"own": "canary-0123456789", "group": "canary-0123456789", "all": "canary-0123456789", "json": `{"key":"canary-0123456789"}`,
	})
	for name, mode := range map[string]os.FileMode{"own": 0o400, "group": 0o640, "all": 0o644, "json": 0o604} {
		must(t, os.Chmod(filepath.Join(directory, name), mode))
	}
	cfg, err := configs.Load(filepath.Join(directory, "egret.yaml"), options())
	must(t, err)
	want := []string{
		"d/a.yaml:3:32: tokens[0].value: other users can read all, its mode is 0644; chmod 600 all",
		"d/a.yaml:8:10: tokens[1].key: other users can read json, its mode is 0604; chmod 600 json",
		"egret.yaml:3:26: clients[0].key: other users can read group, its mode is 0640; chmod 600 group",
	}
	if runtime.GOOS == "windows" {
		want = nil // It has no such modes.
	}
	if diff := cmp.Diff(want, said(cfg.Warnings, directory)); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
	if len(want) == 0 {
		return
	}
	if got, want := strings.Split(cfg.Warnings.Detailed(), "\n")[1], "      - {name: a, cache: a, value: [secret]}"; got != want {
		t.Errorf("got the excerpt %q, want %q", got, want)
	}
}

func TestWarningForms(t *testing.T) {
	cfg := good(t, "functions:\n  - {name: f, url: https://a.test}\n")
	warning := cfg.Warning("functions[0].url", "a sentence", "")
	got, err := json.Marshal(warning)
	must(t, err)
	want := `{"file":"testdata/valid/egret.yaml","line":2,"column":20,"path":"functions[0].url","message":"a sentence","hint":"","severity":"warning"}`
	if string(got) != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if diff := cmp.Diff(configs.Problems{cfg.Problem("functions[0].url", "a sentence", "")}, configs.Problems{warning}.Errors(), cmp.AllowUnexported(configs.Problem{})); diff != "" {
		t.Errorf("a warning as an error (-want +got):\n%s", diff)
	}
}
