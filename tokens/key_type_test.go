package tokens_test

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/tokens"
)

// TestKeyForms has the forms in which people have keys. Each must give the key
// that its neighbours give, so what it signs is compared or verified.
func TestKeyForms(t *testing.T) {
	secret := base64.StdEncoding.EncodeToString([]byte("\xfb\xff" + text64)) // has + and /, and padding
	urlSecret := strings.NewReplacer("+", "-", "/", "_").Replace(secret)
	p8 := armour("PRIVATE KEY", pkcs8(rsa2048()))
	for _, c := range []struct {
		name, algorithm, keyType, key string
		public                        any
	}{
		{"padded", "HS256", "Base64Secret", secret, []byte("\xfb\xff" + text64)},
		{"unpadded", "HS256", "Base64Secret", strings.TrimRight(secret, "="), []byte("\xfb\xff" + text64)},
		{"with white space", "HS256", "Base64Secret", " " + secret[:20] + "\r\n\t" + secret[20:] + "\n", []byte("\xfb\xff" + text64)},
		{"padded", "HS256", "UrlSafeBase64Secret", urlSecret, []byte("\xfb\xff" + text64)},
		{"unpadded", "HS256", "UrlSafeBase64Secret", strings.TrimRight(urlSecret, "="), []byte("\xfb\xff" + text64)},
		{"with white space", "HS256", "UrlSafeBase64Secret", "\n" + urlSecret + " ", []byte("\xfb\xff" + text64)},
		{"any bytes", "HS256", "Secret", "\x00\xff " + text64 + "\xfe", []byte("\x00\xff " + text64 + "\xfe")},

		{"PKCS#1", "RS256", "RsaPem", armour("RSA PRIVATE KEY", pkcs1(rsa2048())), rsa2048().Public()},
		{"PKCS#8", "RS256", "RsaPem", p8, rsa2048().Public()},
		{"PKCS#8 under the label of PKCS#1", "RS256", "RsaPem", armour("RSA PRIVATE KEY", pkcs8(rsa2048())), rsa2048().Public()},
		{`literal \n`, "RS256", "RsaPem", escaped(p8), rsa2048().Public()},
		{`literal \r\n`, "RS256", "RsaPem", strings.ReplaceAll(p8, "\n", `\r\n`), rsa2048().Public()},
		{"CR LF", "RS256", "RsaPem", strings.ReplaceAll(p8, "\n", "\r\n"), rsa2048().Public()},
		{"double quotes", "RS256", "RsaPem", `"` + escaped(p8) + `"`, rsa2048().Public()},
		{"single quotes", "RS256", "RsaPem", "'" + p8 + "'", rsa2048().Public()},
		{"on one line with spaces", "RS256", "RsaPem", strings.ReplaceAll(p8, "\n", " "), rsa2048().Public()},
		{"on one line with nothing", "RS256", "RsaPem", strings.ReplaceAll(p8, "\n", ""), rsa2048().Public()},
		{"indented", "RS256", "RsaPem", "    " + strings.ReplaceAll(p8, "\n", "\n    "), rsa2048().Public()},
		{"byte order mark and text around", "RS256", "RsaPem", "\ufeffBag Attributes: x\n" + p8 + "\nend", rsa2048().Public()},
		{"with its certificate", "RS256", "RsaPem", armour("CERTIFICATE", certificate(rsa2048())) + p8, rsa2048().Public()},
		{"PKCS#1", "PS256", "RsaDer", b64(pkcs1(rsa2048())), rsa2048().Public()},
		{"PKCS#8", "PS256", "RsaDer", b64(pkcs8(rsa2048())), rsa2048().Public()},
		{"PKCS#8 in lines", "PS256", "RsaDer", strings.Join(strings.SplitAfter(b64(pkcs8(rsa2048())), "A"), "\n"), rsa2048().Public()},
		{"not in base64", "PS256", "RsaDer", string(pkcs8(rsa2048())), rsa2048().Public()},

		{"PKCS#8", "ES256", "EcPem", armour("PRIVATE KEY", pkcs8(p256())), p256().Public()},
		{"SEC1", "ES256", "EcPem", armour("EC PRIVATE KEY", sec1(p256())), p256().Public()},
		{"SEC1 after its parameters", "ES256", "EcPem", ecParameters() + armour("EC PRIVATE KEY", sec1(p256())), p256().Public()},
		{"SEC1 after its parameters on one line", "ES256", "EcPem", strings.ReplaceAll(ecParameters()+armour("EC PRIVATE KEY", sec1(p256())), "\n", " "), p256().Public()},
		{"PKCS#8", "ES384", "EcDer", b64(pkcs8(p384())), p384().Public()},
		{"SEC1", "ES512", "EcDer", b64(sec1(p521())), p521().Public()},

		{"PKCS#8 v1", "EdDSA", "EdPem", armour("PRIVATE KEY", pkcs8(ed())), ed().Public()},
		{"PKCS#8 v2", "EdDSA", "EdPem", armour("PRIVATE KEY", edV2(ed())), ed().Public()},
		{"PKCS#8 v1", "EdDSA", "EdDer", b64(pkcs8(ed())), ed().Public()},
		{"PKCS#8 v2", "EdDSA", "EdDer", b64(edV2(ed())), ed().Public()},
		{"seed", "EdDSA", "EdDer", b64(ed().Seed()), ed().Public()},
		{"not in base64, without the line break at its end", "EdDSA", "EdDer", strings.TrimSuffix(string(pkcs8(endingIn("\n"))), "\n"), endingIn("\n").Public()},
		{"not in base64, without the CR LF at its end", "EdDSA", "EdDer", strings.TrimSuffix(string(pkcs8(endingIn("\r\n"))), "\r\n"), endingIn("\r\n").Public()},
		{"seed in hexadecimal", "EdDSA", "EdDer", hex.EncodeToString(ed().Seed()) + "\n", ed().Public()},
		{"quoted seed", "EdDSA", "EdDer", `"` + base64.RawURLEncoding.EncodeToString(ed().Seed()) + "\"\n", ed().Public()},
	} {
		t.Run(c.keyType+" "+c.name, func(t *testing.T) {
			token := newToken(t, configs.Token{Algorithm: c.algorithm, KeyType: c.keyType, Key: configs.NewSecret(c.key)}, ttl)
			signed, sig := split(t, makeValue(t, token, noon))
			for _, p := range pairings() {
				if p.public = c.public; p.algorithm == c.algorithm && !verify(p, signed, sig) {
					t.Error("the key is another one")
				}
			}
		})
	}
}

