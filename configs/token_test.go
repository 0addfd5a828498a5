package configs_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/egret-proxy/egret/configs"
)

// A told is a Token with its secrets, as tests compare them.
type told struct {
	ID, KeyType, Key, Passphrase, Shared, Store, Alias string
	JWK                                                *configs.JWK
	Publish                                            bool
	KeyID, Header, Claims, Issuer                      string
	Audience                                           []string
	Scope, Subject, TokenID                            string
	Times                                              configs.Times
	Encrypt                                            []string
	OnUse                                              bool
	MinAge                                             time.Duration
}

func tell(t configs.Token) told {
	out := told{
		t.ID, t.KeyType, t.Key.Reveal(), t.KeyPassphrase.Reveal(), t.SharedKey.Reveal(), t.KeyStore, t.KeyAlias, t.JWK, t.Publish,
		t.KeyID, string(t.Header), string(t.Claims), t.Issuer, t.Audience, t.Scope, string(t.Subject), t.TokenID, t.Times, nil, t.OnUse, t.MinAge,
	}
	if e := t.Encrypt; e != nil {
		out.Encrypt = []string{e.Algorithm, e.Content, e.Key.Reveal(), e.JWKS.Reveal(), e.KeyID, e.TrustStore, e.KeyAlias}
	}
	return out
}

const publicIssuer = "https://egret.acme.test:8443/base/jwt/"

// TestTokens reads a file with every key that tokens have.
func TestTokens(t *testing.T) {
	cfg, err := configs.Load(filepath.Join("testdata", "valid", "tokens.yaml"), options())
	must(t, err)
	silent(t, cfg, nil)
	const canary = "canary-0123456789"
	want := []told{
		{
			ID: "partner~1", JWK: &configs.JWK{Rotation: 12 * time.Hour, Announce: 90 * time.Minute, Keep: 3}, Publish: true,
			Claims: `{"sub":"alice","level":1}`, Issuer: publicIssuer + "partner~1", Audience: []string{"partner", "other"}, Scope: "read write",
			Subject: `{"email":"a@acme.test","groups":["ops","dev"],"a.b":{"deep":null}}`, TokenID: "{uuid}",
			Times:   configs.Times{Expires: 90 * time.Second, HasNotBefore: true, NotBefore: 30 * time.Second},
			Encrypt: []string{"RSA-OAEP", "A256GCM", "not read here", "", "", "", ""},
		},
		{
			ID: "defaults", JWK: &configs.JWK{Rotation: 12 * time.Hour, Announce: time.Hour, Keep: 2, Size: 2048}, Publish: true,
			Header: `{"typ":null,"cty":"v"}`, Issuer: publicIssuer + "defaults", Times: configs.Times{Expires: 2 * time.Hour},
			Encrypt: []string{"ECDH-ES", "A256GCM", "", "", "", "partners", "acme"},
		},
		{
			ID: "stored", Store: "vendor", Alias: "acme", Publish: true, KeyID: configs.KeyIDSPKI, Issuer: "acme",
			Times: configs.Times{
				IssuedAt: -time.Minute, Expires: 9 * time.Minute, HasNotBefore: true, NotBefore: -time.Minute,
				Others: []configs.TimeClaim{{Name: "tokenExp", Offset: 48 * time.Hour}, {Name: "past", Offset: -5 * time.Second}},
			},
			Encrypt: []string{"RSA-OAEP-256", "A256GCM", "", "{}", "k1", "", ""},
		},
		{
			ID: "shared", Shared: "{xor}LDo8LTor", Passphrase: canary, KeyID: "2026", TokenID: "SK-{iat}-{hex}", OnUse: true,
		},
		{
			ID: "pushed", KeyType: "EcPem", Key: "-----BEGIN PRIVATE KEY-----\nCANARYKEYFILE\n-----END PRIVATE KEY-----", Publish: true,
			Header: `{"kid":"K1"}`, Claims: `{"iss":"team","aud":["a"]}`, Times: configs.Times{NoExpires: true}, MinAge: 20 * time.Minute,
		},
		{
			ID: "vendor_key", KeyType: "Jwk", Key: "{}", Passphrase: "p", Publish: true, Issuer: publicIssuer + "vendor_key",
			Times: configs.Times{NoIssuedAt: true},
		},
		{
			ID: "forever", JWK: &configs.JWK{Keep: 2, Size: 4096}, Publish: true, KeyID: "mine", Issuer: publicIssuer + "forever",
		},
		{
			ID: "quick", JWK: &configs.JWK{Rotation: 2 * time.Second, Announce: time.Second, Keep: 2}, Publish: true, KeyID: configs.KeyIDSPKI, Issuer: publicIssuer + "quick",
		},
	}
	var got []told
	for _, token := range cfg.Tokens {
		got = append(got, tell(token))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("tokens (-want +got):\n%s", diff)
	}
}

