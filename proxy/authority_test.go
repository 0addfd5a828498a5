package proxy_test

import (
	"encoding/pem"
	"os"
	"path/filepath"
	"testing"

	"github.com/egret-proxy/egret/proxy/intercept"
	"github.com/egret-proxy/egret/proxy/proxytest"
)

// addAuthorityKey makes the key of an egret's certificate authority known as a
// secret: the key alone, for the certificate beside it is public. It makes the
// authority, unless egret has.
func addAuthorityKey(t testing.TB, e *proxytest.Egret) {
	t.Helper()
	state := filepath.Join(filepath.Dir(e.File), ".egret")
	if _, err := intercept.Load(state); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(state, intercept.KeyFile))
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(text)
	if block == nil || block.Type != "PRIVATE KEY" {
		t.Fatalf("%s does not begin with the private key", intercept.KeyFile)
	}
	e.Canary.Add(string(pem.EncodeToMemory(block)), string(block.Bytes))
}
