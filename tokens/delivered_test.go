package tokens_test

import (
	"crypto"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	pkcs8lib "github.com/youmark/pkcs8"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/tokens"
)

// passphrase opens all that is in testdata/keys, but for what its README names.
const passphrase = "correct-horse"

// delivered gives a key or store that another program wrote.
func delivered(name string) []byte {
	return must(os.ReadFile(filepath.Join("testdata", "keys", name)))
}

// deliveredPublic is the public half of the key in nearly all of those files.
func deliveredPublic() crypto.PublicKey {
	block, _ := pem.Decode(delivered("p256.pub"))
	return must(x509.ParsePKIXPublicKey(block.Bytes))
}

// checkSigns wants a Token to sign with the key of a public one.
func checkSigns(t *testing.T, token *tokens.Token, algorithm string, public crypto.PublicKey) {
	t.Helper()
	signed, sig := split(t, makeValue(t, token, noon))
	for _, p := range pairings() {
		if p.public = public; p.algorithm == algorithm && !verify(p, signed, sig) {
			t.Error("the key is another one")
		}
	}
}

// withHint gives an error as a person sees it.
func withHint(e *tokens.Error) string {
	if e.Hint == "" {
		return e.Error()
	}
	return e.Error() + " (" + e.Hint + ")"
}

func firstError(t *testing.T, err error) *tokens.Error {
	t.Helper()
	var e *tokens.Error
	if !errors.As(err, &e) {
		t.Fatalf("got %v, want a tokens.Error", err)
	}
	return e
}

// TestDeliveredKeys reads one key in every form that OpenSSL gives it.
func TestDeliveredKeys(t *testing.T) {
	for _, name := range []string{
		"p256.pem", "ec-parameters.pem", "scrypt.pem", "scrypt.der",
		"pbes2-aes-128-cbc.pem", "pbes2-aes-192-cbc.pem", "pbes2-aes-256-cbc.pem", "pbes2-des3.pem",
		"pbes2-SHA1.pem", "pbes2-SHA224.pem", "pbes2-SHA256.pem", "pbes2-SHA384.pem", "pbes2-SHA512.pem",
	} {
		t.Run(name, func(t *testing.T) {
			cfg := configs.Token{Algorithm: "ES256", KeyType: "EcPem", Key: configs.NewSecret(string(delivered(name)))}
			open := name == "p256.pem" || name == "ec-parameters.pem"
			if !open {
				cfg.KeyPassphrase = configs.NewSecret(passphrase)
			}
			if filepath.Ext(name) == ".der" {
				cfg.KeyType = "EcDer"
			}
			token := newToken(t, cfg, ttl)
			checkSigns(t, token, "ES256", deliveredPublic())
			if w := token.Warnings(); len(w) > 0 {
				t.Errorf("Warnings = %v, want none", w)
			}
			if open {
				return
			}
			cfg.KeyPassphrase = configs.NewSecret(passphrase + "x")
			_, err := tokens.New(cfg, ttl)
			if got, want := withHint(firstError(t, err)), "key_passphrase: key_passphrase does not open the key"; got != want {
				t.Errorf("with another passphrase: %s, want %s", got, want)
			}
			cfg.KeyPassphrase = configs.Secret{}
			_, err = tokens.New(cfg, ttl)
			if got, want := firstError(t, err).Error(), "key: the key is encrypted, key_passphrase is missing"; got != want {
				t.Errorf("without a passphrase: %s, want %s", got, want)
			}
		})
	}
}

// TestEncryptedByLibrary opens what another implementation of PBES2 encrypts,
// with keys of all families, on one line and in DER too.
func TestEncryptedByLibrary(t *testing.T) {
	for _, c := range []struct {
		algorithm, family string
		key               any
		public            crypto.PublicKey
	}{
		{"PS256", "Rsa", rsa2048(), rsa2048().Public()},
		{"ES512", "Ec", p521(), p521().Public()},
		{"EdDSA", "Ed", ed(), ed().Public()},
	} {
		der := must(pkcs8lib.MarshalPrivateKey(c.key, []byte("pass wörd"), &pkcs8lib.Opts{
			Cipher: pkcs8lib.AES192CBC, KDFOpts: pkcs8lib.ScryptOpts{SaltSize: 16, CostParameter: 1 << 10, BlockSize: 8, ParallelizationParameter: 2},
		}))
		text := armour("ENCRYPTED PRIVATE KEY", der)
		for keyType, key := range map[string]string{
			"Pem": text, "Pem on one line": escaped(text), "Der": b64(der), "Der as it is": string(der),
		} {
			t.Run(c.algorithm+" "+keyType, func(t *testing.T) {
				checkSigns(t, newToken(t, configs.Token{
					Algorithm: c.algorithm, KeyType: c.family + keyType[:3],
					Key: configs.NewSecret(key), KeyPassphrase: configs.NewSecret("pass wörd"),
				}, ttl), c.algorithm, c.public)
			})
		}
	}
}