// endingIn gives an Ed25519 key whose DER ends in text, as that of one key in
// 256 ends in a line break.
func endingIn(text string) ed25519.PrivateKey {
	seed := make([]byte, ed25519.SeedSize)
	copy(seed[len(seed)-len(text):], text)
	return ed25519.NewKeyFromSeed(seed)
}

func TestKeyRefusals(t *testing.T) {
	const convert = "convert a copy with openssl pkcs8 -topk8 -v2 aes-256-cbc -in KEY -out COPY"
	pemOf := func(der []byte) string { return armour("PRIVATE KEY", der) }
	broken := pkcs8(rsa2048())
	broken = broken[:len(broken)-7]
	for _, c := range []struct{ name, algorithm, keyType, key, want string }{
		{"empty", "HS256", "Secret", "", "key: secret is empty"},
		{"empty of base64", "HS256", "Base64Secret", " ==\n", "key: secret is empty"},
		{"not base64", "HS256", "Base64Secret", "s3cret s3cret!", "key: key is not base64 of the standard alphabet"},
		{"other alphabet", "HS256", "Base64Secret", "-_-_", "key: key is not base64 of the standard alphabet (it is in the other alphabet: write key_type: UrlSafeBase64Secret)"},
		{"other alphabet", "HS256", "UrlSafeBase64Secret", "+/+/", "key: key is not base64 of the URL-safe alphabet (it is in the other alphabet: write key_type: Base64Secret)"},

		{"missing", "RS256", "RsaPem", "", "key: key is missing"},
		{"short RSA", "RS256", "RsaPem", pemOf(pkcs8(rsa1024())), "key: RSA key is 1024 bits, at least 2048 needed"},
		{"short RSA", "PS512", "RsaDer", b64(pkcs1(rsa1024())), "key: RSA key is 1024 bits, at least 2048 needed"},
		{"other curve", "ES256", "EcPem", pemOf(pkcs8(p384())), "key: key is on P-384, ES256 needs P-256"},
		{"other curve", "ES512", "EcDer", b64(sec1(p256())), "key: key is on P-256, ES512 needs P-521"},
		{"a curve Go knows", "ES256", "EcPem", pemOf(pkcs8(p224())), "key: key is on P-224, ES256 needs P-256"},
		{"a curve Go does not know", "ES256", "EcPem", pemOf(onCurve(1, 3, 132, 0, 10)), "key: key is on secp256k1, ES256 needs P-256"},
		{"that curve in SEC1", "ES384", "EcDer", b64(sec1OnCurve(1, 3, 132, 0, 10)), "key: key is on secp256k1, ES384 needs P-384"},
		{"that curve for another family", "RS256", "RsaPem", pemOf(onCurve(1, 3, 132, 0, 10)), "key: this is an EC key, RS256 needs RSA"},
		{"a curve nobody knows", "ES256", "EcPem", pemOf(onCurve(1, 2, 3)), "key: key is broken or cut off"},
		{"RSA for EdDSA", "EdDSA", "EdPem", pemOf(pkcs8(rsa2048())), "key: this is an RSA key, EdDSA needs Ed25519"},
		{"RSA for ES256", "ES256", "EcPem", pemOf(pkcs8(rsa2048())), "key: this is an RSA key, ES256 needs EC P-256"},
		{"EC for RS256", "RS256", "RsaDer", b64(pkcs8(p256())), "key: this is an EC key, RS256 needs RSA"},
		{"Ed25519 for ES256", "ES256", "EcDer", b64(pkcs8(ed())), "key: this is an Ed25519 key, ES256 needs EC P-256"},
		{"Ed448", "EdDSA", "EdPem", pemOf(strange(1, 3, 101, 113)), "key: this is an Ed448 key, EdDSA needs Ed25519"},
		{"X25519", "EdDSA", "EdDer", b64(strange(1, 3, 101, 110)), "key: this is an X25519 key, EdDSA needs Ed25519"},
		{"unheard of", "RS256", "RsaDer", b64(strange(1, 2, 3, 4)), "key: this is a key of an unknown kind, RS256 needs RSA"},

		{"public key", "RS256", "RsaPem", armour("PUBLIC KEY", public(rsa2048())), "key: this is a public key (signing needs the private key)"},
		{"public key under a wrong label", "ES256", "EcPem", pemOf(public(p256())), "key: this is a public key (signing needs the private key)"},
		{"public key in DER", "EdDSA", "EdDer", b64(public(ed())), "key: this is a public key (signing needs the private key)"},
		{"certificate", "ES256", "EcPem", armour("CERTIFICATE", certificate(p256())), "key: this is a certificate (signing needs the private key that belongs to it)"},
		{"certificate in DER", "ES256", "EcDer", b64(certificate(p256())), "key: this is a certificate (signing needs the private key that belongs to it)"},
		{"encrypted", "RS256", "RsaPem", armour("ENCRYPTED PRIVATE KEY", encrypted()), "key: the key is encrypted, key_passphrase is missing (write key_passphrase: ${env:NAME})"},
		{"encrypted in DER", "RS256", "RsaDer", b64(encrypted()), "key: the key is encrypted, key_passphrase is missing (write key_passphrase: ${env:NAME})"},
		{"encrypted and another one", "RS256", "RsaPem", armour("ENCRYPTED PRIVATE KEY", encrypted()) + pemOf(pkcs8(rsa2048())), "key: there is more than one private key in the PEM"},
		{"JSON", "RS256", "RsaPem", " {\"private_key\": \"x\"}", "key: this is JSON, not PEM (write ${file:PATH#/private_key} for one member of a file, or key_type: Jwk for a JWK)"},
		{"key store", "ES256", "EcDer", string(delivered("openssl.p12")), "key: this is a PKCS#12 key store (name the file in key_stores, and the store in key_store)"},
		{"curve spelt out", "ES256", "EcPem", string(delivered("explicit.pem")), "key: the key spells its curve out (convert a copy with openssl pkey -in KEY -ec_param_enc named_curve -out COPY)"},
		{"encrypted the old way", "RS256", "RsaPem", "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAAAA\n-----END RSA PRIVATE KEY-----", "key: the key is encrypted in an outdated way (" + convert + ")"},
		{"OpenSSH", "EdDSA", "EdPem", armour("OPENSSH PRIVATE KEY", []byte("openssh-key-v1")), "key: this is a key in OpenSSH's own format"},
		{"two keys", "EdDSA", "EdPem", pemOf(pkcs8(ed())) + pemOf(edV2(ed())), "key: there is more than one private key in the PEM"},
		{"parameters alone", "ES256", "EcPem", ecParameters(), "key: there is no private key in the PEM"},
		{"labels differ", "EdDSA", "EdPem", strings.Replace(pemOf(pkcs8(ed())), "END PRIVATE", "END EC PRIVATE", 1), "key: BEGIN and END of the PEM have different labels"},
		{"no END", "EdDSA", "EdPem", pemOf(pkcs8(ed()))[:80], "key: PEM has no END line that fits (the key may be cut off)"},
		{"bad body", "EdDSA", "EdPem", "-----BEGIN PRIVATE KEY-----\ns3cret!\n-----END PRIVATE KEY-----", "key: PEM body is not base64 (the key may be cut off)"},
		{"a path", "RS256", "RsaPem", "keys/acme.pem", "key: key is not PEM"},
		{"DER in PEM's place", "RS256", "RsaPem", b64(pkcs8(rsa2048())), "key: key is not PEM"},
		{"PEM in DER's place", "RS256", "RsaDer", pemOf(pkcs8(rsa2048())), "key: this is PEM, not DER (take the key_type that ends in Pem)"},
		{"a path for DER", "RS256", "RsaDer", "keys/acme.der", "key: key is not base64 of DER (write ${file:PATH} to read the key from a file)"},
		{"cut off", "RS256", "RsaDer", b64(broken), "key: key is broken or cut off"},
		{"seed of a wrong length", "EdDSA", "EdDer", b64(make([]byte, 31)), "key: key is broken or cut off"},
		{"private and public half", "EdDSA", "EdDer", b64(make([]byte, ed25519.PrivateKeySize)), "key: key is broken or cut off"},
	} {
		t.Run(c.keyType+" "+c.name, func(t *testing.T) {
			_, err := tokens.New(configs.Token{Algorithm: c.algorithm, KeyType: c.keyType, Key: configs.NewSecret(c.key)}, ttl)
			var e *tokens.Error
			if !errors.As(err, &e) {
				t.Fatalf("New = %v, want %s", err, c.want)
			}
			got := e.Error()
			if strings.HasSuffix(c.want, ")") {
				got += " (" + e.Hint + ")"
			}
			if got != c.want {
				t.Errorf("New = %s\nwant  %s", got, c.want)
			}
		})
	}
}

