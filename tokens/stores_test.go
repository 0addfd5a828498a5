package tokens_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/pavlo-v-chernykh/keystore-go/v4"
	"software.sslmate.com/src/go-pkcs12"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/tokens"
)

func storeOf(kind string, data []byte, password string) configs.KeyStore {
	s := configs.KeyStore{Path: "key_stores[0]", Name: "vendor", Type: kind, Data: configs.NewSecret(string(data))}
	if password != "" {
		s.Password = configs.NewSecret(password)
	}
	return s
}

// openStore opens one key store.
func openStore(t *testing.T, s configs.KeyStore) *tokens.Stores {
	t.Helper()
	stores, errs := tokens.OpenStores(&configs.Config{KeyStores: []configs.KeyStore{s}})
	for _, e := range errs {
		t.Fatalf("%s.%s", e.Path, withHint(e.Error))
	}
	return stores
}

func storedToken(algorithm, alias string) configs.Token {
	return configs.Token{Algorithm: algorithm, KeyStore: "vendor", KeyAlias: alias}
}

// TestDeliveredStores takes the key out of every store that OpenSSL and keytool
// have written.
func TestDeliveredStores(t *testing.T) {
	for _, c := range []struct{ file, kind, password, alias string }{
		{"openssl.p12", "PKCS12", passphrase, "acme"},
		{"openssl-rc2-40.p12", "PKCS12", passphrase, "ACME"},
		{"openssl-rc2-128.p12", "PKCS12", passphrase, "Acme"},
		{"openssl-2des.p12", "PKCS12", passphrase, ""},
		{"openssl-empty.p12", "PKCS12", "", ""},
		{"openssl-nomac.p12", "PKCS12", passphrase, ""},
		{"openssl-unicode.p12", "PKCS12", "Zürich €", ""},
		{"openssl-open.p12", "PKCS12", passphrase, "acme"},
		{"openssl-nameless.p12", "PKCS12", passphrase, "1"},
		{"openssl.p12", "PKCS12", xorOf(passphrase), ""},
		{"openssl.p12", "PKCS12", aesOf(1, "open sesame", passphrase), ""},
		{"keytool.p12", "PKCS12", passphrase, "acme"},
		{"keytool-legacy.p12", "PKCS12", passphrase, ""},
		{"keytool.jks", "JKS", passphrase, "Acme"},
		{"keytool-keypass.jks", "JKS", passphrase, ""},
	} {
		t.Run(c.file+" "+c.alias, func(t *testing.T) {
			s := storeOf(c.kind, delivered(c.file), c.password)
			if strings.Contains(c.file, "keypass") {
				s.KeyPassword = configs.NewSecret("battery-staple")
			}
			if strings.HasPrefix(c.password, "{aes}") {
				s.KeyPassphrase = configs.NewSecret("open sesame")
			}
			token, err := openStore(t, s).New(storedToken("ES256", c.alias), ttl)
			if err != nil {
				t.Fatalf("New: %s", withHint(firstError(t, err)))
			}
			checkSigns(t, token, "ES256", deliveredPublic())
		})
	}
}

// TestStoresOfLibraries takes keys out of stores that Go libraries write: all
// families, all encodings, several keys in one store.
func TestStoresOfLibraries(t *testing.T) {
	keys := []struct {
		algorithm string
		key       crypto.Signer
	}{{"RS256", rsa2048()}, {"ES512", p521()}, {"EdDSA", ed()}}
	jks := keystore.New()
	for _, k := range keys {
		der := must(x509.CreateCertificate(rand.Reader, template(k.algorithm), template(k.algorithm), k.key.Public(), k.key))
		for name, encoder := range map[string]*pkcs12.Encoder{
			"LegacyRC2": pkcs12.LegacyRC2, "LegacyDES": pkcs12.LegacyDES, "Modern2023": pkcs12.Modern2023, "Modern2026": pkcs12.Modern2026, "Passwordless": pkcs12.Passwordless,
		} {
			t.Run(name+" "+k.algorithm, func(t *testing.T) {
				password := "pass wörd"
				if name == "Passwordless" {
					password = ""
				}
				data := must(encoder.Encode(k.key, must(x509.ParseCertificate(der)), nil, password))
				token, err := openStore(t, storeOf("PKCS12", data, password)).New(storedToken(k.algorithm, ""), ttl)
				if err != nil {
					t.Fatalf("New: %s", withHint(firstError(t, err)))
				}
				checkSigns(t, token, k.algorithm, k.key.Public())
			})
		}
		entry := keystore.PrivateKeyEntry{CreationTime: noon, PrivateKey: pkcs8(k.key), CertificateChain: []keystore.Certificate{{Type: "X.509", Content: der}}}
		if err := jks.SetPrivateKeyEntry(k.algorithm, entry, []byte("key password")); err != nil {
			t.Fatal(err)
		}
	}
	s := storeOf("JKS", storeJKS(t, jks, "store password"), "store password")
	s.KeyPassword = configs.NewSecret("key password")
	stores := openStore(t, s)
	for _, k := range keys {
		token, err := stores.New(storedToken(k.algorithm, k.algorithm), ttl)
		if err != nil {
			t.Fatalf("JKS, %s: %s", k.algorithm, withHint(firstError(t, err)))
		}
		checkSigns(t, token, k.algorithm, k.key.Public())
	}
}

