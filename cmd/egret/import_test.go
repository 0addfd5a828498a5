package main_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"maps"
	"math/big"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"
	"github.com/pavlo-v-chernykh/keystore-go/v4"
	"software.sslmate.com/src/go-pkcs12"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/configs/liberty"
	"github.com/egret-proxy/egret/proxy"
	"github.com/egret-proxy/egret/tokens"
)

// An issued is what a token of an imported builder says: what Liberty would
// write, for each attribute that the builder has.
type issued struct {
	algorithm string
	claims    string        // JSON, without times and jti
	life      time.Duration // exp less iat
	notBefore time.Duration // nbf less iat; -1 without nbf
	jti       bool
	kid       string // "spki" of the key of keys, "thumbprint" of a generated one, or ""
	key       string // in keys; or the shared secret
	encrypted string // the key of keys that decrypts it, or ""
}

const never = -1

var imports = []struct {
	set         string
	environment map[string]string
	tokens      map[string]issued
}{
	{"shop", map[string]string{"MAIL_ISSUER": "https://mail.acme.test", "MAIL_AUDIENCE": "imap"}, map[string]issued{
		"defaultJWT": {"RS256", `{"token_type":"Bearer","iss":"https://shop.acme.test:9444/jwt/defaultJWT"}`, 2 * time.Hour, never, false, "thumbprint", "", ""},
		"orders": {"ES256", `{"token_type":"Bearer","iss":"https://shop.acme.test/auth/orders","sub":"alice","uid":"alice","groups":["ops","staff, all"],
			"aud":["warehouse","billing, inc"],"scope":"orders:read orders:write"}`, 2 * time.Minute, 15 * time.Second, true, "thumbprint", "", ""},
		"mail": {"RS256", `{"token_type":"Bearer","iss":"https://mail.acme.test","aud":["smtp","imap"]}`, 12 * time.Hour, never, false, "thumbprint", "", ""},
	}},
	{"bank", map[string]string{"LEDGER_KEY": "ledger-key-that-has-more-than-48-bytes-for-HS384", "BRANCH_KEY": "branch-key-that-has-32-bytes-now", "WLP_PASSWORD_ENCRYPTION_KEY": "canary-passphrase", "ATM_SHARED_KEY": "atm-key-that-has-at-least-32-bytes", "DEFAULT_ISSUER_SHARED_KEY": "own-key-that-has-at-least-32-bytes"}, map[string]issued{
		"teller":         {"HS256", `{"token_type":"Bearer","iss":"teller","aud":"core"}`, 5 * time.Minute, never, true, "", "canary-xor-key-of-thirty-two-bytes", ""},
		"vault":          {"HS512", `{"token_type":"Bearer","iss":"vault","scope":"read"}`, time.Hour, never, false, "", "canary-vault-key-that-has-sixty-four-bytes-as-HS512-asks-for----", ""},
		"ledger":         {"HS384", `{"token_type":"Bearer","iss":"ledger"}`, 6 * time.Hour, never, false, "", "ledger-key-that-has-more-than-48-bytes-for-HS384", ""},
		"branch":         {"HS256", `{"token_type":"Bearer","iss":"branch"}`, 2 * time.Second, never, false, "", "branch-key-that-has-32-bytes-now", ""},
		"atm":            {"HS256", `{"token_type":"Bearer","iss":"atm"}`, 2 * time.Hour, never, false, "", "atm-key-that-has-at-least-32-bytes", ""},
		"default-issuer": {"HS256", `{"token_type":"Bearer"}`, 2 * time.Hour, never, false, "", "own-key-that-has-at-least-32-bytes", ""},
	}},
	{"partner", map[string]string{"DEFAULT_KEY_STORE_PASSWORD": "{xor}PD4xPi0mcjs6OT4qMys=", "VENDOR_STORE_PASSWORD": "vendor-password", "OLD_STORE_PASSWORD": "old-password", "OLD_STORE_KEY_PASSWORD": "old-key-password", "PARTNERS_PASSWORD": "partners-password"}, map[string]issued{
		"plain":  {"RS256", `{"token_type":"Bearer","iss":"https://gateway.acme.test:9443/jwt/plain"}`, 2 * time.Hour, never, false, "spki", "rsa", ""},
		"vendor": {"ES512", `{"token_type":"Bearer","iss":"https://issuer.acme.test","aud":"vendor"}`, 3 * time.Hour, never, false, "spki", "p521", ""},
		"sealed": {"RS384", `{"token_type":"Bearer","iss":"https://issuer.acme.test"}`, 10 * time.Minute, never, false, "spki", "rsa", "rsa"},
		"agreed": {"RS256", `{"token_type":"Bearer","iss":"https://gateway.acme.test:9443/jwt/agreed"}`, 2 * time.Hour, never, false, "spki", "rsa", "p256"},
		"hint":   {"RS256", `{"token_type":"Bearer","iss":"https://gateway.acme.test:9443/jwt/hint"}`, 2 * time.Hour, never, false, "spki", "rsa", ""},
	}},
}