func TestEncryptedRefusals(t *testing.T) {
	const convert = " (convert a copy with openssl pkcs8 -topk8 -v2 aes-256-cbc -in KEY -out COPY)"
	for _, c := range []struct{ name, key, want string }{
		{"PBES1", string(delivered("pbes1.pem")), "key: the key is encrypted in an outdated way" + convert},
		{"RFC 1421", string(delivered("proc-type.pem")), "key: the key is encrypted in an outdated way" + convert},
		{"AES-GCM", armour("ENCRYPTED PRIVATE KEY", must(pkcs8lib.MarshalPrivateKey(ed(), []byte(passphrase), &pkcs8lib.Opts{
			Cipher: pkcs8lib.AES128GCM, KDFOpts: pkcs8lib.PBKDF2Opts{SaltSize: 8, IterationCount: 1, HMACHash: crypto.SHA256},
		}))), "key: the key is encrypted in a way that is not supported" + convert},
		{"too many rounds", string(delivered("six-million.pem")), "key: the key asks for too much work to open it (convert a copy with openssl pkcs8 -topk8 -v2 aes-256-cbc -in KEY -out COPY, which asks for 2048 rounds; at most 5000000 are taken)"},
		{"too much memory", costly(t, 1<<18, 8, 1), "key: the key asks for too much work to open it"},
		{"too much of both", costly(t, 1<<22, 1<<22, 1<<22), "key: the key asks for too much work to open it"},
		{"no rounds", costly(t, 0, 8, 1), "key: key is broken or cut off"},
		{"rounds below none", costly(t, -1<<40, 8, 1), "key: key is broken or cut off"},
		{"no parameters", armour("ENCRYPTED PRIVATE KEY", encrypted()), "key: key is broken or cut off"},
	} {
		t.Run(c.name, func(t *testing.T) {
			began := time.Now()
			_, err := tokens.New(configs.Token{
				Algorithm: "ES256", KeyType: "EcPem", Key: configs.NewSecret(c.key), KeyPassphrase: configs.NewSecret(passphrase),
			}, ttl)
			e := firstError(t, err)
			if got := withHint(e); got != c.want && e.Error() != c.want {
				t.Errorf("New = %s\nwant  %s", got, c.want)
			}
			if took := time.Since(began); took > 5*time.Second {
				t.Errorf("it was refused after %s", took)
			}
		})
	}
}

// costly is a key that scrypt is asked to open with parameters of its own.
func costly(t *testing.T, n, r, p int) string {
	t.Helper()
	type algorithm struct {
		OID        asn1.ObjectIdentifier
		Parameters any
	}
	der, err := asn1.Marshal(struct {
		Algorithm algorithm
		Data      []byte
	}{
		algorithm{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 13}, struct{ KDF, Scheme algorithm }{
			algorithm{asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 11591, 4, 11}, struct {
				Salt    []byte
				N, R, P int
			}{[]byte("salt"), n, r, p}},
			algorithm{asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 1, 42}, make([]byte, 16)},
		}},
		make([]byte, 16),
	})
	if err != nil {
		t.Fatal(err)
	}
	return armour("ENCRYPTED PRIVATE KEY", der)
}

// TestPassphraseNotNeeded: the key works, but is not as safe as it looks.
func TestPassphraseNotNeeded(t *testing.T) {
	for keyType, key := range map[string]string{"EcPem": string(delivered("p256.pem")), "Jwk": jwkOf(p256())} {
		token := newToken(t, configs.Token{
			Algorithm: "ES256", KeyType: keyType, Key: configs.NewSecret(key), KeyPassphrase: configs.NewSecret(passphrase),
		}, ttl)
		w := token.Warnings()
		if len(w) != 1 || w[0].Error() != "key_passphrase: key_passphrase is not needed: the key is not encrypted" {
			t.Errorf("%s: warnings %v, want one that the passphrase is not needed", keyType, w)
		}
	}
}

// TestKeyErrorsHideKeys looks for keys and passphrases in what New says of them.
func TestKeyErrorsHideKeys(t *testing.T) {
	secret := "canary-passphrase"
	for _, name := range []string{"scrypt.pem", "pbes1.pem", "p256.pem", "keytool.p12"} {
		for _, keyType := range tokens.KeyTypes() {
			key := string(delivered(name))
			_, err := tokens.New(configs.Token{Algorithm: "ES384", KeyType: keyType, Key: configs.NewSecret(key), KeyPassphrase: configs.NewSecret(secret)}, ttl)
			if err == nil {
				t.Errorf("%s as %s: it signs with ES384", name, keyType)
				continue
			}
			if said := withHint(firstError(t, err)); strings.Contains(said, secret) || strings.Contains(said, key[40:60]) {
				t.Errorf("%s as %s: it is in the error: %s", name, keyType, said)
			}
		}
	}
}
