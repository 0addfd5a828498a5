// Package configstest is about what tests need beside egret itself. Tests alone
// import it.
package configstest

import (
	"os"
	"testing"
)

// Missing ends a test that needs something which this machine lacks: it skips,
// and in CI, where nothing may be missing, it fails.
func Missing(t testing.TB, format string, args ...any) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf(format, args...)
	}
	t.Skipf(format, args...)
}