// TestStores reads the stores of the same file.
func TestStores(t *testing.T) {
	cfg, err := configs.Load(filepath.Join("testdata", "valid", "tokens.yaml"), options())
	must(t, err)
	var got []string
	for _, k := range append(cfg.KeyStores, cfg.TrustStores...) {
		got = append(got, fmt.Sprintf("%s %s %s %q %s %s %s", k.Path, k.Name, k.Type, k.Data.Reveal(), k.Password.Reveal(), k.KeyPassword.Reveal(), k.KeyPassphrase.Reveal()))
	}
	const bytes = `"canary-store\r\n\x00\xff\n\n"`
	want := []string{
		"key_stores[0] vendor PKCS12 " + bytes + " canary-0123456789  ",
		"key_stores[1] old JKS " + bytes + " {xor}LDo8LTor {aes}AFwC canary-0123456789",
		`trust_stores[0] partners PEM "not read here\n"   `,
		`trust_stores[1] vendors JKS "not read here\n" changeit  `,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("stores (-want +got):\n%s", diff)
	}
	watched := ""
	for _, file := range cfg.Watched() {
		watched += filepath.Base(file.Path) + " "
	}
	if want := "tokens.yaml vendor.p12 partners.pem key.pem "; watched != want {
		t.Errorf("watches %s, want %s", watched, want)
	}
	var subjects []string
	for _, s := range cfg.Subjects {
		subjects = append(subjects, s.Path+" "+s.Name+" "+string(s.Attributes))
	}
	want = []string{
		`subjects[0] alice {"email":"a@acme.test","groups":["ops","dev"],"level":3.10,"a.b":{"deep":null}}`,
		"subjects[1] uid=bob,o=acme ",
	}
	if diff := cmp.Diff(want, subjects); diff != "" {
		t.Errorf("subjects (-want +got):\n%s", diff)
	}
}

// oneToken reads a token with more keys than it needs.
func oneToken(t *testing.T, top, keys string) configs.Token {
	t.Helper()
	cfg := good(t, top+"caches: [{name: c, ttl: 15m, hosts: [a.test]}]\ntokens: [{name: t, cache: c, "+keys+"}]\n")
	return cfg.Tokens[0]
}

const (
	hmacKey = "algorithm: HS256, shared_key: 0123456789abcdef0123456789abcdef"
	edKey   = "algorithm: EdDSA, key_type: EdPem, key: k"
)

