package tokens_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"github.com/egret-proxy/egret/configs/configstest"
	"github.com/egret-proxy/egret/tokens"
)

// wycheproofKeys are the keys of the vectors for decryption, by the "alg" that
// each has, with what egret says to them as recipients. egret encrypts and never
// decrypts, so of a vector it is the key that can be tried.
var wycheproofKeys = map[string]string{
	"RSA-OAEP":       "",
	"RSA-OAEP-256":   "",
	"ECDH-ES":        "",
	"ECDH-ES+A128KW": "encrypt.key: the alg of the JWK is not ECDH-ES",
	"ECDH-ES+A192KW": "encrypt.key: the alg of the JWK is not ECDH-ES",
	"ECDH-ES+A256KW": "encrypt.key: the alg of the JWK is not ECDH-ES",
	"RSA1_5":         "encrypt.key: the alg of the JWK is not RSA-OAEP",
	"A128KW":         secretRecipient,
	"A192KW":         secretRecipient,
	"A256KW":         secretRecipient,
	"A128GCM":        secretRecipient,
	"A128GCMKW":      secretRecipient,
	"A192GCMKW":      secretRecipient,
	"A256GCMKW":      secretRecipient,
}

const secretRecipient = "encrypt.key: this is a secret, RSA-OAEP needs RSA"

// A foreignGroup is a group of vectors for JWS or JWE. A few of them are
// objects, in the JSON serialization.
type foreignGroup struct {
	wycheproofGroup

	Tests []struct {
		ID       int `json:"tcId"`
		Comment  string
		JWS, JWE json.RawMessage
		Result   string
	}
}

// TestWycheproofEncryption encrypts for each key of the vectors for decryption,
// or is refused with the sentence about that key.
func TestWycheproofEncryption(t *testing.T) {
	directory := configstest.Suite(t, "EGRET_WYCHEPROOF", "wycheproof/testvectors_v1")
	fit, all, vectors := 0, 0, 0
	for _, file := range []string{"json_web_encryption_test.json", "json_web_crypto_test.json"} {
		groups := readJSON[struct{ TestGroups []foreignGroup }](t, filepath.Join(directory, file)).TestGroups
		for _, g := range groups {
			if g.Tests[0].JWE == nil {
				continue
			}
			vectors += len(g.Tests)
			all++
			algorithm := readJWK(t, g.Private).Algorithm
			want, known := wycheproofKeys[algorithm]
			if !known {
				t.Errorf("%s %s: no key for %q is in the table", file, g.Comment, algorithm)
			}
			if err := checkEncryption(t, nearest(t, algorithm, g.Private), g.Private); sentenceOf(err) != want {
				t.Errorf("%s %s: a key for %s: %v, want %q", file, g.Comment, algorithm, err, want)
			} else if err == nil {
				fit++
			}
		}
	}
	sentence := fmt.Sprintf("Wycheproof has %d keys for its %d vectors of JWE: egret encrypts for %d of them and refuses %d.", all, vectors, fit, all-fit)
	t.Log(sentence)
	checkDocument(t, sentence)
}

// nearest gives the key management to try with a key for an algorithm that egret
// may not have.
func nearest(t *testing.T, algorithm string, key json.RawMessage) string {
	t.Helper()
	near := keyManagements[0].algorithm
	for _, m := range slices.Backward(keyManagements) {
		if m.algorithm == algorithm {
			return algorithm
		}
		if slices.Contains(m.kinds, kindName(readJWK(t, key).Key)) {
			near = m.algorithm
		}
	}
	return near
}

// wycheproofCryptoMisses are the vectors for signatures among those for keys of
// several kinds that egret decides otherwise, by number, each with its reason.
var wycheproofCryptoMisses = map[int]string{
	46: "the RSA key comes from a weak generator (CVE-2017-15361), which egret does not look for",
}

// TestWycheproofCrypto has the vectors of signatures beside those of encryption.
func TestWycheproofCrypto(t *testing.T) {
	directory := configstest.Suite(t, "EGRET_WYCHEPROOF", "wycheproof/testvectors_v1")
	groups := readJSON[struct{ TestGroups []foreignGroup }](t, filepath.Join(directory, "json_web_crypto_test.json")).TestGroups
	all, missed := 0, 0
	for _, g := range groups {
		for _, v := range g.Tests {
			if v.JWS == nil {
				continue
			}
			all++
			var compact string
			if json.Unmarshal(v.JWS, &compact) != nil {
				compact = string(v.JWS)
			}
			_, err := tokens.VerifySignature(g.keys(), compact)
			reason, known := wycheproofCryptoMisses[v.ID]
			if known {
				missed++
			}
			if agrees := (err == nil) == (v.Result == "valid"); agrees == known {
				t.Errorf("%d (%s, %s): want %s, got error %v; listed as a miss: %q", v.ID, g.Comment, v.Comment, v.Result, err, reason)
			}
		}
	}
	checkDocument(t, fmt.Sprintf("| `json_web_crypto_test.json`, signatures | %d of %d |", all-missed, all))
}
