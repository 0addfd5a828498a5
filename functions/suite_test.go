package functions_test

import (
	"os"
	"path/filepath"
	"testing"
)

// suite finds a public test suite, which is not part of egret: in the directory
// that the variable names, else in shared/data beside the checkout. Without it
// the test skips, but in CI it fails: who does without it there says so, with
// the variable set to none.
func suite(t *testing.T, variable, folder string) string {
	t.Helper()
	switch directory := os.Getenv(variable); directory {
	case "":
	case "none":
		t.Skipf("%s says that there is no suite", variable)
	default:
		return directory
	}
	directory := filepath.Join("..", "..", "shared", "data", filepath.FromSlash(folder))
	if _, err := os.Stat(directory); err != nil {
		missing := t.Skipf
		if os.Getenv("CI") == "true" {
			missing = t.Fatalf
		}
		missing("%s is not set, and there is no %s", variable, directory)
	}
	return directory
}
