package tokens_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/egret-proxy/egret/configs/configstest"
	"github.com/egret-proxy/egret/tokens"
)

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
var wycheproofMisses = map[string]string{
	"json_web_signature_test.json 346": "the JWK beside this example of RFC 7520 is for PS256, the token says PS384",
	"json_web_signature_test.json 347": "the JWK beside this example of RFC 7520 is for ES521, which is no algorithm",
	"json_web_signature_test.json 350": "as 346",
	"json_web_signature_test.json 351": "as 347",
	"json_web_signature_test.json 367": "the file has lost the padding: the token is the good one of 357",
	"json_web_signature_test.json 370": "as 367",
	"json_web_signature_test.json 372": "? is no base64url: RFC 7515 section 2 permits no other characters",
	"json_web_signature_test.json 373": "as 372",
	"json_web_key_test.json 7":         "the RSA key comes from a weak generator (CVE-2017-15361), which egret does not look for",
}

// TestWycheproof has the vectors for signatures and JWKs. What egret decides
// otherwise is listed, and the list has nothing that it does not need.
func TestWycheproof(t *testing.T) {
	directory := configstest.Suite(t, "EGRET_WYCHEPROOF", "wycheproof/testvectors_v1")
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
			checkDocument(t, fmt.Sprintf("| `%s` | %d of %d |", file, all-missed, all))
		})
	}
}