// What is imported of each server passes egret check, and its tokens say what
// Liberty's would.
func TestImportedTokens(t *testing.T) {
	keys := map[string]crypto.Signer{}
	keys["rsa"], _ = rsa.GenerateKey(rand.Reader, 2048)
	keys["p256"], _ = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	keys["p521"], _ = ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	for _, test := range imports {
		t.Run(test.set, func(t *testing.T) {
			server := filepath.Join("../../configs/liberty/testdata", test.set, "server.xml")
			result, err := liberty.Import(server, liberty.Disk{})
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			writeStores(t, dir, keys)
			o := configs.ReadOptions{Getenv: environmentOf(t, server, test.environment)}
			file := filepath.Join(dir, "egret.yaml")
			if _, err := proxy.Parse(file, result.YAML, o); err != nil {
				t.Fatalf("the result does not pass egret check: %v\n%s", err, result.YAML)
			}
			cfg, err := proxy.Parse(file, ownKeys(t, result.YAML), o)
			if err != nil {
				t.Fatal(err)
			}
			stores, errs := tokens.OpenStores(cfg)
			if len(errs) > 0 {
				t.Fatal(errs)
			}
			got := map[string]bool{}
			for _, entry := range cfg.Tokens {
				got[entry.Name] = true
				ttl := cfg.Caches[slices.IndexFunc(cfg.Caches, func(c configs.Cache) bool { return c.Name == entry.Cache })].TTL
				token, err := stores.New(entry, ttl)
				if err != nil {
					t.Fatal(err)
				}
				t.Run(entry.Name, func(t *testing.T) { checkIssued(t, token, test.tokens[entry.Name], keys) })
			}
			if diff := cmp.Diff(slices.Sorted(maps.Keys(test.tokens)), slices.Sorted(maps.Keys(got))); diff != "" {
				t.Errorf("got other tokens (-want +got):\n%s", diff)
			}
		})
	}
}

// checkIssued holds one token against what Liberty would write.
func checkIssued(t *testing.T, token *tokens.Token, want issued, keys map[string]crypto.Signer) {
	now := time.Now()
	shown, err := token.Show(t.Context(), now)
	if err != nil {
		t.Fatal(err)
	}
	header, claims := object(t, shown.Header.Reveal()), object(t, shown.Claims.Reveal())
	wantHeader := map[string]any{"alg": want.algorithm, "typ": "JWT"}
	switch want.kid {
	case "spki":
		der, _ := x509.MarshalPKIXPublicKey(keys[want.key].Public())
		sum := sha256.Sum256(der)
		wantHeader["kid"] = base64.RawURLEncoding.EncodeToString(sum[:])
	case "thumbprint":
		if kid, _ := header["kid"].(string); len(kid) != 43 {
			t.Errorf("got kid %q, want a thumbprint", kid)
		}
		delete(header, "kid")
	}
	if diff := cmp.Diff(wantHeader, header); diff != "" {
		t.Errorf("got another header (-want +got):\n%s", diff)
	}
	checkTimes(t, claims, now, want)
	jti, _ := claims["jti"].(string)
	if delete(claims, "jti"); (jti != "") != want.jti {
		t.Errorf("got jti %q, want one: %t", jti, want.jti)
	}
	if diff := cmp.Diff(object(t, want.claims), claims); diff != "" {
		t.Errorf("got other claims (-want +got):\n%s", diff)
	}
	if strings.HasPrefix(want.algorithm, "HS") {
		checkMAC(t, shown.Signed.Reveal(), want)
	}
	checkSealed(t, shown, want, keys)
}

// checkTimes takes the times out of claims.
func checkTimes(t *testing.T, claims map[string]any, now time.Time, want issued) {
	t.Helper()
	at := func(name string) time.Duration {
		seconds, ok := claims[name].(float64)
		if delete(claims, name); !ok {
			return never
		}
		return time.Unix(int64(seconds), 0).Sub(now.Truncate(time.Second))
	}
	if iat, exp, nbf := at("iat"), at("exp"), at("nbf"); iat != 0 || exp != want.life || nbf != want.notBefore {
		t.Errorf("got iat %v, exp %v, nbf %v from now, want 0s, %v, %v", iat, exp, nbf, want.life, want.notBefore)
	}
}

// checkMAC checks that the key is the text of sharedKey, decoded.
func checkMAC(t *testing.T, compact string, want issued) {
	t.Helper()
	hashes := map[string]crypto.Hash{"HS256": crypto.SHA256, "HS384": crypto.SHA384, "HS512": crypto.SHA512}
	text, signature, _ := cutLast(compact, ".")
	mac := hmac.New(hashes[want.algorithm].New, []byte(want.key))
	mac.Write([]byte(text))
	if got := base64.RawURLEncoding.EncodeToString(mac.Sum(nil)); got != signature {
		t.Errorf("the token is not signed with the shared key")
	}
}

