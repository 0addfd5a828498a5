package configstest

import (
	"os"
	"path/filepath"
	"testing"
)

// Suite finds a public test suite, which is not part of egret: in the directory
// that the variable names, else in shared/data beside the checkout. The tests of
// a package right below the checkout may ask for it.
func Suite(t testing.TB, variable, folder string) string {
	t.Helper()
	if directory := os.Getenv(variable); directory != "" {
		return directory
	}
	directory := filepath.Join("..", "..", "shared", "data", filepath.FromSlash(folder))
	if _, err := os.Stat(directory); err != nil {
		Missing(t, "%s is not set, and there is no %s", variable, directory)
	}
	return directory
}