func template(name string) *x509.Certificate {
	return &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotAfter: noon.Add(time.Hour)}
}

func storeJKS(t *testing.T, store keystore.KeyStore, password string) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := store.Store(&b, []byte(password)); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestStoreRefusals: what keeps a store from being opened is said of its entry.
func TestStoreRefusals(t *testing.T) {
	p12, jks := delivered("keytool.p12"), delivered("keytool.jks")
	for _, c := range []struct {
		name, kind string
		data       []byte
		password   string
		more       func(*configs.KeyStore)
		want       string
	}{
		{"empty", "PKCS12", nil, passphrase, nil, "file: the file is empty"},
		{"unknown type", "BKS", p12, passphrase, nil, "type: unknown type (PKCS12 or JKS, and PEM for a trust store)"},
		{"PEM with keys", "PEM", delivered("p256.pem"), "", nil, "type: unknown type (PKCS12 or JKS, and PEM for a trust store)"},
		{"PKCS#12 as JKS", "JKS", p12, passphrase, nil, "type: this is a PKCS#12 file, type says JKS (write type: PKCS12)"},
		{"JKS as PKCS#12", "PKCS12", jks, passphrase, nil, "type: this is a JKS file, type says PKCS12 (write type: JKS)"},
		{"JCEKS", "JKS", delivered("keytool.jceks"), passphrase, nil, "type: this is a JCEKS file, type says JKS (convert a copy with keytool -importkeystore -srcstoretype JCEKS -deststoretype PKCS12)"},
		{"BKS", "PKCS12", []byte("\x00\x00\x00\x02 and so on"), passphrase, nil, "type: this is a BKS file, type says PKCS12 (convert a copy to PKCS12 with keytool -importkeystore)"},
		{"PEM", "PKCS12", delivered("p256.pem"), passphrase, nil, "type: this is a PEM file, type says PKCS12 (a PEM with the key is for key_type and key)"},
		{"text", "PKCS12", []byte("keys/vendor.p12"), passphrase, nil, "file: this is no key store (a file of type PKCS12 begins otherwise; it may be cut off, or base64)"},
		{"wrong password", "PKCS12", p12, "x", nil, "password: the password does not open the store"},
		{"wrong password, no MAC", "PKCS12", delivered("openssl-nomac.p12"), "x", nil, "password: the password does not open the keys of the store (write key_password, if they have another one)"},
		{"wrong password, PBMAC1", "PKCS12", must(pkcs12.Modern2026.Encode(p256(), must(x509.ParseCertificate(certificate(p256()))), nil, "y")), "x", nil, "password: the password does not open the store"},
		{"no password", "PKCS12", p12, "", nil, "password: password is missing (write password: ${env:NAME})"},
		{"wrong password", "JKS", jks, "x", nil, "password: the password does not open the store"},
		{"no password", "JKS", jks, "", nil, "password: password is missing (a JKS file opens with a password only)"},
		{"another password for keys", "JKS", delivered("keytool-keypass.jks"), passphrase, nil, "password: the password does not open the keys of the store (write key_password, if they have another one)"},
		{"wrong password for keys", "JKS", delivered("keytool-keypass.jks"), passphrase, func(s *configs.KeyStore) { s.KeyPassword = configs.NewSecret("x") }, "key_password: key_password does not open the keys of the store"},
		{"wrong password for keys", "PKCS12", p12, passphrase, func(s *configs.KeyStore) { s.KeyPassword = configs.NewSecret("x") }, "key_password: key_password does not open the keys of the store"},
		{"hash for a password", "JKS", jks, "{hash}AAAA", nil, "password: password is a {hash}, which nobody can turn back (write the text itself, or its {xor} or {aes})"},
		{"aes for a password", "JKS", jks, aesOf(0, "a", passphrase), func(s *configs.KeyStore) { s.KeyPassphrase = configs.NewSecret("b") }, "password: key_passphrase does not open the {aes} of password"},
		{"cut off", "PKCS12", p12[:len(p12)-9], passphrase, nil, "file: this is no key store (a file of type PKCS12 begins otherwise; it may be cut off, or base64)"},
		{"BER", "PKCS12", []byte("\x30\x80\x02\x01\x03 and so on"), passphrase, nil, "file: the store is broken or cut off (it must be DER: openssl pkcs12 and keytool write a new one out of it)"},
		{"cut off", "JKS", jks[:len(jks)-9], passphrase, nil, "password: the password does not open the store"},
		{"too many rounds of the MAC", "PKCS12", rounds(6_000_000), passphrase, nil, "file: the store asks for too much work to open it (at most 5000000 rounds are taken for a key, and four times that for a store)"},
		{"no rounds", "PKCS12", rounds(-1), passphrase, nil, "file: the store is broken or cut off"},
	} {
		t.Run(c.kind+" "+c.name, func(t *testing.T) {
			s := storeOf(c.kind, c.data, c.password)
			if c.more != nil {
				c.more(&s)
			}
			began := time.Now()
			stores, errs := tokens.OpenStores(&configs.Config{KeyStores: []configs.KeyStore{s}})
			if len(errs) != 1 {
				t.Fatalf("OpenStores = %v, want one error", errs)
			}
			if got := withHint(errs[0].Error); errs[0].Path != "key_stores[0]" || got != c.want && errs[0].Error.Error() != c.want {
				t.Errorf("OpenStores = %s of %s\nwant         %s", got, errs[0].Path, c.want)
			}
			if took := time.Since(began); took > 5*time.Second {
				t.Errorf("it was refused after %s", took)
			}
			_, err := stores.New(storedToken("ES256", "acme"), ttl)
			if e := firstError(t, err); !e.Follows || e.Field != "key_store" {
				t.Errorf("the Token's error is %v, want one that follows", e)
			}
		})
	}
}

