package tokens_test

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/pbkdf2"
	"crypto/sha1"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"regexp"
	"strings"
	"testing"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/tokens"
)

// builtIn is the passphrase of a Liberty in which none is set.
const builtIn = "${wlp.password.encryption.key}"

// aesOf encodes a text as Liberty does, with a seed of 20 bytes.
func aesOf(version byte, passphrase, text string) string {
	block := append([]byte{20}, []byte("seed seed seed seed "+text)...)
	if version == 0 {
		key := libertyKey(sha1.New, passphrase, "a7a283394c5ab34f32150a9e2f171138c32e7d80", 84756, 16)
		n := aes.BlockSize - len(block)%aes.BlockSize
		block = append(block, []byte(strings.Repeat(string(rune(n)), n))...)
		cipher.NewCBCEncrypter(must(aes.NewCipher(key)), key).CryptBlocks(block, block)
		return "{aes}" + base64.StdEncoding.EncodeToString(append([]byte{0}, block...))
	}
	key := libertyKey(sha512.New, passphrase, saltOfVersion1, 210000, 32)
	iv := []byte("twelve bytes")
	sealed := must(cipher.NewGCM(must(aes.NewCipher(key)))).Seal(nil, iv, block, nil)
	return "{aes}" + base64.StdEncoding.EncodeToString(append(append([]byte{version, byte(len(iv))}, iv...), sealed...))
}

const saltOfVersion1 = "a7c1160f870b664ba544a2a76053ebbbd31d1a6aee453cfa6c496f7a29edb2b1e46639f64230366f235c3b87240f0ec1d56b3fee572bc74a006b89fef9f9d2a1" +
	"d424f65689b08e0a55181887e23f3b3134b4866cac1004d93a4b09e77e7fa07ac2a247f89bdf39d4a3564c8d718468d887f75679d0c7b3c649070c0418afc06b"

func libertyKey(newHash func() hash.Hash, passphrase, salt string, rounds, size int) []byte {
	return must(pbkdf2.Key(newHash, passphrase, must(hex.DecodeString(salt)), rounds, size))
}

func sharedToken(text, passphrase string) configs.Token {
	cfg := configs.Token{Algorithm: "HS256", SharedKey: configs.NewSecret(text)}
	if passphrase != "" {
		cfg.KeyPassphrase = configs.NewSecret(passphrase)
	}
	return cfg
}

// TestSharedKey signs with the secret that Liberty would sign with.
func TestSharedKey(t *testing.T) {
	const secret = "Zürich, €uro: a secret of more than 32 bytes"
	for name, c := range map[string]struct{ text, passphrase, secret string }{
		"plain":                      {secret, "", secret},
		"plain with a brace":         {`{"a":"` + text64, "", `{"a":"` + text64},
		"empty tag":                  {"{}{xor}" + text64, "", "{xor}" + text64},
		"xor":                        {xorOf(secret), "", secret},
		"xor in capitals":            {"{XOR}" + xorOf(secret)[5:] + "\n", "", secret},
		"xor as the documents have":  {"{xor}LDo8LTor", "", "secret"},
		"aes 0":                      {aesOf(0, "open sesame", secret), "open sesame", secret},
		"aes 1":                      {aesOf(1, "öpen sesame", secret), "öpen sesame", secret},
		"aes 0, built-in passphrase": {aesOf(0, builtIn, secret), "", secret},
		"aes 1, built-in passphrase": {aesOf(1, builtIn, secret), "", secret},
	} {
		t.Run(name, func(t *testing.T) {
			checkSigns(t, newToken(t, sharedToken(c.text, c.passphrase), ttl), "HS256", []byte(c.secret))
		})
	}
}

func xorOf(text string) string {
	b := []byte(text)
	for i := range b {
		b[i] ^= 0x5f
	}
	return "{xor}" + base64.StdEncoding.EncodeToString(b)
}