func TestWeakSecrets(t *testing.T) {
	for _, c := range []struct {
		algorithm string
		length    int
		want      string
	}{
		{"HS256", 31, "key: secret is 31 bytes, HS256 should have at least 32"},
		{"HS256", 32, ""},
		{"HS384", 47, "key: secret is 47 bytes, HS384 should have at least 48"},
		{"HS384", 48, ""},
		{"HS512", 63, "key: secret is 63 bytes, HS512 should have at least 64"},
		{"HS512", 64, ""},
		{"HS512", 1, "key: secret is 1 bytes, HS512 should have at least 64"},
	} {
		token := newToken(t, configs.Token{Algorithm: c.algorithm, KeyType: "Secret", Key: configs.NewSecret(text64[:c.length])}, ttl)
		var got string
		for _, w := range token.Warnings() {
			got += w.Error()
		}
		if got != c.want {
			t.Errorf("%s with %d bytes: warnings %q, want %q", c.algorithm, c.length, got, c.want)
		}
	}
	token := newToken(t, configs.Token{Algorithm: "HS256", KeyType: "Secret", Key: configs.NewSecret(text64 + "\n")}, ttl)
	if w := token.Warnings(); len(w) != 1 || w[0].Message != "key begins or ends with white space" {
		t.Errorf("a secret that ends in a line break: warnings %v, want one about it", w)
	}
}