func cutLast(s, sep string) (before, after string, found bool) {
	if at := strings.LastIndex(s, sep); at >= 0 {
		return s[:at], s[at+len(sep):], true
	}
	return s, "", false
}

// checkSealed decrypts a token that is encrypted.
func checkSealed(t *testing.T, shown tokens.Shown, want issued, keys map[string]crypto.Signer) {
	t.Helper()
	value := shown.Made.Value.Reveal()
	if want.encrypted == "" {
		if value != shown.Signed.Reveal() {
			t.Error("the token is not what was signed")
		}
		return
	}
	sealed, err := jose.ParseEncryptedCompact(value, []jose.KeyAlgorithm{jose.RSA_OAEP, jose.ECDH_ES}, []jose.ContentEncryption{jose.A256GCM})
	if err != nil {
		t.Fatal(err)
	}
	inner, err := sealed.Decrypt(keys[want.encrypted])
	if err != nil || string(inner) != shown.Signed.Reveal() {
		t.Errorf("got another text in the encryption than the signed token, error %v", err)
	}
	if cty := object(t, shown.Outer.Reveal())["cty"]; cty != "JWT" {
		t.Errorf("got cty %v, want JWT", cty)
	}
}

func object(t *testing.T, text string) map[string]any {
	t.Helper()
	var o map[string]any
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return o
}

var (
	sharedKeys = regexp.MustCompile(`id="(\w+)"[^>]*sharedKey="(\{[^"]*)"`)
	generated  = regexp.MustCompile(`algorithm: (\w+)\n    jwk: .*`)
)

// environmentOf gives the variables of a test, and those that hold an encoded
// key of server.xml as it is.
func environmentOf(t *testing.T, server string, variables map[string]string) func(string) (string, bool) {
	t.Helper()
	data, err := os.ReadFile(server)
	if err != nil {
		t.Fatal(err)
	}
	all := maps.Clone(variables)
	for _, m := range sharedKeys.FindAllStringSubmatch(string(data), -1) {
		all[strings.ToUpper(m[1])+"_SHARED_KEY"] = m[2]
	}
	return func(name string) (string, bool) { value, ok := all[name]; return value, ok }
}

// ownKeys puts keys into the place of those that egret makes while it runs.
func ownKeys(t *testing.T, yaml []byte) []byte {
	t.Helper()
	return generated.ReplaceAllFunc(yaml, func(found []byte) []byte {
		algorithm := string(generated.FindSubmatch(found)[1])
		key, err := tokens.NewKey(algorithm)
		if err != nil {
			t.Fatal(err)
		}
		text, _ := json.Marshal(key.Private.Reveal())
		return []byte("algorithm: " + algorithm + "\n    key_type: " + key.Type + "\n    key: " + string(text) + "\n    publish: true")
	})
}

// writeStores writes the key stores that the servers name.
func writeStores(t *testing.T, dir string, keys map[string]crypto.Signer) {
	t.Helper()
	write := func(name string, data []byte, err error) {
		if err == nil {
			err = os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700)
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), data, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	data, err := pkcs12.Modern.Encode(keys["rsa"], certificate(t, keys["rsa"]), nil, "canary-default")
	write("resources/security/key.p12", data, err)
	data, err = pkcs12.Modern.EncodeTrustStoreEntries([]pkcs12.TrustStoreEntry{
		{Cert: certificate(t, keys["rsa"]), FriendlyName: "partner"}, {Cert: certificate(t, keys["p256"]), FriendlyName: "ecPartner"},
	}, "partners-password")
	write("certs/partners.p12", data, err)
	data, err = javaStore(t, "vendor-password", "vendor-password", map[string]crypto.Signer{"signing": keys["p521"], "rsa": keys["rsa"]})
	write("certs/vendor.jks", data, err)
	data, err = javaStore(t, "old-password", "old-key-password", map[string]crypto.Signer{"acme": keys["rsa"]})
	write("resources/security/old.jks", data, err)
}

func javaStore(t *testing.T, password, keyPassword string, keys map[string]crypto.Signer) ([]byte, error) {
	t.Helper()
	store := keystore.New()
	for alias, key := range keys {
		der, err := x509.MarshalPKCS8PrivateKey(key)
		if err != nil {
			return nil, err
		}
		err = store.SetPrivateKeyEntry(alias, keystore.PrivateKeyEntry{
			CreationTime: time.Now(), PrivateKey: der,
			CertificateChain: []keystore.Certificate{{Type: "X509", Content: certificate(t, key).Raw}},
		}, []byte(keyPassword))
		if err != nil {
			return nil, err
		}
	}
	var b bytes.Buffer
	err := store.Store(&b, []byte(password))
	return b.Bytes(), err
}

// certificate gives a self-signed certificate of a key.
func certificate(t *testing.T, key crypto.Signer) *x509.Certificate {
	t.Helper()
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "acme"}, NotBefore: time.Now(), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}
