package intercept_test

import (
	"testing"

	"go.uber.org/goleak"
)

// TestMain sees that the tests leave no goroutine behind.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
