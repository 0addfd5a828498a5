package configs_test

import (
	"fmt"
	"math"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/egret-proxy/egret/configs"
)

// FuzzParse reads anything. It must not panic, must say where every problem
// is, and must not show what came from the environment.
func FuzzParse(f *testing.F) {
	for _, data := range examples(f) {
		f.Add(data)
	}
	const canary = "zqxjkvbwpf"
	o := configs.ReadOptions{Getenv: func(string) (string, bool) { return canary, true }}
	f.Fuzz(func(t *testing.T, data []byte) {
		start := time.Now()
		cfg, problems := configs.Parse("testdata/valid/egret.yaml", data, o)
		if took := time.Since(start); took > tooLong {
			t.Errorf("got an answer after %v, want it within %v", took, tooLong)
		}
		if cfg == nil {
			t.Fatal("got no configuration, want what could be read")
		}
		lines := strings.Count(string(data), "\n") + 1
		for _, p := range slices.Concat(problems, cfg.Warnings) {
			if p.Message == "" || p.Line < 0 || p.Line > lines || p.Line > 0 && p.Column < 1 {
				t.Errorf("got problem %+v of a file with %d lines", p, lines)
			}
		}
		shown := problems.Detailed() + cfg.Warnings.Detailed()
		if strings.Contains(shown, canary) && !strings.Contains(string(data), canary) {
			t.Errorf("got the environment in %s", shown)
		}
		if len(problems) == 0 && cfg.Listen.Address == "" {
			t.Error("got no address and no problem")
		}
		if cfg.Limits != cfg.Limits.WithDefaults() {
			t.Errorf("got limits %+v, want each of them positive", cfg.Limits)
		}
	})
}

// tooLong is no measure of speed: it is where something takes time that grows
// faster than the file.
const tooLong = 20 * time.Second

// examples gives the files of testdata.
func examples(f *testing.F) [][]byte {
	f.Helper()
	var all [][]byte
	for _, pattern := range []string{"testdata/invalid/*.yaml", "testdata/valid/*.yaml", "testdata/warnings/*.yaml"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			all = append(all, data)
		}
	}
	return all
}

// FuzzInclude reads a file that includes anything, on a machine where nothing
// is set, and on one where all is. A problem must be in one of the two files,
// and what is missing must be no problem.
func FuzzInclude(f *testing.F) {
	for _, data := range examples(f) {
		f.Add([]byte("caches: [{name: c, ttl: 1m}]\n"), data)
		f.Add(data, []byte("listen: ${env:X}\nfunctions: [{name: f, url: '${file:x}/{/y}', cache: c}]\n"))
	}
	const canary = "zqxjkvbwpf"
	f.Fuzz(func(t *testing.T, first, second []byte) {
		directory := t.TempDir()
		file, other := filepath.Join(directory, "egret.yaml"), filepath.Join(directory, "other.yaml")
		if err := os.WriteFile(other, second, 0o600); err != nil {
			t.Fatal(err)
		}
		first = append([]byte("include: [other.yaml]\n"), first...)
		for _, set := range []bool{true, false} {
			o := configs.ReadOptions{AllowUnset: !set, Getenv: func(string) (string, bool) { return canary, set }}
			cfg, problems := configs.Parse(file, first, o)
			for _, p := range slices.Concat(problems, cfg.Warnings) {
				if p.File != file && p.File != other || strings.Contains(p.Message, "is not set") && !set {
					t.Errorf("got %v", p)
				}
			}
			shown := problems.Detailed() + cfg.Warnings.Detailed()
			if strings.Contains(shown, canary) && !strings.Contains(string(first)+string(second), canary) {
				t.Errorf("got the environment in %s", shown)
			}
		}
	})
}

