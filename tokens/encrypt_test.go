package tokens_test

import (
	"crypto"
	"crypto/ecdh"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/tokens"
)

// jwk writes a key as a JWK with more members, such as `"use":"enc"`.
func jwk(key any, more ...string) string {
	text := string(must(json.Marshal(jose.JSONWebKey{Key: key})))
	return strings.TrimSuffix(text, "}") + strings.Join(append([]string{""}, more...), ",") + "}"
}

func jwks(keys ...string) string { return `{"keys":[` + strings.Join(keys, ",") + `]}` }

func encrypting(algorithm string, change func(*configs.Encrypt)) configs.Token {
	return with(func(c *configs.Token) {
		c.TokenID = "{uuid}"
		c.Encrypt = &configs.Encrypt{Algorithm: algorithm, Content: "A256GCM"}
		change(c.Encrypt)
	})
}

func recipientKey(text string) func(*configs.Encrypt) {
	return func(e *configs.Encrypt) { e.Key = configs.NewSecret(text) }
}

func recipientSet(kid string, keys ...string) func(*configs.Encrypt) {
	return func(e *configs.Encrypt) { e.JWKS, e.KeyID = configs.NewSecret(jwks(keys...)), kid }
}

// TestEncrypt decrypts with go-jose, and finds the signed token inside.
func TestEncrypt(t *testing.T) {
	pub := func(key crypto.Signer) string { return armour("PUBLIC KEY", public(key)) }
	spki := func(key crypto.Signer) string { return urlSafe(fingerprintOf(key)) }
	for name, c := range map[string]struct {
		cfg     configs.Token
		private crypto.Signer
		kid     string
	}{
		"RSA-OAEP, PEM":            {encrypting("RSA-OAEP", recipientKey(pub(rsa2048()))), rsa2048(), spki(rsa2048())},
		"RSA-OAEP-256, PKCS#1":     {encrypting("RSA-OAEP-256", recipientKey(armour("RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(&rsa2048().PublicKey)))), rsa2048(), spki(rsa2048())},
		"RSA-OAEP, certificate":    {encrypting("RSA-OAEP", recipientKey(armour("CERTIFICATE", certificate(rsa2048())))), rsa2048(), spki(rsa2048())},
		"ECDH-ES, PEM":             {encrypting("ECDH-ES", recipientKey(pub(p256()))), p256(), spki(p256())},
		"ECDH-ES, PEM on one line": {encrypting("ECDH-ES", recipientKey(`"`+escaped(pub(p384()))+`"`)), p384(), spki(p384())},
		"ECDH-ES, JWK":             {encrypting("ECDH-ES", recipientKey(" "+jwk(p521().Public(), `"kid":"p"`, `"use":"enc"`, `"alg":"ECDH-ES"`))), p521(), "p"},
		"a JWK without kid":        {encrypting("RSA-OAEP", recipientKey(jwk(rsa2048().Public()))), rsa2048(), ""},
		"key_ops":                  {encrypting("ECDH-ES", recipientKey(jwk(p256().Public(), `"key_ops":["deriveKey"]`))), p256(), ""},
		"empty key_ops":            {encrypting("ECDH-ES", recipientKey(jwk(p256().Public(), `"key_ops":[]`))), p256(), ""},
		"the one that fits": {encrypting("RSA-OAEP", recipientSet("",
			jwk(p256().Public(), `"kid":"a"`), jwk(rsa2048().Public(), `"kid":"b"`, `"use":"sig"`), jwk(rsa2048().Public(), `"kid":"c"`, `"use":"enc"`),
			jwk(rsa2048().Public(), `"kid":"d"`, `"alg":"RSA-OAEP-256"`), `{"kty":"new"}`, `7`)), rsa2048(), "c"},
		"the one of the name": {encrypting("ECDH-ES", recipientSet("b", jwk(p256().Public(), `"kid":"a"`), jwk(p384().Public(), `"kid":"b"`))), p384(), "b"},
	} {
		t.Run(name, func(t *testing.T) {
			token := newToken(t, c.cfg, ttl)
			shown, err := token.Show(t.Context(), noon)
			if err != nil {
				t.Fatal(err)
			}
			m := shown.Made
			e := c.cfg.Encrypt
			sealed, err := jose.ParseEncryptedCompact(m.Value.Reveal(), []jose.KeyAlgorithm{jose.KeyAlgorithm(e.Algorithm)}, []jose.ContentEncryption{jose.A256GCM})
			if err != nil {
				t.Fatalf("%s: %v", m.Value.Reveal(), err)
			}
			signed, err := sealed.Decrypt(c.private)
			if err != nil || string(signed) != shown.Signed.Reveal() {
				t.Fatalf("decrypted %q, %v, want %s", signed, err, shown.Signed.Reveal())
			}
			if err := tokens.Verify([]byte(jwks(jwk([]byte(text64)))), string(signed), noon); err != nil {
				t.Errorf("the token inside: %v", err)
			}
			var outer map[string]any
			if err := json.Unmarshal([]byte(shown.Outer.Reveal()), &outer); err != nil {
				t.Fatal(err)
			}
			kid, _ := outer["kid"].(string)
			if outer["alg"] != e.Algorithm || outer["enc"] != "A256GCM" || outer["cty"] != "JWT" || outer["typ"] != "JOSE" || kid != c.kid {
				t.Errorf("header %s, want alg %s, enc A256GCM, cty JWT, typ JOSE, kid %q", shown.Outer.Reveal(), e.Algorithm, c.kid)
			}
			var inner struct{ Jti string }
			if err := json.Unmarshal([]byte(shown.Claims.Reveal()), &inner); err != nil || inner.Jti != m.TokenID || m.TokenID == "" {
				t.Errorf("jti is %q inside (%v), and %q is told", inner.Jti, err, m.TokenID)
			}
		})
	}
}

// TestEncryptedTokensDiffer makes some in several goroutines: content keys and
// nonces are never the same.
func TestEncryptedTokensDiffer(t *testing.T) {
	for _, algorithm := range []string{"RSA-OAEP", "ECDH-ES"} {
		key := jwk(p256().Public())
		if algorithm == "RSA-OAEP" {
			key = jwk(rsa2048().Public())
		}
		token := newToken(t, encrypting(algorithm, recipientKey(key)), ttl)
		var group sync.WaitGroup
		made := make([]string, 40)
		for i := range made {
			group.Go(func() { made[i] = makeValue(t, token, noon) })
		}
		group.Wait()
		seen := map[string]bool{}
		for _, text := range made {
			segments := strings.Split(text, ".")
			for _, part := range []int{2, 3} { // nonce and text
				if seen[segments[part]] {
					t.Errorf("%s: part %d of a token was there before", algorithm, part)
				}
				seen[segments[part]] = true
			}
		}
	}
}

// TestEncryptForTrustStore takes the recipient from a trust store.
func TestEncryptForTrustStore(t *testing.T) {
	stores, errs := tokens.OpenStores(&configs.Config{TrustStores: []configs.KeyStore{{
		Name: "partners", Type: "PEM", Data: configs.NewSecret(armour("PUBLIC KEY", public(rsa2048())) + armour("PUBLIC KEY", public(p256()))),
	}}})
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	for alias, want := range map[string]string{
		"2": "",
		"1": "encrypt.trust_store: this is an RSA key, ECDH-ES needs EC on P-256, P-384 or P-521",
		"":  "encrypt.trust_store: trust store \"partners\" has 2 entries that fit, key_alias is missing",
	} {
		cfg := encrypting("ECDH-ES", func(e *configs.Encrypt) { e.TrustStore, e.KeyAlias = "partners", alias })
		token, err := stores.New(cfg, ttl)
		if got := fmt.Sprint(err); want != "" && got != want {
			t.Errorf("alias %q: %s, want %s", alias, got, want)
		}
		if want != "" {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		sealed := must(jose.ParseEncryptedCompact(makeValue(t, token, noon), []jose.KeyAlgorithm{jose.ECDH_ES}, []jose.ContentEncryption{jose.A256GCM}))
		if _, err := sealed.Decrypt(p256()); err != nil {
			t.Errorf("alias %q: %v", alias, err)
		}
		if kid := urlSafe(fingerprintOf(p256())); sealed.Header.KeyID != kid {
			t.Errorf("alias %q: kid is %q, want %q", alias, sealed.Header.KeyID, kid)
		}
	}
}

// TestEncryptRefuses has what no token can be encrypted with.
func TestEncryptRefuses(t *testing.T) {
	x25519 := must(ecdh.X25519().GenerateKey(rand.Reader)).PublicKey()
	pub := func(key any) string { return armour("PUBLIC KEY", must(x509.MarshalPKIXPublicKey(key))) }
	const (
		private  = "encrypt.key: this is a private key, and only the recipient may have it: take the public one"
		inPEM    = "encrypt.key: there is a private key in the PEM, and only the recipient may have it"
		needsEC  = ", ECDH-ES needs EC on P-256, P-384 or P-521"
		noPermit = "encrypt.key: use or key_ops of the JWK do not permit encryption"
	)
	odd := rsa.PublicKey{N: rsa2048().N, E: 2}
	for name, c := range map[string]struct {
		cfg  configs.Token
		want string
	}{
		"no algorithm":        {encrypting("", recipientKey(pub(rsa2048().Public()))), "encrypt.algorithm: algorithm is missing"},
		"unknown algorithm":   {encrypting("RSA1_5", recipientKey(pub(rsa2048().Public()))), "encrypt.algorithm: unknown algorithm"},
		"unknown content":     {encrypting("RSA-OAEP", func(e *configs.Encrypt) { e.Content = "A128GCM" }), "encrypt.content: unknown content"},
		"nothing":             {encrypting("RSA-OAEP", func(*configs.Encrypt) {}), "encrypt: encrypt needs key, jwks or trust_store"},
		"wrong family":        {encrypting("RSA-OAEP", recipientKey(pub(p256().Public()))), "encrypt.key: this is an EC key, RSA-OAEP needs RSA"},
		"wrong family of JWK": {encrypting("ECDH-ES", recipientKey(jwk(rsa2048().Public()))), "encrypt.key: this is an RSA key" + needsEC},
		"Ed25519":             {encrypting("ECDH-ES", recipientKey(pub(ed().Public()))), "encrypt.key: this is an Ed25519 key" + needsEC},
		"X25519":              {encrypting("ECDH-ES", recipientKey(pub(x25519))), "encrypt.key: this is an X25519 key" + needsEC},
		"X25519 as a JWK":     {encrypting("ECDH-ES", recipientKey(`{"kty":"OKP","crv":"X25519","x":"3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08"}`)), "encrypt.key: this is an X25519 key" + needsEC},
		"secp256k1 as a JWK":  {encrypting("ECDH-ES", recipientKey(`{"kty":"EC","crv":"secp256k1","x":"AA","y":"AA"}`)), "encrypt.key: this is a key on secp256k1" + needsEC},
		"P-224 as a JWK":      {encrypting("ECDH-ES", recipientKey(`{"kty":"EC","crv":"P-224","x":"AA","y":"AA"}`)), "encrypt.key: this is a key on P-224" + needsEC},
		"P-224":               {encrypting("ECDH-ES", recipientKey(pub(p224().Public()))), "encrypt.key: key is on P-224" + needsEC},
		"small RSA":           {encrypting("RSA-OAEP-256", recipientKey(pub(rsa1024().Public()))), "encrypt.key: RSA key is 1024 bits, at least 2048 needed"},
		"even exponent":       {encrypting("RSA-OAEP", recipientKey(pub(&odd))), "encrypt: the key of the recipient is broken"},
		"private PEM":         {encrypting("RSA-OAEP", recipientKey(armour("PRIVATE KEY", pkcs8(rsa2048())))), inPEM},
		"private beside":      {encrypting("RSA-OAEP", recipientKey(armour("CERTIFICATE", certificate(rsa2048()))+armour("RSA PRIVATE KEY", pkcs1(rsa2048())))), inPEM},
		"private JWK":         {encrypting("ECDH-ES", recipientKey(jwk(p256()))), private},
		"private RSA JWK":     {encrypting("RSA-OAEP", recipientKey(jwk(rsa2048()))), private},
		"secret":              {encrypting("RSA-OAEP", recipientKey(jwk([]byte("x")))), "encrypt.key: this is a secret, RSA-OAEP needs RSA"},
		"not for this":        {encrypting("RSA-OAEP", recipientKey(jwk(rsa2048().Public(), `"alg":"RS256"`))), "encrypt.key: the alg of the JWK is not RSA-OAEP"},
		"for signatures":      {encrypting("RSA-OAEP", recipientKey(jwk(rsa2048().Public(), `"use":"sig"`))), noPermit},
		"for verifying":       {encrypting("RSA-OAEP", recipientKey(jwk(rsa2048().Public(), `"key_ops":["verify"]`))), noPermit},
		"twice a name":        {encrypting("RSA-OAEP", recipientKey(jwk(rsa2048().Public(), `"kty":"RSA"`))), "encrypt.key: this is no JWK that egret can read"},
		"a set as a key":      {encrypting("RSA-OAEP", recipientKey(jwks(jwk(rsa2048().Public())))), "encrypt.key: this is no JWK that egret can read"},
		"no PEM":              {encrypting("RSA-OAEP", recipientKey("MIIB")), "encrypt.key: key is neither PEM nor a JWK"},
		"PEM cut off":         {encrypting("RSA-OAEP", recipientKey(strings.Replace(pub(rsa2048().Public()), "M", "-", 1))), "encrypt.key: PEM body is not base64"},
		"something else":      {encrypting("RSA-OAEP", recipientKey(armour("PUBLIC KEY", []byte("x")))), "encrypt.key: there is no public key or certificate in the PEM that egret can read"},
		"several blocks":      {encrypting("RSA-OAEP", recipientKey(strings.Repeat(armour("CERTIFICATE", certificate(rsa2048())), 2))), "encrypt.key: there are 2 blocks in the PEM"},

		"no set":          {encrypting("RSA-OAEP", func(e *configs.Encrypt) { e.JWKS = configs.NewSecret(`[]`) }), "encrypt.jwks: this is no JWK Set: an object with a list of keys"},
		"no list":         {encrypting("RSA-OAEP", func(e *configs.Encrypt) { e.JWKS = configs.NewSecret(`{"keys":{}}`) }), "encrypt.jwks: this is no JWK Set: an object with a list of keys"},
		"empty set":       {encrypting("RSA-OAEP", recipientSet("")), "encrypt.jwks: no key in the set fits RSA-OAEP"},
		"none fits":       {encrypting("RSA-OAEP", recipientSet("", jwk(p256().Public()), jwk(p384().Public()))), "encrypt.jwks: no key in the set fits RSA-OAEP"},
		"several fit":     {encrypting("ECDH-ES", recipientSet("", jwk(p256().Public()), jwk(p384().Public()))), "encrypt.jwks: 2 keys in the set fit ECDH-ES"},
		"the only misfit": {encrypting("ECDH-ES", recipientSet("", jwk(p256().Public(), `"use":"sig"`))), "encrypt.jwks: use or key_ops of the JWK do not permit encryption"},
		"the named is private": {
			encrypting("ECDH-ES", recipientSet("a", jwk(p256(), `"kid":"a"`), jwk(p384().Public()))),
			"encrypt.jwks" + strings.TrimPrefix(private, "encrypt.key"),
		},
		"unknown kid": {encrypting("ECDH-ES", recipientSet("b", jwk(p256().Public(), `"kid":"a"`))), "encrypt.kid: no key in the set that egret can read has this kid"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := tokens.New(c.cfg, ttl); err == nil || err.Error() != c.want {
				t.Errorf("New: %v\nwant %s", err, c.want)
			}
		})
	}
}

// FuzzRecipient: what is taken can be encrypted for, and nothing panics.
func FuzzRecipient(f *testing.F) {
	f.Add("RSA-OAEP", armour("PUBLIC KEY", public(rsa2048())), "")
	f.Add("ECDH-ES", jwk(p256().Public(), `"key_ops":["deriveKey"]`), "")
	f.Add("ECDH-ES", jwks(jwk(p256().Public(), `"kid":"a"`), jwk(p384().Public(), `"kid":"b"`)), "b")
	f.Add("RSA-OAEP-256", armour("CERTIFICATE", certificate(rsa2048())), "")
	f.Add("ECDH-ES", `{"kty":"OKP","crv":"X25519","x":"AA"}`, "")
	f.Fuzz(func(t *testing.T, algorithm, text, kid string) {
		for _, change := range []func(*configs.Encrypt){recipientKey(text), func(e *configs.Encrypt) { e.JWKS, e.KeyID = configs.NewSecret(text), kid }} {
			token, err := tokens.New(encrypting(algorithm, change), ttl)
			if err != nil {
				continue
			}
			value := makeValue(t, token, noon)
			raw, err := base64.RawURLEncoding.Strict().DecodeString(strings.Split(value, ".")[0])
			if err != nil || strings.Count(value, ".") != 4 || !json.Valid(raw) {
				t.Errorf("a token for %q is %s (%v)", text, value, err)
			}
			if printed := fmt.Sprint(token); strings.Contains(printed, ".") {
				t.Errorf("the token prints as %s", printed)
			}
		}
	})
}
