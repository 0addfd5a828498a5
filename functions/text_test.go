package functions_test

import (
	"strings"
	"testing"
)

// replaceOnce changes a text that a test knows to have old in it.
func replaceOnce(t testing.TB, s, old, with string) string {
	t.Helper()
	if !strings.Contains(s, old) {
		t.Fatalf("%q is not in the text", old)
	}
	return strings.Replace(s, old, with, 1)
}

func contains(t testing.TB, s, part string) {
	t.Helper()
	if !strings.Contains(s, part) {
		t.Errorf("got %q, want %q in it", s, part)
	}
}

func containsText(s, part string) bool {
	return strings.Contains(strings.ToLower(s), strings.ToLower(part))
}
