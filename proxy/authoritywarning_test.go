package proxy_test

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/proxy"
	"github.com/egret-proxy/egret/proxy/intercept"
)

// Who checks a configuration or starts egret learns that the authority of state
// ends soon, or cannot be used, before clients do. Looking for it makes none.
func TestAuthorityWarning(t *testing.T) {
	dir := t.TempDir()
	state, file := filepath.Join(dir, ".egret"), filepath.Join(dir, "egret.yaml")
	warns := func(t *testing.T, yaml, want string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(yaml), 0o600); err != nil {
			t.Fatal(err)
		}
		cfg, problems := proxy.Check(file, configs.ReadOptions{})
		if err := problems.Err(); err != nil {
			t.Fatal(err)
		}
		var log bytes.Buffer
		server, err := proxy.New(cfg, proxy.Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
		if err != nil {
			t.Fatal(err)
		}
		server.Close()
		checked := ""
		for _, w := range cfg.Warnings {
			checked += w.Path + ": " + w.Message + "\n"
		}
		for _, got := range []struct{ by, text, place string }{{"check", checked, "state: "}, {"the log", log.String(), "the certificate authority needs attention"}} {
			if want == "" && got.text != "" {
				t.Errorf("%s: got %q, want no warning", got.by, got.text)
			}
			if !strings.Contains(got.text, want) || want != "" && !strings.Contains(got.text, got.place) {
				t.Errorf("%s: got %q, want %q and %q", got.by, got.text, got.place, want)
			}
		}
	}
	const decrypts, blind = "egress: {allow: [api.acme.test]}\n", "egress: {allow: [api.acme.test], intercept: false}\n"
	synctest.Test(t, func(t *testing.T) {
		warns(t, decrypts, "")
		if _, err := os.Stat(state); err == nil {
			t.Error("an authority was made")
		}
		a, err := intercept.Load(state)
		if err != nil {
			t.Fatal(err)
		}
		warns(t, decrypts, "")
		end := a.Certificate().NotAfter
		<-time.After(time.Until(end.Add(-10 * 24 * time.Hour)))
		warns(t, decrypts, "ends on "+end.Format(time.DateOnly))
		warns(t, blind, "")
		if runtime.GOOS == "windows" {
			return
		}
		if err := os.Chmod(filepath.Join(state, intercept.KeyFile), 0o644); err != nil {
			t.Fatal(err)
		}
		warns(t, decrypts, "chmod 600")
	})
}
