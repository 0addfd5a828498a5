package tokens_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/configs/configstest"
)

// cookbook has what egret does with each file of the JOSE cookbook, RFC 7520 and
// its neighbours.
var cookbook = []struct {
	file string
	does cookbookUse
	says string // the sentence about what is refused, or why the file is left out
}{
	{"jws/4_1.rsa_v15_signature.json", cookSigned, ""},
	{"jws/4_2.rsa-pss_signature.json", cookSigned, ""},
	{"jws/4_3.ecdsa_signature.json", cookSigned, ""},
	{"jws/4_4.hmac-sha2_integrity_protection.json", cookSigned, ""},
	{"jws/4_5.signature_with_detached_content.json", cookSigned, ""}, // the same signature, with its content
	{"jws/4_6.protecting_specific_header_fields.json", cookLeftOut, onlyJSON},
	{"jws/4_7.protecting_content_only.json", cookLeftOut, onlyJSON},
	{"jws/4_8.multiple_signatures.json", cookLeftOut, onlyJSON},
	{"curve25519/jws.json", cookSigned, ""},
	{"rfc7797/4.2.hmac-sha2_b64_false.json", cookLeftOut, b64False},
	{"rfc7797/hmac-sha2_b64_false.json", cookLeftOut, b64False},
	{"jwe/5_1.key_encryption_using_rsa_v15_and_aes-hmac-sha2.json", cookAlgorithmRefused, "RSA1_5"},
	{"jwe/5_2.key_encryption_using_rsa-oaep_with_aes-gcm.json", cookEncrypted, ""},
	{"jwe/5_3.key_wrap_using_pbes2-aes-keywrap_with-aes-cbc-hmac-sha2.json", cookAlgorithmRefused, "PBES2-HS512+A256KW"},
	{"jwe/5_4.key_agreement_with_key_wrapping_using_ecdh-es_and_aes-keywrap_with_aes-gcm.json", cookAlgorithmRefused, "ECDH-ES+A128KW"},
	{"jwe/5_5.key_agreement_using_ecdh-es_with_aes-cbc-hmac-sha2.json", cookEncrypted, ""}, // with A256GCM
	{"jwe/5_6.direct_encryption_using_aes-gcm.json", cookAlgorithmRefused, "dir"},
	{"jwe/5_7.key_wrap_using_aes-gcm_keywrap_with_aes-cbc-hmac-sha2.json", cookAlgorithmRefused, "A256GCMKW"},
	{"jwe/5_8.key_wrap_using_aes-keywrap_with_aes-gcm.json", cookAlgorithmRefused, "A128KW"},
	{"jwe/5_9.compressed_content.json", cookAlgorithmRefused, "A128KW"},
	{"jwe/5_10.including_additional_authentication_data.json", cookLeftOut, onlyJSON},
	{"jwe/5_11.protecting_specific_header_fields.json", cookLeftOut, onlyJSON},
	{"jwe/5_12.protecting_content_only.json", cookLeftOut, onlyJSON},
	{"jwe/5_13.encrypting_to_multiple_recipients.json", cookLeftOut, onlyJSON},
	{"curve25519/ecdh-es.json", cookKeyRefused, "encrypt.key: this is an X25519 key, ECDH-ES needs EC on P-256, P-384 or P-521"},
	{"6.nesting_signatures_and_encryption.json", cookNested, ""},
	{"jwk/3_1.ec_public_key.json", cookKeyRefused, publicJWK},
	{"jwk/3_2.ec_private_key.json", cookSigned, ""},
	{"jwk/3_3.rsa_public_key.json", cookKeyRefused, publicJWK},
	{"jwk/3_4.rsa_private_key.json", cookSigned, ""},
	{"jwk/3_5.symmetric_key_mac_computation.json", cookSigned, ""},
	{"jwk/3_6.symmetric_key_encryption.json", cookKeyRefused, "key: alg of the JWK is not HS256"},
}

// The reasons to leave an example out.
const (
	onlyJSON = "a JSON serialization, which no HTTP header carries: egret writes the compact one"
	b64False = "an unencoded payload (RFC 7797) is no JWT"
)

// A cookbookUse is what an example of the cookbook is good for.
type cookbookUse string

