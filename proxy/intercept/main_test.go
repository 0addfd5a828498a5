package intercept_test

import (
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"

	"github.com/egret-proxy/egret/proxy/intercept"
)

// TestMain sees that the tests leave no goroutine behind.
func TestMain(m *testing.M) {
	if dir := os.Getenv(loadDir); dir != "" {
		loadInProcess(dir)
		return
	}
	goleak.VerifyTestMain(m)
}

// loadInProcess is all that the test program does with loadDir.
func loadInProcess(dir string) {
	a, err := intercept.Load(dir)
	if err != nil {
		panic(err)
	}
	fmt.Printf("%s", a.PEM())
}
