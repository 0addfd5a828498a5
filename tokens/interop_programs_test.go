package tokens_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/egret-proxy/egret/configs/configstest"
)

// A foreignCase is something that egret made, for a program that is not egret.
type foreignCase struct {
	Kind      string          `json:"kind"` // jws or jwe
	Algorithm string          `json:"algorithm"`
	Key       json.RawMessage `json:"key"` // JWK
	Compact   string          `json:"compact"`

	name    string
	content string // what stands in Compact
}

// spoilt is c with another last part: the signature of a JWS, the tag of a JWE.
func (c foreignCase) spoilt() foreignCase {
	i := strings.LastIndexByte(c.Compact, '.') + 1
	other := "A"
	if c.Compact[i:i+1] == other {
		other = "B"
	}
	c.Compact = c.Compact[:i] + other + c.Compact[i+1:]
	c.name += " with a spoilt end"
	return c
}

// A foreignAnswer is what a program says to a case.
type foreignAnswer struct{ Content, Error string }

// A foreignProgram verifies and decrypts.
type foreignProgram struct {
	name string
	// cannot has what the program does not know, and why; knows lists what it does
	// know, which is never excused.
	cannot map[string]string
	knows  func(t *testing.T) []string
	answer func(t *testing.T, cases []foreignCase) []foreignAnswer
}

func foreignPrograms() []foreignProgram {
	return []foreignProgram{
		{
			name: "jose of Debian",
			cannot: map[string]string{
				"EdDSA":        "the program has no RFC 8037",
				"RSA-OAEP":     "built with OpenSSL 3 it is left out, which latchset/jose pull request 145 mends",
				"RSA-OAEP-256": "the same",
			},
			knows:  debianKnows,
			answer: askDebian,
		},
		{
			name:   "jose of Node",
			knows:  func(*testing.T) []string { return nil },
			answer: askNode,
		},
	}
}

// check gives the cases to the program, and of each algorithm a spoilt one that
// it must refuse.
func (p foreignProgram) check(t *testing.T, what string, cases []foreignCase) {
	t.Helper()
	asked, newer := p.choose(t, cases)
	spoilt := spoiltOnes(asked)
	answers := p.answer(t, append(slices.Clip(asked), spoilt...))
	for i, c := range asked {
		if a := answers[i]; a.Error != "" || a.Content != c.content {
			t.Errorf("%s: %s\ncontent %q, error %q, want content %q", c.name, c.Compact, a.Content, a.Error, c.content)
		}
	}
	for i, c := range spoilt {
		if a := answers[len(asked)+i]; a.Error == "" {
			t.Errorf("%s is taken: %s", c.name, c.Compact)
		}
	}
	row := fmt.Sprintf("| %s | %s | %d of %d |", p.name, what, len(asked), len(cases))
	t.Log(row)
	if !newer {
		checkDocument(t, row)
	}
}

// choose leaves out what the program does not know. It reports whether the
// program is newer than the docs, and knows what they excuse.
func (p foreignProgram) choose(t *testing.T, cases []foreignCase) (chosen []foreignCase, newer bool) {
	t.Helper()
	known, left := p.knows(t), map[string]int{}
	for _, c := range cases {
		switch excused := p.cannot[c.Algorithm] != ""; {
		case excused && !slices.Contains(known, c.Algorithm):
			left[c.Algorithm]++
			continue
		case excused:
			newer = true
		}
		chosen = append(chosen, c)
	}
	for _, algorithm := range slices.Sorted(maps.Keys(left)) {
		t.Logf("%d not tried: no %s, %s", left[algorithm], algorithm, p.cannot[algorithm])
	}
	return chosen, newer
}

// spoiltOnes spoils one case of each algorithm.
func spoiltOnes(cases []foreignCase) []foreignCase {
	var list []foreignCase
	seen := map[string]bool{}
	for _, c := range cases {
		if !seen[c.Algorithm] {
			list = append(list, c.spoilt())
		}
		seen[c.Algorithm] = true
	}
	return list
}

// debianKnows asks the program itself.
func debianKnows(t *testing.T) []string {
	t.Helper()
	needDebian(t)
	out, err := exec.CommandContext(t.Context(), "jose", "alg").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.Fields(string(out))
}

func needDebian(t *testing.T) {
	t.Helper()
	_, err := exec.LookPath("jose")
	if err != nil {
		configstest.Missing(t, "there is no command jose: apt-get install jose")
	}
}

func askDebian(t *testing.T, cases []foreignCase) []foreignAnswer {
	t.Helper()
	needDebian(t)
	key := filepath.Join(t.TempDir(), "key.jwk")
	answers := make([]foreignAnswer, len(cases))
	for i, c := range cases {
		if err := os.WriteFile(key, c.Key, 0o600); err != nil {
			t.Fatal(err)
		}
		args := map[string][]string{
			"jws": {"jws", "ver", "-i", "-", "-k", key, "-O", "-"},
			"jwe": {"jwe", "dec", "-i", "-", "-k", key, "-O", "-"},
		}[c.Kind]
		cmd := exec.CommandContext(t.Context(), "jose", args...)
		var out, errs bytes.Buffer
		cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(c.Compact), &out, &errs
		if err := cmd.Run(); err != nil {
			answers[i].Error = fmt.Sprintf("%v: %s", err, errs.String())
			continue
		}
		answers[i].Content = out.String()
	}
	return answers
}

// askNode starts one process for all cases. EGRET_NODE_JOSE is the directory in
// which the npm package jose is installed.
func askNode(t *testing.T, cases []foreignCase) []foreignAnswer {
	t.Helper()
	directory := os.Getenv("EGRET_NODE_JOSE")
	if directory == "" {
		configstest.Missing(t, "EGRET_NODE_JOSE is not set to a directory in which npm install jose has run")
	}
	var in, out, errs bytes.Buffer
	for _, c := range cases {
		if err := json.NewEncoder(&in).Encode(c); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), "node", filepath.Join("testdata", "interop", "verify.mjs"), directory)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = &in, &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("node: %v\n%s", err, errs.String())
	}
	answers := make([]foreignAnswer, len(cases))
	lines := json.NewDecoder(&out)
	for i := range answers {
		if err := lines.Decode(&answers[i]); err != nil {
			t.Fatalf("answer %d of node: %v", i, err)
		}
	}
	return answers
}
