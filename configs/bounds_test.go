package configs_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/egret-proxy/egret/configs"
)

// TestBounds has files whose size is within bounds, and that would take much
// longer than their size says: they are refused for it, or few of their
// problems are shown.
func TestBounds(t *testing.T) {
	const function = "functions:\n  - name: f\n    url: https://a.test\n"
	for _, test := range []struct {
		name, text, want string // a part of the last problem
		problems         int
	}{
		{"keys without braces", lines(10_000, "k%d: 1\n"), "egret.yaml:6145:1: a mapping has too many keys", 1},
		{"explicit keys", lines(10_000, "? k%d\n"), "egret.yaml:6145:1: a mapping has too many keys", 1},
		{"values left out", "caches:\n" + strings.Repeat("  -\n", 100_000), "too many keys and elements have no value", 1},
		{"values left out in braces", "caches: {" + lines(80_000, "k%d,#\n") + "}\n", "too many keys and elements have no value", 1},
		{"tags without a value", "caches: [" + strings.Repeat("!!str,", 120_000) + "]\n", "too many keys and elements have no value", 1},
		{"blank lines", "a: |\n" + strings.Repeat("\n", 100_000), "egret.yaml:100002:1: too many blank lines stand before this line", 1},
		{"blank lines behind text", "a:\n  - - b: >-  # c\n        " + strings.Repeat("x ", 200_000) + strings.Repeat("\n", 100) + "c: 1\n", "too many blank lines", 1},
		{"blank lines of the document", "--- |\n" + strings.Repeat("x\n", 200_000) + strings.Repeat("\n", 100) + "x\n", "too many blank lines", 1},
		{"a schema", function + "    parameters: {allOf: [" + strings.Repeat("{type: object},", 9000) + "]}\n", "functions[0].parameters: the schema is larger than 128KiB", 1},
		{"no values left out in braces", "caches: [" + strings.Repeat("{},", 90_000) + "{}]\n", "egret.yaml: there are", 1001},
		{"keys in many mappings", strings.Repeat("-\n"+lines(1600, "  k%d: 1\n"), 16), "a mapping has too many keys", 1},
		{
			"cache IDs", "caches: [{name: c, ttl: 1m, id: 11111111-2222-3333-4444-555555555555}]\n" + function + "    fixed:\n      a:\n" +
				strings.Repeat("        - 11111111-2222-3333-4444-555555555555\n", 257),
			"egret.yaml:6:7: functions[0].fixed: more than 256 cache IDs are fixed", 1,
		},
		{"problems", "caches:\n" + strings.Repeat("  - 7\n", 1500), "egret.yaml: there are 500 more problems", 1001},
		{"problems of the YAML", "caches:\n" + strings.Repeat("  - !!int 7\n", 1500), "egret.yaml: there are 500 more problems", 1001},
		{"problems in one text", function + "    headers: {X: '" + lines(500, "</b%d>") + "'}\n", "</b19> is not a parameter of f", 20},
		{"references in one text", "listen: '" + lines(500, "${env:NO%d}") + "'\n", "NO19 is not set", 20},
		{"names to guess from", "caches:\n" + lines(20_000, "  - {name: abcd%d, ttl: 1m}\n") +
			"functions:\n" + lines(900, "  - {name: f%d, url: 'https://a.test', cache: abce1}\n"), "there is no cache abce1", 900},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, problems := configs.Parse("egret.yaml", []byte(test.text), options())
			if len(problems) != test.problems {
				t.Fatalf("got %d problems, want %d:\n%.1000s", len(problems), test.problems, problems)
			}
			if last := problems[len(problems)-1].String(); !strings.Contains(last, test.want) {
				t.Errorf("got %q last, want %q", last, test.want)
			}
		})
	}
}

// TestTextWithBlankLines has a long text of short paragraphs, as people write
// them, and long gaps between entries.
func TestTextWithBlankLines(t *testing.T) {
	text := strings.Repeat("\n", 500) + "functions:\n  - name: f\n    url: https://a.test\n    instructions: |\n" +
		strings.Repeat("      One paragraph of the instructions.\n\n", 3000) + strings.Repeat("\n", 20) + "caches:\n"
	text += lines(200, "  - {name: c%d, ttl: 1m}\n\n\n\n")
	if _, problems := configs.Parse("egret.yaml", []byte(text), options()); len(problems) > 0 {
		t.Errorf("got %.1000s, want no problem", problems)
	}
}

// TestNoBounds has a file of 1 MiB in which nothing is left out.
func TestNoBounds(t *testing.T) {
	text := "functions:\n  - name: f\n    url: https://a.test\n    json:\n" +
		strings.Repeat("    - p:\n        anyOf:\n        - a:\n            b\n", 1<<20/60)
	if len(text) > 1<<20 || len(text) < 1<<19 {
		t.Fatalf("made %d bytes, want about 1 MiB", len(text))
	}
	if _, problems := configs.Parse("egret.yaml", []byte(text), options()); len(problems) > 0 {
		t.Errorf("got %.1000s, want no problem", problems)
	}
}

// TestManyWarnings counts those that are not shown.
func TestManyWarnings(t *testing.T) {
	cfg := good(t, "egress:\n  allow:\n"+strings.Repeat("    - {host: a.test, methods: [GTE]}\n", 1500))
	last := cfg.Warnings[len(cfg.Warnings)-1]
	if len(cfg.Warnings) != 1001 || last.Message != "there are 500 more warnings" || last.Severity != "warning" {
		t.Errorf("got %d warnings, the last %v, want 1001, the last that there are more", len(cfg.Warnings), last)
	}
}

// lines repeats a format with numbers from 0.
func lines(n int, format string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}
