package tokens

import (
	"encoding/pem"
	"errors"
	"path/filepath"
	"testing"
)

// FuzzPBES2 gives any bytes as an encrypted key: there is no panic, and the
// error is one of those that have a sentence.
func FuzzPBES2(f *testing.F) {
	names, err := filepath.Glob("testdata/keys/*.pem")
	if err != nil || len(names) == 0 {
		f.Fatalf("no keys: %v", err)
	}
	for _, name := range names {
		block, _ := pem.Decode(deliveredFile(f, filepath.Base(name)))
		f.Add(block.Bytes)
	}
	f.Fuzz(func(t *testing.T, der []byte) {
		var e encryptedKey
		if !unmarshal(der, &e) {
			return
		}
		_, err := decryptPBES2(e.Algorithm.Parameters.FullBytes, "correct-horse", e.Data, &work{30_000})
		for _, known := range []error{nil, errPassword, errWork, errScheme, errMalformed} {
			if errors.Is(err, known) {
				return
			}
		}
		t.Errorf("error %v has no sentence", err)
	})
}
