package tokens_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/tokens"
)

// FuzzRingFile: whatever stands in a file of keys, it is refused in words that
// hold nothing of it, or it is understood, and written again as it was read.
func FuzzRingFile(f *testing.F) {
	name := tokens.RingName{TokenID: "partner", Algorithm: "EdDSA"}
	dir := f.TempDir()
	_, token := newRing(f, must(tokens.New(generated("EdDSA", configs.JWK{}), time.Minute)), tokens.KeyringOptions{Dir: dir})
	must(token.Make(f.Context(), time.Now()))
	good := must(os.ReadFile(filepath.Join(dir, "partner.EdDSA", "1.json")))
	f.Add(good)
	f.Add(bytes.Replace(good, []byte(`"keys": [`), []byte(`"keys": [{},`), 1))
	f.Add(bytes.Replace(good, []byte(`"OKP"`), []byte(`"EC"`), 1))
	f.Add([]byte(`{"format":1,"token_id":"partner","algorithm":"EdDSA","hold":"5m0s","keys":[]}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, text []byte) {
		now := time.Now()
		once, err := tokens.DecodeRing(name, text, now)
		if err != nil {
			if strings.Contains(err.Error(), "\n") || len(err.Error()) > 200 {
				t.Errorf("the error quotes the file: %q", err)
			}
			return
		}
		twice, err := tokens.DecodeRing(name, once, now)
		if err != nil {
			t.Fatalf("what was written cannot be read: %v\n%s", err, once)
		}
		if !bytes.Equal(once, twice) {
			t.Errorf("written again it is\n%s\nwant\n%s", twice, once)
		}
	})
}
