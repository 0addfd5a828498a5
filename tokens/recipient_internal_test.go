package tokens

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/egret-proxy/egret/configs"
)

func deliveredFile(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "keys", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func deliveredPublic(t *testing.T) crypto.PublicKey {
	t.Helper()
	block, _ := pem.Decode(deliveredFile(t, "p256.pub"))
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// trust opens one trust store.
func trust(kind string, data []byte, password string) (*Stores, []StoreError) {
	s := configs.KeyStore{Path: "trust_stores[0]", Name: "partners", Type: kind, Data: configs.NewSecret(string(data))}
	if password != "" {
		s.Password = configs.NewSecret(password)
	}
	return OpenStores(&configs.Config{TrustStores: []configs.KeyStore{s}})
}

// TestRecipient finds the key of p256.crt in every kind of trust store.
func TestRecipient(t *testing.T) {
	certificate, public := deliveredFile(t, "p256.crt"), deliveredFile(t, "p256.pub")
	for _, c := range []struct {
		name, kind string
		data       []byte
		password   string
		alias      string
	}{
		{"written by keytool", "PKCS12", deliveredFile(t, "keytool-trust.p12"), "correct-horse", "Partner"},
		{"its only entry", "PKCS12", deliveredFile(t, "keytool-trust.p12"), "correct-horse", ""},
		{"written by keytool", "JKS", deliveredFile(t, "keytool-trust.jks"), "correct-horse", "PARTNER"},
		{"password beyond ASCII", "JKS", deliveredFile(t, "keytool-unicode.jks"), "Zürich €", ""},
		{"not verified", "JKS", deliveredFile(t, "keytool-trust.jks"), "", ""},
		{"written by OpenSSL", "PKCS12", deliveredFile(t, "openssl-trust.p12"), "correct-horse", "acme"},
		{"certificate of a key", "PKCS12", deliveredFile(t, "keytool.p12"), "correct-horse", "acme"},
		{"certificate of a key in RC2", "PKCS12", deliveredFile(t, "openssl-rc2-40.p12"), "correct-horse", ""},
		{"certificate of a key in RC2 with 128 bits", "PKCS12", deliveredFile(t, "openssl-rc2-128.p12"), "correct-horse", "acme"},
		{"certificate of a key", "JKS", deliveredFile(t, "keytool.jks"), "correct-horse", "acme"},
		{"trusted beside keys", "JKS", deliveredFile(t, "keytool.jks"), "correct-horse", "partner"},
		{"certificate", "PEM", certificate, "", ""},
		{"common name", "PEM", certificate, "", "ACME"},
		{"public key", "PEM", public, "", "1"},
		{"common name is taken", "PEM", concat(certificate, certificate, public), "", "2"},
		{"CR LF", "PEM", bytes.ReplaceAll(certificate, []byte("\n"), []byte("\r\n")), "", ""},
	} {
		t.Run(c.kind+" "+c.name, func(t *testing.T) {
			stores, errs := trust(c.kind, c.data, c.password)
			for _, e := range errs {
				t.Fatalf("%s.%s", e.Path, e.Error.Error())
			}
			key, err := stores.recipient("partners", c.alias)
			if err != nil {
				t.Fatalf("recipient: %v (%s)", err, err.Hint)
			}
			if want := deliveredPublic(t).(interface{ Equal(crypto.PublicKey) bool }); !want.Equal(key) {
				t.Errorf("recipient = %v, want the key of p256.pub", key)
			}
		})
	}
}

func TestRecipientRefusals(t *testing.T) {
	certificate := deliveredFile(t, "p256.crt")
	for _, c := range []struct {
		name, kind string
		data       []byte
		alias      string
		want       string
	}{
		{"private key", "PEM", concat(certificate, deliveredFile(t, "p256.pem")), "", "file: there is a private key in the trust store (leave certificates and public keys alone in it)"},
		{"cut off", "PEM", certificate[:100], "", "file: the store is broken or cut off ()"},
		{"no certificate", "PEM", bytes.Replace(certificate, []byte("MII"), []byte("MIA"), 1), "", "file: block 1 of the PEM is no certificate and no public key ()"},
		{"parameters", "PEM", deliveredFile(t, "ec-parameters.pem")[:80], "", "file: block 1 of the PEM is no certificate and no public key ()"},
		{"PEM as JKS", "JKS", certificate, "", "type: this is a PEM file, type says JKS (write type: PEM)"},
		{"two", "PEM", concat(certificate, certificate), "", `encrypt.trust_store: trust store "partners" has 2 entries that fit, key_alias is missing (it has "2", "acme")`},
		{"unknown", "PEM", certificate, "3", `encrypt.key_alias: trust store "partners" has no alias "3" (it has "acme")`},
	} {
		t.Run(c.name, func(t *testing.T) {
			stores, errs := trust(c.kind, c.data, "")
			var e *Error
			if len(errs) > 0 {
				e = errs[0].Error
			} else {
				_, e = stores.recipient("partners", c.alias)
			}
			if e == nil {
				t.Fatalf("no error, want %s", c.want)
			}
			if got := e.Error() + " (" + e.Hint + ")"; got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
	var none *Stores
	if _, e := none.recipient("partners", ""); e == nil || !e.Follows {
		t.Errorf("without stores: %v, want an error that follows", e)
	}
}

// TestTrustLeavesKeysAlone: whoever only encrypts needs no private key in memory.
func TestTrustLeavesKeysAlone(t *testing.T) {
	for name, kind := range map[string]string{"keytool.p12": "PKCS12", "openssl-open.p12": "PKCS12", "keytool.jks": "JKS"} {
		stores, errs := trust(kind, deliveredFile(t, name), "correct-horse")
		if len(errs) > 0 {
			t.Fatalf("%s: %v", name, errs[0].Error)
		}
		for _, e := range stores.trusted["partners"].entries {
			if e.private != nil {
				t.Errorf("%s: the private key %q is read", name, e.alias)
			}
		}
	}
}

// TestRC2 has the vectors of RFC 2268 section 5 whose keys are effective as a
// whole.
func TestRC2(t *testing.T) {
	for _, c := range []struct{ key, plain, sealed string }{
		{"ffffffffffffffff", "ffffffffffffffff", "278b27e42e2f0d49"},
		{"3000000000000000", "1000000000000001", "30649edf9be7d2c2"},
		{"88bca90e90875a7f0f79c384627bafb2", "0000000000000000", "2269552ab0f85ca6"},
	} {
		key, _ := hex.DecodeString(c.key)
		sealed, _ := hex.DecodeString(c.sealed)
		block, err := newRC2(key)
		if err != nil {
			t.Fatal(err)
		}
		block.Decrypt(sealed, sealed)
		if got := hex.EncodeToString(sealed); got != c.plain {
			t.Errorf("key %s: %s opens to %s, want %s", c.key, c.sealed, got, c.plain)
		}
	}
	for _, size := range []int{0, 129} {
		if _, err := newRC2(make([]byte, size)); err == nil {
			t.Errorf("a key of %d bytes is taken", size)
		}
	}
}

// TestWork: what a store may cost is bounded as a whole, too.
func TestWork(t *testing.T) {
	w := &work{storeWork}
	for i, c := range []struct {
		factors []int
		want    error
	}{
		{[]int{keyWork}, nil},
		{[]int{keyWork + 1}, errWork},
		{[]int{1 << 40, 1 << 40, 1 << 40}, errWork},
		{[]int{0}, errMalformed},
		{[]int{5, -1}, errMalformed},
		{[]int{keyWork / 2, 2}, nil},
		{[]int{keyWork}, nil},
		{[]int{keyWork}, nil},
		{[]int{1}, errWork},
	} {
		if got := w.spend(c.factors...); got != c.want {
			t.Errorf("%d: spend(%d) = %v, want %v", i, c.factors, got, c.want)
		}
	}
}

// TestFactor finds the primes of an RSA key whose JWK has none, and none of
// numbers that are no key.
func TestFactor(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	e := big.NewInt(int64(key.E))
	if p := factor(key.N, e, key.D); p == nil || p.Cmp(key.Primes[0]) != 0 && p.Cmp(key.Primes[1]) != 0 {
		t.Errorf("factor = %v, want one of the primes", p)
	}
	if p := factor(key.N, e, new(big.Int).Add(key.D, big.NewInt(2))); p != nil && new(big.Int).Mod(key.N, p).Sign() != 0 {
		t.Errorf("factor of another d = %v, want none", p)
	}
}

// TestFactorGivesUp takes little more than one power for what is no key,
// however large it is.
func TestFactorGivesUp(t *testing.T) {
	n, d := new(big.Int).Lsh(big.NewInt(1), 4096), new(big.Int).Lsh(big.NewInt(1), 4090)
	n.Sub(n, big.NewInt(5))
	d.Add(d, big.NewInt(7))
	began := time.Now()
	new(big.Int).Exp(big.NewInt(2), d, n)
	power := time.Since(began)
	began = time.Now()
	if p := factor(n, big.NewInt(65537), d); p != nil {
		t.Errorf("factor = %v, want none", p)
	}
	if took := time.Since(began); took > 20*power {
		t.Errorf("it took %s, where a power takes %s", took, power)
	}
}

// FuzzStore gives any bytes as a store of either kind: there is no panic, it
// takes no time, and what can be taken out of it is a key.
func FuzzStore(f *testing.F) {
	for _, name := range []string{
		"openssl.p12", "openssl-rc2-40.p12", "openssl-empty.p12", "openssl-nomac.p12", "openssl-open.p12", "openssl-nameless.p12",
		"openssl-trust.p12", "keytool.p12", "keytool-legacy.p12", "keytool-trust.p12", "keytool.jks", "keytool-keypass.jks", "keytool-trust.jks",
		"keytool.jceks", "p256.crt", "p256.pub", "ec-parameters.pem",
	} {
		f.Add(deliveredFile(f, name))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if looksLikeJKS(data) && len(data) > sha1.Size {
			body := data[:len(data)-sha1.Size]
			seal := sha1.Sum(concat(utf16BE("correct-horse"), []byte(jksSeal), body))
			data = concat(body, seal[:]) // else nothing gets beyond it
		}
		for _, kind := range []string{"PKCS12", "JKS", "PEM"} {
			for _, trusted := range []bool{false, true} {
				fuzzStore(t, kind, data, trusted)
			}
		}
	})
}

// fuzzStore allows little work: a bound is a bound, and a fuzzer has no time.
func fuzzStore(t *testing.T, kind string, data []byte, trusted bool) {
	cfg := configs.KeyStore{Name: "s", Type: kind, Data: configs.NewSecret(string(data)), Password: configs.NewSecret("correct-horse")}
	s := &Stores{keys: map[string]*store{}, trusted: map[string]*store{}}
	opened, err := s.open(cfg, trusted, work{30_000})
	if err != nil {
		if !storeFields[err.Field] || err.Message == "" {
			t.Errorf("%s: error %q of field %q", kind, err.Message, err.Field)
		}
		return
	}
	s.keys["s"], s.trusted["s"] = opened, opened
	for _, e := range opened.entries {
		key, err := s.key("s", e.alias)
		if (err == nil) == (key == nil) {
			t.Errorf("%s: under %q there is %T, and error %v", kind, e.alias, key, err)
		}
		public, err := s.recipient("s", e.alias)
		if (err == nil) == (public == nil) {
			t.Errorf("%s: under %q there is %T, and error %v", kind, e.alias, public, err)
		}
	}
}

var storeFields = map[string]bool{"file": true, "type": true, "password": true, "key_password": true, "key_passphrase": true}