// TestTimes resolves what jwtBuilder's words and those of egret say of times.
func TestTimes(t *testing.T) {
	for _, test := range []struct {
		keys string
		want configs.Times
	}{
		{"scope: a", configs.Times{}},
		{"expires_in: 2", configs.Times{Expires: 2 * time.Second}},
		{"expires_in: -1", configs.Times{}},
		{"expires_in: -1s, expiry: 1h", configs.Times{Expires: time.Hour}},
		{"expires_in: '90', expiry: 1h", configs.Times{Expires: 90 * time.Second}},
		{"expiry: 1h30m5s", configs.Times{Expires: time.Hour + 30*time.Minute + 5*time.Second}},
		{"expires_in: -1, nbf_offset: -1, time: {exp: 5m, nbf: 0}", configs.Times{Expires: 5 * time.Minute, HasNotBefore: true}},
		{"nbf_offset: 0s", configs.Times{HasNotBefore: true}},
		{"nbf_offset: 30s, time: {iat: -1m}", configs.Times{IssuedAt: -time.Minute, HasNotBefore: true, NotBefore: -30 * time.Second}},
		{"nbf_offset: 30s, time: {iat: false}", configs.Times{NoIssuedAt: true, HasNotBefore: true, NotBefore: 30 * time.Second}},
		{"time: {iat: 0, exp: false, nbf: -5}", configs.Times{NoExpires: true, HasNotBefore: true, NotBefore: -5 * time.Second}},
		{"time: {exp: 24h}", configs.Times{Expires: 24 * time.Hour}},
		{"nbf_offset: 898s", configs.Times{HasNotBefore: true, NotBefore: 898 * time.Second}},
		{"min_age: 9m59s", configs.Times{}},
	} {
		if diff := cmp.Diff(test.want, oneToken(t, "", hmacKey+", "+test.keys).Times); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.keys, diff)
		}
	}
}

// TestLongestTimes has the longest durations that there are.
func TestLongestTimes(t *testing.T) {
	const head = "caches: [{name: c, ttl: 2562047h, hosts: [a.test]}]\ntokens: [{name: t, cache: c, " + hmacKey + ", "
	good(t, head+"min_age: 1700000h, time: {iat: -2562047h, exp: 2562047h, claims: {a: 2562047h, b: -2562047h}}, nbf_offset: 2562047h}]\n")
	if _, problems := parse(t, head+"nbf_offset: 2562047h47m16s}]\n"); len(problems) != 1 {
		t.Errorf("got %v, want that the token is never good", problems)
	}
}

// TestKeyIDs says which kid an entry asks for. The default of a published key is
// a matter of tokens, which know whether the key has a kid of its own.
func TestKeyIDs(t *testing.T) {
	for keys, want := range map[string]string{
		edKey:                                 "",
		edKey + ", publish: true":             "",
		edKey + ", publish: false":            "",
		edKey + ", publish: true, kid: spki":  configs.KeyIDSPKI,
		edKey + ", publish: true, header: {}": "",
		edKey + ", kid: thumbprint":           configs.KeyIDThumbprint,
		edKey + ", kid: '${env:CANARY}'":      environment["CANARY"],
		edKey + ", header: {kid: a}":          "",
		hmacKey + ", kid: mine":               "mine",
		"algorithm: ES256, jwk: {enabled: true, rotation: 0}, header: {kid: a}": "",
		"algorithm: ES256, jwk: {enabled: true, rotation: 0s}, kid: mine":       "mine",
		"algorithm: ES256, jwk: {enabled: true}, publish: true":                 "",
		edKey + ", publish: true, header: {kid: a}":                             "",
	} {
		if got := oneToken(t, "", keys).KeyID; got != want {
			t.Errorf("%s: got kid %q, want %q", keys, got, want)
		}
	}
}

// TestAnnounce says how long a key is published before it signs.
func TestAnnounce(t *testing.T) {
	for rotation, want := range map[string]time.Duration{
		"2s": time.Second, "7s": time.Second, "9s": 2 * time.Second, "1h": 15 * time.Minute, "4h": time.Hour, "720m": time.Hour, "0": 0,
	} {
		if got := oneToken(t, "", "algorithm: ES256, jwk: {enabled: true, rotation: "+rotation+"}").JWK.Announce; got != want {
			t.Errorf("rotation %s: got %v, want %v", rotation, got, want)
		}
	}
}