// FuzzSize reads sizes, and counts again with numbers that have no end.
func FuzzSize(f *testing.F) {
	for _, s := range []string{
		"0", "-1", "4096", "16KiB", "10MiB", "1GiB", "8589934592GiB", "-8589934593GiB", "9007199254740993KiB",
		"9223372036854775808", "99999999999999999999KiB", "16KB", "10 MiB", "64k", "1.5MiB", "5000B", "a lot", "", "-",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := configs.ParseSize(s)
		if err != nil {
			if want := fmt.Sprintf("%q is no size", s); err.Error() != want {
				t.Errorf("got error %v, want %s", err, want)
			}
			return
		}
		want, ok := new(big.Int).SetString(strings.TrimRight(s, "GKMiB"), 10)
		if !ok {
			t.Fatalf("got %d of %q, want an error", got, s)
		}
		for unit, shift := range map[string]uint{"KiB": 10, "MiB": 20, "GiB": 30} {
			if strings.HasSuffix(s, unit) {
				want.Lsh(want, shift)
			}
		}
		if !want.IsInt64() {
			want.SetInt64(math.MaxInt64)
			if strings.HasPrefix(s, "-") {
				want.SetInt64(math.MinInt64)
			}
		}
		if want.Cmp(big.NewInt(got)) != 0 {
			t.Errorf("got %d of %q, want %d", got, s, want)
		}
		if again, err := configs.ParseSize(configs.SizeText(got)); err != nil || again != got {
			t.Errorf("got %d and error %v of %s, want %d", again, err, configs.SizeText(got), got)
		}
	})
}

// FuzzMasking puts any text under a secret key, in every way to write it, and a
// mistake next to it.
func FuzzMasking(f *testing.F) {
	for _, s := range []string{"secret", "a: b", "- x", "{/x}", "'", "\"", "#", "|", "x\n\ny", "[", "*a", "&a b", "%", "? x", "---", "\t", "}"} {
		f.Add(s, 0)
	}
	const canary = "zqxjkvbwpf"
	forms := []func(string) string{
		func(s string) string { return "    key: " + canary + s + "\n" },
		func(s string) string { return "    key: " + s + canary + "\n" },
		func(s string) string {
			return "    value: |\n      " + canary + strings.ReplaceAll(s, "\n", "\n      ") + canary + "\n"
		},
		func(s string) string {
			return "    value: >-\n      " + strings.ReplaceAll(s, "\n", "\n      ") + canary + "\n"
		},
		func(s string) string { return "    shared_key: '" + strings.ReplaceAll(s, "'", "''") + canary + "'\n" },
		func(s string) string {
			return "    key_passphrase: [\"" + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + canary + "\", " + canary + "]\n"
		},
		func(s string) string { return "    key:\n      " + canary + ": " + s + "\n      " + canary + ": x\n" },
	}
	for _, key := range []string{"secret", "Value", "vlaue", `"val\u0075e"`, "'a b'", "claims: {}\n    pass"} {
		forms = append(forms,
			func(s string) string {
				return "    " + key + ": '" + strings.ReplaceAll(strings.ReplaceAll(s, "\n", "\n      "), "'", "''") + canary + "'\n"
			},
			func(s string) string {
				return "    " + key + ": |\n      " + strings.ReplaceAll(s, "\n", "\n      ") + canary + "\n"
			},
			func(s string) string { return "    " + key + ": " + strings.ReplaceAll(s, "\n", "") + canary + "\n" },
		)
	}
	f.Fuzz(func(t *testing.T, s string, form int) {
		if strings.ContainsAny(s, "\n") && form%len(forms) < 2 || strings.Contains(s, "zq") || len(s) > 200 {
			return
		}
		written := forms[((form%len(forms))+len(forms))%len(forms)](s)
		for _, text := range []string{
			"tokens:\n  - name: a b\n" + written + "    typo: x\n    cache: nothing\n",
			"tokens:\n  - name: a b\n" + written + "  bad\n",
		} {
			cfg, problems := configs.Parse("testdata/valid/egret.yaml", []byte(text), options())
			if shown := problems.Detailed() + cfg.Warnings.Detailed(); strings.Contains(shown, canary) {
				t.Errorf("got the secret of\n%s\nin\n%s", text, shown)
			}
			if shown := strings.Join(configs.Shown(text), "\n"); strings.Contains(shown, canary) {
				t.Errorf("got the secret of\n%s\nin a line of\n%s", text, shown)
			}
		}
	})
}