// sentences are all that egret says about a key. Nothing of a key can be in an
// error that is one of them.
var sentences = regexp.MustCompile(`^key: (` + strings.Join([]string{
	`secret is empty`,
	`key is missing`,
	`key is not base64 of the (standard|URL-safe) alphabet`,
	`key is not base64 of DER`,
	`key is not PEM`,
	`key is broken or cut off`,
	`key is on (P-(192|224|256|384|521)|secp256k1|brainpoolP(256|384|512)r1), ES(256|384|512) needs P-(256|384|521)`,
	`RSA key is \d{1,6} bits, at least 2048 needed`,
	`this is (a|an) [A-Za-z0-9 -]{2,40}, [A-Za-z]{2,5}\d{0,3} needs (a secret|RSA|EC P-\d{3}|Ed25519)`,
	`this is (a public key|a certificate|PEM, not DER|JSON, not PEM|a PKCS#12 key store|a key in OpenSSH's own format)`,
	`the key is encrypted, key_passphrase is missing`,
	`the key is encrypted in an outdated way`,
	`the key is encrypted in a way that is not supported`,
	`the key spells its curve out`,
	`key is not a JWK`,
	`a member of the JWK is there twice`,
	`there is (no|more than one) key in the JWK Set`,
	`alg of the JWK is not [A-Za-z]{2,5}\d{0,3}`,
	`(use of the JWK is not sig|key_ops of the JWK are without sign)`,
	`(n|e|d|p|q|dp|dq|qi|x|y|k) of the JWK is missing, or not base64url of the right length`,
	`the members of the JWK do not fit together`,
	`RSA key has more than two primes`,
	`BEGIN and END of the PEM have different labels`,
	`PEM body is not base64`,
	`PEM has no END line that fits`,
	`there is (no|more than one) private key in the PEM`,
}, "|") + `)$`)