// TestIssuer says where iss comes from.
func TestIssuer(t *testing.T) {
	const public = "public_url: https://egret.acme.test/\n"
	for _, test := range []struct{ top, keys, want string }{
		{"", "scope: a", ""},
		{public, "scope: a", "https://egret.acme.test/jwt/t"},
		{public, "id: ~other", "https://egret.acme.test/jwt/~other"},
		{public, "claims: {sub: a}", "https://egret.acme.test/jwt/t"},
		{public, "claims: {iss: a}", ""},
		{public, "issuer: a", "a"},
		{public, `issuer: ""`, ""},
		{"", "issuer: '${env:CANARY}'", environment["CANARY"]},
	} {
		if got := oneToken(t, test.top, hmacKey+", "+test.keys).Issuer; got != test.want {
			t.Errorf("%q, %s: got issuer %q, want %q", test.top, test.keys, got, test.want)
		}
	}
	cfg := good(t, public+"caches: [{name: c, ttl: 15m, hosts: [a.test]}]\ntokens: [{name: t, cache: c, value: static-value}]\n")
	if token := cfg.Tokens[0]; token.Issuer != "" || token.ID != "" {
		t.Errorf("a static value has the issuer %q and the id %q, want none", token.Issuer, token.ID)
	}
}

func TestPublicURL(t *testing.T) {
	for text, want := range map[string]string{
		"https://Egret.ACME.test.":      "https://egret.acme.test",
		"http://localhost:08080/":       "http://localhost:8080",
		"HTTPS://egret.acme.test:/a//":  "https://egret.acme.test/a",
		"https://[::FFFF:7f00:1]:1/a/b": "https://127.0.0.1:1/a/b",
		"https://[2001:DB8::1]":         "https://[2001:db8::1]",
		"https://a.test/a%20b/~c":       "https://a.test/a%20b/~c",
		"https://${env:HOST}/x":         "https://canary.test/x",
	} {
		if got := good(t, "public_url: '"+text+"'\n").PublicURL; got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
	for _, text := range []string{"https://a%2etest/", `https://a.test/\`, "https://a.test/a b", "https://a.test/é", "https:a.test", "//a.test", "https://[fe80::1%25eth0]/", ""} {
		if _, problems := parse(t, "public_url: '"+text+"'\n"); len(problems) != 1 {
			t.Errorf("%s: got %v, want a problem", text, problems)
		}
	}
}

// TestStoreDigests changes what tokens refer to, and looks which of them change.
func TestStoreDigests(t *testing.T) {
	files := map[string]string{
		"egret.yaml": "include: [d/*.yaml]\nkey_stores:\n  - {name: a, type: JKS, file: a.jks, password: pass}\n  - {name: b, type: JKS, file: b.jks}\n" +
			"trust_stores: [{name: a, type: JKS, file: t.jks}]\ncaches:\n" + lines(4, "  - {name: c%d, ttl: 1m, hosts: [a.test]}\n"),
		"d/tokens.yaml": "tokens:\n" +
			"  - {name: t0, cache: c0, algorithm: ES256, key_store: a}\n" +
			"  - {name: t1, cache: c1, algorithm: ES256, key_store: b}\n" +
			"  - {name: t2, cache: c2, algorithm: ES256, key_store: b, encrypt: {algorithm: RSA-OAEP, trust_store: a}}\n" +
			"  - {name: t3, cache: c3, algorithm: ES256, jwk: {enabled: true}}\n",
		"a.jks": "one", "b.jks": "two", "t.jks": "three",
	}
	read := func(name, text string) []string {
		t.Helper()
		directory := tree(t, files)
		if name != "" {
			write(t, filepath.Join(directory, name), text)
		}
		cfg, err := configs.Load(filepath.Join(directory, "egret.yaml"), options())
		must(t, err)
		var digests []string
		for _, token := range cfg.Tokens {
			digests = append(digests, token.Digest)
		}
		return digests
	}
	first := read("", "")
	for _, test := range []struct{ file, text, want string }{
		{"a.jks", "one", "...."},
		{"a.jks", "one\n", "x..."},
		{"b.jks", "new", ".xx."},
		{"t.jks", "new", "..x."},
		{"egret.yaml", strings.Replace(files["egret.yaml"], "pass}", "pass, key_password: other}", 1), "x..."},
	} {
		got := ""
		for i, digest := range read(test.file, test.text) {
			got += map[bool]string{true: ".", false: "x"}[digest == first[i]]
		}
		if got != test.want {
			t.Errorf("%s: got the changes %s, want %s", test.file, got, test.want)
		}
	}
}

// TestStoreFiles has stores in files that are relative to an included one, that
// others can read, and that are too large.
func TestStoreFiles(t *testing.T) {
	directory := tree(t, map[string]string{
		"egret.yaml": "include: [d/a.yaml]\n",
		"d/a.yaml":   "key_stores:\n  - {name: a, type: JKS, file: a.jks}\n  - {name: b, type: JKS, file: '${env:EMPTY}a.jks'}\ntrust_stores:\n  - {name: a, type: JKS, file: a.jks}\n",
		"d/a.jks":    strings.Repeat("x", 1<<20),
	})
	must(t, os.Chmod(filepath.Join(directory, "d", "a.jks"), 0o640))
	cfg, err := configs.Load(filepath.Join(directory, "egret.yaml"), options())
	must(t, err)
	if got := cfg.KeyStores[0].Data.Len(); got != 1<<20 {
		t.Errorf("got %d bytes, want 1 MiB", got)
	}
	want := []string{
		"d/a.yaml:2:32: key_stores[0].file: other users can read d/a.jks, its mode is 0640; chmod 600 d/a.jks",
		"d/a.yaml:3:32: key_stores[1].file: other users can read d/a.jks, its mode is 0640; chmod 600 d/a.jks",
	}
	if diff := cmp.Diff(want, said(cfg.Warnings, directory)); diff != "" && os.PathSeparator == '/' {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
	write(t, filepath.Join(directory, "d", "a.jks"), strings.Repeat("x", 1<<20+1))
	_, problems := configs.Read(filepath.Join(directory, "egret.yaml"), options())
	if len(problems) != 3 || !strings.HasSuffix(problems[0].Message, "it is larger than 1 MiB") {
		t.Errorf("got %v, want three times that the file is too large", problems)
	}
}

// TestUnsoundStores has tokens that name stores with a problem: nothing can be
// said of them.
func TestUnsoundStores(t *testing.T) {
	cfg, problems := parse(t, "key_stores: [{name: a, type: JKS, file: none}]\ntrust_stores: [{name: a, type: JKS, file: none}]\n"+
		"caches:\n"+lines(3, "  - {name: c%d, ttl: 1m, hosts: [a.test]}\n")+"tokens:\n"+
		"  - {name: a, cache: c0, algorithm: ES256, key_store: a}\n"+
		"  - {name: b, cache: c1, algorithm: ES256, jwk: {enabled: true}, encrypt: {algorithm: RSA-OAEP, trust_store: a}}\n"+
		"  - {name: c, cache: c2, algorithm: ES256, jwk: {enabled: true}}\n")
	if len(problems) != 2 || len(cfg.Tokens) != 1 || cfg.Tokens[0].Name != "c" || len(cfg.KeyStores)+len(cfg.TrustStores) > 0 {
		t.Errorf("got tokens %v, stores %v %v, problems %v, want the last token alone and two problems", cfg.Tokens, cfg.KeyStores, cfg.TrustStores, problems)
	}
}

// TestSubjectsPrintNothing has people whose attributes are nobody's business.
func TestSubjectsPrintNothing(t *testing.T) {
	cfg := good(t, "subjects: [{name: alice, attributes: {phone: '555-0100'}}]\n")
	encoded, err := json.Marshal(cfg)
	must(t, err)
	for _, text := range []string{string(encoded), fmt.Sprintf("%v %+v %#v", cfg, cfg.Subjects, cfg.Subjects)} {
		if strings.Contains(text, "555-0100") {
			t.Errorf("an attribute is printed: %s", text)
		}
	}
}
