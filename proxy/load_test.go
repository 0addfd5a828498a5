package proxy_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/egret-proxy/egret/proxy"
)

// TestLoadIncluded finds what is wrong with a key and a schema in the file where
// it stands.
func TestLoadIncluded(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "egret.yaml", "include: [conf.d/*.yaml]\nfunctions:\n  - {name: f, url: https://a.test}\n")
	write(t, "conf.d/a.yaml", "caches:\n  - {name: a, ttl: 1m, hosts: [a.test]}\n")
	write(t, "conf.d/b.yaml", "tokens:\n  - {name: a, cache: a, algorithm: ES256, key_type: EcPem, key: canary-key}\n"+
		"functions:\n  - {name: g, url: https://a.test, parameters: {properties: {a: {minimum: a}}}}\n")
	_, err := proxy.Load("egret.yaml", noEnvironment)
	got := strings.Split(fmt.Sprint(err), "\n")
	want := []string{
		"conf.d/b.yaml:2:65: tokens[0].key: ",
		"conf.d/b.yaml:4:75: functions[0].parameters.properties.a.minimum: ",
	}
	if len(got) != len(want) {
		t.Fatalf("got %d problems, want %d:\n%v", len(got), len(want), err)
	}
	for i := range want {
		if !strings.HasPrefix(got[i], want[i]) || strings.Contains(got[i], "canary") {
			t.Errorf("got %q, want %q", got[i], want[i]+"…")
		}
	}
}

const warned = `include: [conf.d/*.yaml]
caches:
  - {name: a, ttl: 1m, hosts: [a.test]}
  - {name: b, ttl: 1m, hosts: [a.test]}
tokens:
  - {name: a, cache: a, algorithm: HS256, key_type: Secret, key: canary-key}
  - {name: b, cache: b, value: "canary-value "}
`

// TestLoadWarnings wants the warnings about keys in their places beside those
// about the file, and each of them in the log of who serves it.
func TestLoadWarnings(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "egret.yaml", warned)
	cfg, err := proxy.Load("egret.yaml", noEnvironment)
	if err != nil {
		t.Fatal(err)
	}
	want := "egret.yaml:1:11: include[0]: no file matches conf.d/*.yaml\n" +
		"egret.yaml:6:66: tokens[0].key: secret is 10 bytes, HS256 should have at least 32\n" +
		"egret.yaml:7:32: tokens[1].value: value begins or ends with white space"
	if diff := cmp.Diff(want, cfg.Warnings.Error()); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
	var log bytes.Buffer
	server, err := proxy.New(cfg, proxy.Options{Log: slog.New(slog.NewJSONHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	logged := ""
	for line := range strings.Lines(log.String()) {
		var entry struct {
			Level, File, Path, Warning string
			Line, Column               int
		}
		if err := json.Unmarshal([]byte(line), &entry); err != nil || entry.Level != "WARN" {
			t.Fatalf("got the line %q, want a warning", line)
		}
		logged += fmt.Sprintf("%s:%d:%d: %s: %s\n", entry.File, entry.Line, entry.Column, entry.Path, entry.Warning)
	}
	if diff := cmp.Diff(want+"\n", logged); diff != "" {
		t.Errorf("the log (-want +got):\n%s", diff)
	}
	if strings.Contains(cfg.Warnings.Detailed()+log.String(), "canary") {
		t.Errorf("got a secret in\n%s\n%s", cfg.Warnings.Detailed(), log.String())
	}
}

// TestLogManyWarnings does not let warnings fill a log.
func TestLogManyWarnings(t *testing.T) {
	var text strings.Builder
	text.WriteString("include:\n")
	for i := range 150 {
		fmt.Fprintf(&text, "  - none/%d/*.yaml\n", i)
	}
	cfg, err := proxy.Parse(filepath.Join(t.TempDir(), "egret.yaml"), []byte(text.String()), noEnvironment)
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	server, err := proxy.New(cfg, proxy.Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	if lines := strings.Count(log.String(), "\n"); lines != 101 || !strings.HasSuffix(log.String(), `msg="the configuration has more warnings" more=50`+"\n") {
		t.Errorf("got %d lines, want 101, and that there are 50 more:\n%s", lines, log.String())
	}
}

// TestCheckUnset checks a file whose secrets are elsewhere, and does not serve
// it.
func TestCheckUnset(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "egret.yaml", `caches:
  - {name: a, ttl: 1m, hosts: [a.test]}
  - {name: b, ttl: 1m, hosts: [a.test]}
tokens:
  - {name: a, cache: a, algorithm: ES256, key_type: EcPem, key: "${file:none.pem}"}
  - {name: b, cache: b, algorithm: RS256, key_type: EcPem, key: "${env:NONE}", claims: {exp: 1}}
functions:
  - {name: f, url: "${env:BASE}/x", parameters: {properties: {a: {minimum: a}}}}
  - {name: g, url: "https://${env:HOST}/x"}
`)
	o := noEnvironment
	o.Getenv = func(string) (string, bool) { return "", false }
	o.AllowUnset = true
	cfg, problems := proxy.Check("egret.yaml", o)
	var got []string
	for _, p := range problems {
		got = append(got, p.Path)
	}
	want := []string{"tokens[1].key_type", "tokens[1].claims.exp", "functions[0].parameters.properties.a.minimum"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("where there are problems (-want +got):\n%s\n%s", diff, problems)
	}
	if _, err := proxy.New(cfg, proxy.Options{}); err == nil || err.Error() != "cannot serve a configuration whose variables or files are missing" {
		t.Errorf("got error %v, want that it cannot be served", err)
	}
}

// TestCheckExamples checks each example with keys, headers and claims, where
// nothing of it is set: people run it before they have their key.
func TestCheckExamples(t *testing.T) {
	o := noEnvironment
	o.Getenv = func(string) (string, bool) { return "", false }
	o.AllowUnset = true
	for _, pattern := range []string{"*.yaml", "services/*.yaml"} {
		files, err := filepath.Glob("../configs/examples/" + pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("got %d files of %s and error %v, want some and none", len(files), pattern, err)
		}
		for _, file := range files {
			if cfg, problems := proxy.Check(file, o); len(problems)+len(cfg.Warnings) > 0 {
				t.Errorf("%s: got problems and warnings, want none:\n%s\n%s", file, problems.Detailed(), cfg.Warnings.Detailed())
			}
		}
	}
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