func TestSharedKeyRefusals(t *testing.T) {
	cut := func(text string, n int) string { return text[:len(text)-n] }
	for _, c := range []struct{ name, text, passphrase, want string }{
		{"hash", "{hash}ATAAAAAE", "", "shared_key: shared_key is a {hash}, which nobody can turn back (write the text itself, or its {xor} or {aes})"},
		{"aes-128", "{aes-128}AAAA", "", "shared_key: shared_key is encoded in an unknown way ({xor} and {aes} are known; a text of one's own that begins so gets {} before it)"},
		{"custom", "{custom:key1}AAAA", "", "shared_key: shared_key is encoded in an unknown way"},
		{"xor, no base64", "{xor}!", "", "shared_key: what follows {xor} is not base64"},
		{"xor of nothing", "{xor}", "", "shared_key: secret is empty"},
		{"aes, no base64", "{aes}!", "", "shared_key: what follows {aes} is not base64"},
		{"aes of nothing", "{aes}", "", "shared_key: {aes} is of an unknown version"},
		{"aes 2", "{aes}AgAA", "", "shared_key: {aes} is of an unknown version (versions 0 and 1 are known; encode the text again with the securityUtility's --passwordKey)"},
		{"aes 0, another passphrase", aesOf(0, "a", text64), "b", "shared_key: key_passphrase does not open the {aes} of shared_key"},
		{"aes 1, another passphrase", aesOf(1, "a", text64), "b", "shared_key: key_passphrase does not open the {aes} of shared_key"},
		{"aes 1, no passphrase", aesOf(1, "a", text64), "", "shared_key: Liberty's own passphrase does not open the {aes} of shared_key (write the value of wlp.password.encryption.key as key_passphrase)"},
		{"aes 0, cut off", cut(aesOf(0, "a", text64), 4), "a", "shared_key: key_passphrase does not open the {aes} of shared_key"},
		{"aes 1, cut off", cut(aesOf(1, "a", text64), 4), "a", "shared_key: key_passphrase does not open the {aes} of shared_key"},
		{"aes 1, no more than its IV", "{aes}AQwAAAAA", "a", "shared_key: key_passphrase does not open the {aes} of shared_key"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := tokens.New(sharedToken(c.text, c.passphrase), ttl)
			e := firstError(t, err)
			if got := withHint(e); got != c.want && e.Error() != c.want {
				t.Errorf("New = %s\nwant  %s", got, c.want)
			}
		})
	}
	cfg := sharedToken(text64, "")
	cfg.Algorithm = "RS256"
	_, err := tokens.New(cfg, ttl)
	if got, want := firstError(t, err).Error(), "shared_key: shared_key does not fit algorithm RS256"; got != want {
		t.Errorf("with RS256: %s, want %s", got, want)
	}
}

// TestSharedKeyWarnings: what is said of a secret is said of this field.
func TestSharedKeyWarnings(t *testing.T) {
	token := newToken(t, sharedToken(xorOf("short \n"), ""), ttl)
	var got []string
	for _, w := range token.Warnings() {
		got = append(got, w.Error())
	}
	want := "shared_key: secret is 7 bytes, HS256 should have at least 32; shared_key: shared_key begins or ends with white space"
	if joined := strings.Join(got, "; "); joined != want {
		t.Errorf("warnings %s, want %s", joined, want)
	}
}

// TestSharedPassphrase opens many secrets with one passphrase in the time of
// one: the key of the passphrase is made once for all.
func TestSharedPassphrase(t *testing.T) {
	stores, errs := tokens.OpenStores(&configs.Config{})
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	text := aesOf(1, "a", text64)
	if n := tokens.Derivations(stores, func() {
		for range 50 {
			if _, err := stores.New(sharedToken(text, "a"), ttl); err != nil {
				t.Fatal(err)
			}
		}
	}); n != 1 {
		t.Errorf("%d keys were made, want 1", n)
	}
}

var libertySentences = regexp.MustCompile(`^(shared_key: (` + strings.Join([]string{
	`secret is empty`,
	`shared_key is a \{hash\}, which nobody can turn back`,
	`shared_key is encoded in an unknown way`,
	`what follows \{(xor|aes)\} is not base64`,
	`\{aes\} is of an unknown version`,
	`key_passphrase does not open the \{aes\} of shared_key`,
}, "|") + `))$`)

// FuzzShared gives any text as a shared key: there is no panic, the error is one
// of the sentences, and a secret that is taken signs.
func FuzzShared(f *testing.F) {
	for _, text := range []string{text64, "{}x", "{xor}LDo8LTor", "{hash}AAAA", aesOf(0, "a", "x"), aesOf(1, "a", text64), "{aes}AQwAAAAA", "{aes}AQ==", "{aes}Ag=="} {
		f.Add(text)
	}
	stores, _ := tokens.OpenStores(&configs.Config{})
	f.Fuzz(func(t *testing.T, text string) {
		token, err := stores.New(sharedToken(text, "a"), ttl)
		switch {
		case text == "":
		case err == nil:
			makeValue(t, token, noon)
		case !libertySentences.MatchString(err.Error()):
			t.Errorf("%q is none of the sentences", err)
		}
	})
}
