package tokens_test

import (
	"bytes"
	"crypto/ecdh"
	"crypto/ecdsa"
	"encoding/base64"
	"encoding/json"
	"testing"

	"github.com/go-jose/go-jose/v4"
	josecipher "github.com/go-jose/go-jose/v4/cipher"
	"github.com/tidwall/gjson"
)

// TestEncryptionVectors has the examples of RFC 7516 that egret's algorithms
// make: the reader with which egret's own tokens are tried reads them, and egret
// encrypts for their keys. Encryption is randomised, so there is nothing more to
// compare.
func TestEncryptionVectors(t *testing.T) {
	vectors := readVectors[struct {
		Name, Algorithm, Plaintext, Compact string
		Key                                 json.RawMessage
	}](t, "jwe")
	if len(vectors) != 1 {
		t.Errorf("%d vectors, want 1", len(vectors))
	}
	for _, v := range vectors {
		jwe, err := jose.ParseEncryptedCompact(v.Compact, []jose.KeyAlgorithm{jose.KeyAlgorithm(v.Algorithm)}, []jose.ContentEncryption{jose.A256GCM})
		if err != nil {
			t.Fatalf("%s: %v", v.Name, err)
		}
		if got, err := jwe.Decrypt(readJWK(t, v.Key).Key); err != nil || string(got) != v.Plaintext {
			t.Errorf("%s decrypts to %q, %v, want %q: the vector is wrong", v.Name, got, err, v.Plaintext)
		}
		if err := checkEncryption(t, v.Algorithm, v.Key); err != nil {
			t.Errorf("%s: %v, want a token for its key", v.Name, err)
		}
	}
}

// TestAgreementVectors has RFC 7518 appendix C: the derived key comes out of the
// function that encrypts, and egret encrypts for Bob. X25519, which RFC 8037
// appendix A.6 has, is refused.
func TestAgreementVectors(t *testing.T) {
	vectors := readVectors[json.RawMessage](t, "agreements")
	if len(vectors) != 2 {
		t.Fatalf("%d vectors, want 2", len(vectors))
	}
	v := gjson.ParseBytes(vectors[0])
	bob, alice := json.RawMessage(v.Get("key").Raw), readJWK(t, []byte(v.Get("ephemeral").Raw)).Key.(*ecdsa.PrivateKey)
	got := josecipher.DeriveECDHES(v.Get("algorithm").Str, unsegment(t, v.Get("apu")), unsegment(t, v.Get("apv")), alice,
		readJWK(t, bob).Public().Key.(*ecdsa.PublicKey), int(v.Get("size").Int()))
	if want := unsegment(t, v.Get("derived")); !bytes.Equal(got, want) {
		t.Errorf("derived %x, want %x", got, want)
	}
	if err := checkEncryption(t, "ECDH-ES", bob); err != nil {
		t.Errorf("%v, want a token for Bob", err)
	}

	v = gjson.ParseBytes(vectors[1])
	ephemeral, err := ecdh.X25519().NewPrivateKey(unsegment(t, v.Get("ephemeral.d")))
	if err != nil {
		t.Fatal(err)
	}
	public, err := ecdh.X25519().NewPublicKey(unsegment(t, v.Get("key.x")))
	if err != nil {
		t.Fatal(err)
	}
	if shared, err := ephemeral.ECDH(public); err != nil || !bytes.Equal(shared, unsegment(t, v.Get("shared"))) {
		t.Errorf("shared %x, %v, want %s", shared, err, v.Get("shared"))
	}
	const want = "encrypt.key: this is an X25519 key, ECDH-ES needs EC on P-256, P-384 or P-521"
	if err := checkEncryptionFor(t, "ECDH-ES", v.Get("key").Raw, nil); sentenceOf(err) != want {
		t.Errorf("an X25519 key: %v, want %s", err, want)
	}
}

func unsegment(t *testing.T, v gjson.Result) []byte {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(v.Str)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