// rounds gives a PKCS#12 file whose MAC asks for n rounds.
func rounds(n int) []byte {
	var file struct {
		Version  int
		AuthSafe asn1.RawValue
		MAC      struct {
			MAC    asn1.RawValue
			Salt   []byte
			Rounds int
		}
	}
	if _, err := asn1.Unmarshal(delivered("openssl.p12"), &file); err != nil {
		panic(err)
	}
	file.MAC.Rounds = n
	return must(asn1.Marshal(file))
}

// TestAliases: what is wrong with the choice of an entry is said of the Token.
func TestAliases(t *testing.T) {
	twins := keystore.New(keystore.WithCaseExactAliases())
	for _, alias := range []string{"acme", "ACME"} {
		entry := keystore.TrustedCertificateEntry{CreationTime: noon, Certificate: keystore.Certificate{Type: "X.509", Content: certificate(p256())}}
		if err := twins.SetTrustedCertificateEntry(alias, entry); err != nil {
			t.Fatal(err)
		}
	}
	many := keystore.New()
	for i := range 30 {
		key := must(ecdsa.GenerateKey(p256().Curve, rand.Reader))
		if err := many.SetPrivateKeyEntry(fmt.Sprintf("key%02d", i), keystore.PrivateKeyEntry{CreationTime: noon, PrivateKey: pkcs8(key)}, []byte("x")); err != nil {
			t.Fatal(err)
		}
	}
	broken := keystore.New()
	if err := broken.SetPrivateKeyEntry("a", keystore.PrivateKeyEntry{CreationTime: noon, PrivateKey: pkcs8(p256())}, []byte("y")); err != nil {
		t.Fatal(err)
	}
	if err := broken.SetPrivateKeyEntry("b", keystore.PrivateKeyEntry{CreationTime: noon, PrivateKey: pkcs8(rsa1024())}, []byte("x")); err != nil {
		t.Fatal(err)
	}
	if err := broken.SetPrivateKeyEntry("c", keystore.PrivateKeyEntry{CreationTime: noon, PrivateKey: onCurve(1, 3, 132, 0, 10)}, []byte("x")); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, algorithm string
		store           configs.KeyStore
		alias, want     string
	}{
		{"two keys", "ES256", storeOf("PKCS12", delivered("keytool.p12"), passphrase), "", `key_store: key store "vendor" has 2 entries that fit, key_alias is missing (it has "acme", "spare")`},
		{"two keys", "ES256", storeOf("JKS", delivered("keytool.jks"), passphrase), "", `key_store: key store "vendor" has 2 entries that fit, key_alias is missing (it has "acme", "spare")`},
		{"thirty keys", "ES256", storeOf("JKS", storeJKS(t, many, "x"), "x"), "", `key_store: key store "vendor" has 30 entries that fit, key_alias is missing (it has ` + thirty() + `, …)`},
		{"unknown", "ES256", storeOf("PKCS12", delivered("keytool.p12"), passphrase), "acne", `key_alias: key store "vendor" has no alias "acne" (it has "acme", "spare")`},
		{"certificate", "ES256", storeOf("PKCS12", delivered("keytool.p12"), passphrase), "partner", `key_alias: "Partner" in key store "vendor" is a certificate, signing needs a private key (it has "acme", "spare")`},
		{"certificate", "ES256", storeOf("JKS", delivered("keytool.jks"), passphrase), "Partner", `key_alias: "partner" in key store "vendor" is a certificate, signing needs a private key (it has "acme", "spare")`},
		{"certificates alone", "ES256", storeOf("JKS", delivered("keytool-trust.jks"), passphrase), "", `key_store: key store "vendor" has no entry that fits`},
		{"twins", "ES256", storeOf("JKS", storeJKS(t, twins, "x"), "x"), "Acme", `key_alias: 2 entries of key store "vendor" are called "Acme"`},
		{"nothing", "ES256", storeOf("JKS", storeJKS(t, keystore.New(), "x"), "x"), "", `key_store: key store "vendor" is empty`},
		{"another family", "ES256", storeOf("PKCS12", delivered("keytool.p12"), passphrase), "spare", `key_alias: this is an Ed25519 key, ES256 needs EC P-256`},
		{"another curve", "ES384", storeOf("PKCS12", delivered("openssl.p12"), passphrase), "", `key_store: key is on P-256, ES384 needs P-384`},
		{"a secret", "HS256", storeOf("PKCS12", delivered("openssl.p12"), passphrase), "", `key_store: this is an EC key, HS256 needs a secret`},
		{"another password", "ES256", storeOf("JKS", storeJKS(t, broken, "x"), "x"), "a", `key_store: the password does not open this key of the store (write key_password in the store's entry)`},
		{"short RSA", "RS256", storeOf("JKS", storeJKS(t, broken, "x"), "x"), "b", `key_alias: RSA key is 1024 bits, at least 2048 needed`},
		{"a curve Go does not know", "ES256", storeOf("JKS", storeJKS(t, broken, "x"), "x"), "c", `key_alias: key is on secp256k1, ES256 needs P-256`},
	} {
		t.Run(c.store.Type+" "+c.name, func(t *testing.T) {
			_, err := openStore(t, c.store).New(storedToken(c.algorithm, c.alias), ttl)
			if got := withHint(firstError(t, err)); got != c.want {
				t.Errorf("New = %s\nwant  %s", got, c.want)
			}
		})
	}
	_, err := tokens.New(storedToken("ES256", ""), ttl)
	if e := firstError(t, err); e.Field != "key_store" {
		t.Errorf("without stores: %v, want an error of key_store", e)
	}
}

func thirty() string {
	var names []string
	for i := range 20 {
		names = append(names, fmt.Sprintf("%q", fmt.Sprintf("key%02d", i)))
	}
	return strings.Join(names, ", ")
}

// TestUnsetStore: what is missing on purpose is no error, and what refers to it
// follows.
func TestUnsetStore(t *testing.T) {
	stores, errs := tokens.OpenStores(&configs.Config{KeyStores: []configs.KeyStore{{Path: "key_stores[0]", Name: "vendor", Type: "JKS", Unset: true}}})
	if len(errs) > 0 {
		t.Errorf("OpenStores = %v, want no errors", errs)
	}
	_, err := stores.New(storedToken("ES256", ""), ttl)
	if e := firstError(t, err); !e.Follows {
		t.Errorf("the Token's error is %v, want one that follows", e)
	}
}

func TestStoresPrintNothing(t *testing.T) {
	stores := openStore(t, storeOf("PKCS12", delivered("openssl.p12"), passphrase))
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x"} {
		if got := fmt.Sprintf(verb, stores); got != "stores" {
			t.Errorf("%s prints %q, want stores", verb, got)
		}
	}
}