const (
	cookSigned           cookbookUse = "signed"
	cookEncrypted        cookbookUse = "encrypted for its key"
	cookNested           cookbookUse = "signed, and encrypted for its key"
	cookKeyRefused       cookbookUse = "key refused"
	cookAlgorithmRefused cookbookUse = "algorithm refused"
	cookLeftOut          cookbookUse = "left out"
)

// TestCookbook has the JOSE cookbook: what it signs egret signs, and to every
// other example there is a sentence.
func TestCookbook(t *testing.T) {
	directory := configstest.Suite(t, "EGRET_JOSE_COOKBOOK", "jose-cookbook")
	counts := map[cookbookUse]int{}
	known := map[string]bool{}
	for _, c := range cookbook {
		known[c.file] = true
		counts[c.does]++
		t.Run(c.file, func(t *testing.T) {
			text, err := os.ReadFile(filepath.Join(directory, filepath.FromSlash(c.file)))
			if err != nil {
				t.Fatal(err)
			}
			example := gjson.ParseBytes(text)
			if key := example.Get("kty"); key.Exists() {
				algorithm := map[string]string{"EC": "ES512", "RSA": "PS384", "oct": "HS256"}[key.Str]
				checkSigningJWK(t, algorithm, text, c.says, "")
				return
			}
			switch c.does {
			case cookSigned:
				checkSignatureVector(t, cookbookSignature(t, example))
			case cookEncrypted:
				cookbookEncryption(t, example)
			case cookNested:
				checkSignatureVector(t, cookbookSignature(t, example.Get("sign")))
				cookbookEncryption(t, example.Get("encrypt"))
			case cookKeyRefused:
				if err := checkEncryptionFor(t, example.Get("input.alg").Str, example.Get("input.key").Raw, nil); sentenceOf(err) != c.says {
					t.Errorf("%v, want %s", err, c.says)
				}
			case cookAlgorithmRefused:
				_, err := encryptedFor(t, nil, configs.Encrypt{Algorithm: c.says, Key: configs.NewSecret(example.Get("input.key").Raw)})
				if want := "encrypt.algorithm: unknown algorithm"; c.says != example.Get("input.alg").Str || sentenceOf(err) != want {
					t.Errorf("%s: %v, want %s", example.Get("input.alg"), err, want)
				}
			case cookLeftOut:
				if example.Get("output.compact").Exists() && c.says == onlyJSON {
					t.Error("there is a compact serialization: it can be tried")
				}
			}
		})
	}
	for _, file := range jsonFiles(t, directory) {
		if !known[file] {
			t.Errorf("%s is not in the table", file)
		}
	}
	sentence := fmt.Sprintf("The cookbook has %d examples: %d are signed, %d are encrypted for their key, %d are both, of %d the key and of %d the algorithm is refused, %d are left out.",
		len(cookbook), counts[cookSigned], counts[cookEncrypted], counts[cookNested], counts[cookKeyRefused], counts[cookAlgorithmRefused], counts[cookLeftOut])
	t.Log(sentence)
	checkDocument(t, sentence)
}

func cookbookSignature(t *testing.T, example gjson.Result) jwsVector {
	t.Helper()
	signing := example.Get("signing")
	header, err := base64.RawURLEncoding.DecodeString(signing.Get("protected_b64u").Str)
	if err != nil {
		t.Fatal(err)
	}
	return jwsVector{
		Algorithm: example.Get("input.alg").Str,
		Header:    string(header),
		Payload:   example.Get("input.payload").Str,
		Compact:   fmt.Sprintf("%s.%s", signing.Get("sig-input").Str, signing.Get("sig").Str),
		Key:       json.RawMessage(example.Get("input.key").Raw),
	}
}

// cookbookEncryption encrypts for the key of an example. Those of the cookbook
// are randomised and of other content encryptions, so nothing is compared but
// what comes out again.
func cookbookEncryption(t *testing.T, example gjson.Result) {
	t.Helper()
	if err := checkEncryption(t, example.Get("input.alg").Str, json.RawMessage(example.Get("input.key").Raw)); err != nil {
		t.Errorf("%v, want a token", err)
	}
}

// jsonFiles lists the JSON files below a directory by their paths in it.
func jsonFiles(t *testing.T, directory string) []string {
	t.Helper()
	var files []string
	err := fs.WalkDir(os.DirFS(directory), ".", func(path string, _ fs.DirEntry, err error) error {
		if filepath.Ext(path) == ".json" {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