// FuzzKey gives any text as a key of every type: there is no panic, the error
// is one of the sentences, and a key that is taken signs.
func FuzzKey(f *testing.F) {
	for i, p := range pairings() {
		for keyType, key := range p.keys {
			if !strings.HasPrefix(keyType, "Rsa") || i == 3 {
				f.Add(key)
			}
		}
	}
	for _, der := range [][]byte{sec1(p256()), pkcs1(rsa1024()), edV2(ed()), onCurve(1, 3, 132, 0, 10), strange(1, 3, 101, 113), encrypted(), public(p256())} {
		f.Add(string(der))
		f.Add(b64(der))
		f.Add(armour("PRIVATE KEY", der))
	}
	fits := map[string][]string{}
	for _, p := range pairings() {
		for keyType := range p.keys {
			fits[keyType] = append(fits[keyType], p.algorithm)
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		for keyType, algorithms := range fits {
			for _, algorithm := range algorithms {
				token, err := tokens.New(configs.Token{Algorithm: algorithm, KeyType: keyType, Key: configs.NewSecret(text)}, ttl)
				if err == nil {
					makeValue(t, token, noon)
				} else if !sentences.MatchString(err.Error()) {
					t.Errorf("%s with %s: %q is none of the sentences", algorithm, keyType, err)
				}
			}
		}
	})
}
