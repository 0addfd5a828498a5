package functions_test

import (
	"os"
	"path/filepath"
	"testing"
)

// suite finds a public test suite, which is not part of egret: in the directory
// that the variable names, else in shared/data beside the checkout. Without it
// the test skips.
func suite(t *testing.T, variable, folder string) string {
	t.Helper()
	if directory := os.Getenv(variable); directory != "" {
		return directory
	}
	directory := filepath.Join("..", "..", "shared", "data", filepath.FromSlash(folder))
	if _, err := os.Stat(directory); err != nil {
		t.Skipf("%s is not set, and there is no %s", variable, directory)
	}
	return directory
}
