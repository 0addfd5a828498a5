package tokens_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/egret-proxy/egret/tokens"
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

// wycheproofGroup is one group of a file of project Wycheproof with JWS.
type wycheproofGroup struct {
	Comment string
	Private json.RawMessage
	Public  json.RawMessage
	Tests   []struct {
		ID      int `json:"tcId"`
		Comment string
		JWS     string
		Result  string
	}
}

// keys gives the keys of a group as a JWK Set. Some groups have one JWK, and
// those with secrets have no public half.
func (g *wycheproofGroup) keys() []byte {
	raw := g.Public
	if len(raw) == 0 {
		raw = g.Private
	}
	var set struct{ Keys json.RawMessage }
	if json.Unmarshal(raw, &set) == nil && len(set.Keys) > 0 {
		return raw
	}
	return []byte(`{"keys":[` + string(raw) + `]}`)
}

// wycheproofMisses are the vectors that egret decides otherwise, each with its
// reason, by file and number.
var wycheproofMisses = map[string]string{}

// TestWycheproof has the vectors for signatures and JWKs. What egret decides
// otherwise is listed, and the list has nothing that it does not need.
func TestWycheproof(t *testing.T) {
	directory := suite(t, "EGRET_WYCHEPROOF", "wycheproof/testvectors_v1")
	for _, file := range []string{"json_web_signature_test.json", "json_web_key_test.json"} {
		t.Run(file, func(t *testing.T) {
			raw, err := os.ReadFile(filepath.Join(directory, file))
			if err != nil {
				t.Fatal(err)
			}
			var vectors struct{ TestGroups []wycheproofGroup }
			if err := json.Unmarshal(raw, &vectors); err != nil {
				t.Fatal(err)
			}
			all, missed := 0, 0
			for _, g := range vectors.TestGroups {
				for _, v := range g.Tests {
					all++
					id := fmt.Sprintf("%s %d", file, v.ID)
					_, err := tokens.VerifySignature(g.keys(), v.JWS)
					agrees := (err == nil) == (v.Result == "valid")
					_, known := wycheproofMisses[id]
					if !agrees {
						missed++
					}
					if agrees == known {
						t.Errorf("%s (%s, %s): want %s, got error %v; listed as a miss: %t", id, g.Comment, v.Comment, v.Result, err, known)
					}
				}
			}
			t.Logf("%d of %d vectors decided as %s says", all-missed, all, file)
		})
	}
}
