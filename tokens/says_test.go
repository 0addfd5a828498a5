package tokens_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/tokens"
)

// with is an HS256 Token without a header and claims of its own.
func with(change func(cfg *configs.Token)) configs.Token {
	cfg := hs256("", "")
	change(&cfg)
	return cfg
}

// es256 is a Token with a public key.
func es256(change func(cfg *configs.Token)) configs.Token {
	cfg := configs.Token{Name: "acme_jwt", Algorithm: "ES256", KeyType: "EcPem", Key: configs.NewSecret(armour("PRIVATE KEY", pkcs8(p256())))}
	change(&cfg)
	return cfg
}

func timed(name string, offset time.Duration) configs.TimeClaim {
	return configs.TimeClaim{Name: name, Offset: offset}
}

// at writes a NumericDate so long after noon.
func at(offset time.Duration) string { return fmt.Sprint(noon.Add(offset).Unix()) }

// TestSays has what the fields of an entry make a token say: the attributes of
// jwtBuilder, and what the readers of self-signed tokens demand.
func TestSays(t *testing.T) {
	sum := fingerprintOf(p256())
	for name, c := range map[string]struct {
		cfg            configs.Token
		header, claims string // "" is not compared
	}{
		"issuer":           {with(func(c *configs.Token) { c.Issuer = "https://egret.acme.test/jwt/partner" }), ``, `{"iss":"https://egret.acme.test/jwt/partner",` + times},
		"one audience":     {with(func(c *configs.Token) { c.Audience = []string{`a"b`} }), ``, `{"aud":"a\"b",` + times},
		"audiences":        {with(func(c *configs.Token) { c.Audience = []string{"a", "b"} }), ``, `{"aud":["a","b"],` + times},
		"scope":            {with(func(c *configs.Token) { c.Scope = "read write" }), ``, `{"scope":"read write",` + times},
		"a list as scope":  {hs256("", `{"scope":["GET /v1/apps"]}`), ``, `{"scope":["GET /v1/apps"],` + times},
		"subject claims":   {with(func(c *configs.Token) { c.Subject = []byte(`{"email": "a@acme.test", "groups":["ops"], "n": 1.0}`) }), ``, `{"email":"a@acme.test","groups":["ops"],"n":1.0,` + times},
		"a longer life":    {with(func(c *configs.Token) { c.Times.Expires = 48 * time.Hour }), ``, `{"iat":` + at(0) + `,"exp":` + at(48*time.Hour) + `}`},
		"a shorter life":   {with(func(c *configs.Token) { c.Times.Expires = 90 * time.Second }), ``, `{"iat":` + at(0) + `,"exp":` + at(90*time.Second) + `}`},
		"no exp":           {with(func(c *configs.Token) { c.Times.NoExpires = true }), ``, `{"iat":` + at(0) + `}`},
		"no iat":           {with(func(c *configs.Token) { c.Times.NoIssuedAt = true }), ``, `{"exp":` + at(ttl) + `}`},
		"no times":         {with(func(c *configs.Token) { c.Times.NoIssuedAt, c.Times.NoExpires = true, true }), `{"alg":"HS256","typ":"JWT"}`, `{}`},
		"iat in the past":  {with(func(c *configs.Token) { c.Times.IssuedAt, c.Times.Expires = -time.Minute, 9*time.Minute }), ``, `{"iat":` + at(-time.Minute) + `,"exp":` + at(9*time.Minute) + `}`},
		"nbf":              {with(func(c *configs.Token) { c.Times.HasNotBefore, c.Times.NotBefore = true, 30*time.Second }), ``, `{"iat":` + at(0) + `,"nbf":` + at(30*time.Second) + `,"exp":` + at(ttl) + `}`},
		"nbf at once":      {with(func(c *configs.Token) { c.Times.HasNotBefore = true }), ``, `{"iat":` + at(0) + `,"nbf":` + at(0) + `,"exp":` + at(ttl) + `}`},
		"nbf in the past":  {with(func(c *configs.Token) { c.Times.HasNotBefore, c.Times.NotBefore = true, -time.Minute }), ``, `{"iat":` + at(0) + `,"nbf":` + at(-time.Minute) + `,"exp":` + at(ttl) + `}`},
		"nbf of one's own": {hs256("", `{"nbf":1}`), ``, `{"nbf":1,` + times},
		"further times": {with(func(c *configs.Token) {
			c.Times.Others = []configs.TimeClaim{timed("tokenExp", 48*time.Hour), timed(`a"b`, -time.Second)}
		}), ``, `{"iat":` + at(0) + `,"exp":` + at(ttl) + `,"tokenExp":` + at(48*time.Hour) + `,"a\"b":` + at(-time.Second) + `}`},
		"a further time alone": {with(func(c *configs.Token) {
			c.Times = configs.Times{NoIssuedAt: true, NoExpires: true, Others: []configs.TimeClaim{timed("t", 0)}}
		}), ``, `{"t":` + at(0) + `}`},
		"claims of any type": {hs256("", `{"role":1,"video":{"roomJoin":true,"room":"r"},"a":[null]}`), ``, `{"role":1,"video":{"roomJoin":true,"room":"r"},"a":[null],` + times},
		"the order": {es256(func(c *configs.Token) {
			c.Claims, c.Subject = []byte(`{"sub":"alice"}`), []byte(`{"email":"e"}`)
			c.Issuer, c.Audience, c.Scope = "i", []string{"a"}, "s"
		}), ``, `{"sub":"alice","iss":"i","aud":"a","scope":"s","email":"e",` + times},
		"a fingerprint": {es256(func(c *configs.Token) { c.Claims = []byte(`{"iss":"ACME.EGRET.SHA256:{fingerprint}"}`) }), ``, `{"iss":"ACME.EGRET.SHA256:` + sum + `",` + times},
		"fingerprints everywhere": {es256(func(c *configs.Token) {
			c.Claims = []byte(`{"{fingerprint}":"{fingerprint}{fingerprint}x","a":[{"b":"\u007bfingerprint}\n"}],"c":"d"}`)
		}), ``, `{"{fingerprint}":"` + sum + sum + `x","a":[{"b":"` + sum + `\n"}],"c":"d",` + times},
		"the word itself":        {es256(func(c *configs.Token) { c.Claims = []byte(`{"a":"\\{fingerprint}-{fingerprint}","b":"{finger}"}`) }), ``, `{"a":"{fingerprint}-` + sum + `","b":"{finger}",` + times},
		"the word with a secret": {hs256("", `{"a":"\\{fingerprint}"}`), ``, `{"a":"{fingerprint}",` + times},

		"no typ":                {hs256(`{"typ":null}`, ""), `{"alg":"HS256"}`, ``},
		"no typ, and others":    {hs256(`{"a":1,"typ":null,"kid":"k","b":{"c":[1.0]}}`, ""), `{"alg":"HS256","a":1,"kid":"k","b":{"c":[1.0]}}`, ``},
		"another typ and cty":   {hs256(`{"cty":"twilio-fpa;v=1","typ":"JOSE+x"}`, ""), `{"alg":"HS256","typ":"JOSE+x","cty":"twilio-fpa;v=1"}`, ``},
		"kid of one's own":      {with(func(c *configs.Token) { c.KeyID = `2026"11` }), `{"alg":"HS256","typ":"JWT","kid":"2026\"11"}`, ``},
		"kid and more":          {with(func(c *configs.Token) { c.KeyID, c.Header = "k", []byte(`{"typ":null,"a":true}`) }), `{"alg":"HS256","a":true,"kid":"k"}`, ``},
		"kid is a thumbprint":   {edRFC(func(c *configs.Token) { c.KeyID = configs.KeyIDThumbprint }), `{"alg":"EdDSA","typ":"JWT","kid":"kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"}`, ``},
		"kid is a hash of SPKI": {es256(func(c *configs.Token) { c.KeyID = configs.KeyIDSPKI }), `{"alg":"ES256","typ":"JWT","kid":"` + urlSafe(sum) + `"}`, ``},
		"kid of a JWK":          {ofJWK(func(*configs.Token) {}), `{"alg":"EdDSA","typ":"JWT","kid":"own"}`, ``},
		"kid before that of it": {ofJWK(func(c *configs.Token) { c.KeyID = "k" }), `{"alg":"EdDSA","typ":"JWT","kid":"k"}`, ``},
		"header before it":      {ofJWK(func(c *configs.Token) { c.Header = []byte(`{"kid":"h"}`) }), `{"alg":"EdDSA","typ":"JWT","kid":"h"}`, ``},
		"kid of a public JWK":   {ofJWK(func(c *configs.Token) { c.Publish = true }), `{"alg":"EdDSA","typ":"JWT","kid":"own"}`, ``},
		"another one asked for": {ofJWK(func(c *configs.Token) { c.Publish, c.KeyID = true, configs.KeyIDSPKI }), `{"alg":"EdDSA","typ":"JWT","kid":"` + urlSafe(fingerprintOf(ed())) + `"}`, ``},
		"a word as a kid":       {ofJWK(func(c *configs.Token) { c.Publish, c.Header = true, []byte(`{"kid":"spki"}`) }), `{"alg":"EdDSA","typ":"JWT","kid":"spki"}`, ``},
		"kid of a public key":   {edRFC(func(c *configs.Token) { c.Publish = true }), `{"alg":"EdDSA","typ":"JWT","kid":"kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"}`, ``},
	} {
		t.Run(name, func(t *testing.T) {
			header, claims := parts(t, c.cfg)
			if c.header != "" && header != c.header {
				t.Errorf("header %s\nwant   %s", header, c.header)
			}
			if c.claims != "" && claims != c.claims {
				t.Errorf("claims %s\nwant   %s", claims, c.claims)
			}
		})
	}
}

// edRFC has the key of RFC 8037 appendix A.3, whose thumbprint stands there.
func edRFC(change func(cfg *configs.Token)) configs.Token {
	cfg := configs.Token{Algorithm: "EdDSA", KeyType: "EdDer", Key: configs.NewSecret("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A")}
	change(&cfg)
	return cfg
}

// ofJWK is a Token whose key brings a name along.
func ofJWK(change func(cfg *configs.Token)) configs.Token {
	cfg := configs.Token{Algorithm: "EdDSA", KeyType: "Jwk", Key: configs.NewSecret(jwk(ed(), `"kid":"own"`))}
	change(&cfg)
	return cfg
}

// urlSafe writes base64 in the alphabet of URLs, without padding.
func urlSafe(text string) string {
	return base64.RawURLEncoding.EncodeToString(must(base64.StdEncoding.DecodeString(text)))
}

// TestSaysNot has what does not go together.
func TestSaysNot(t *testing.T) {
	other := func(name string) func(*configs.Token) {
		return func(c *configs.Token) { c.Times.Others = []configs.TimeClaim{timed(name, time.Hour)} }
	}
	for name, c := range map[string]struct {
		cfg  configs.Token
		want string
	}{
		"iss twice":         {with(func(c *configs.Token) { c.Claims, c.Issuer = []byte(`{"iss":1}`), "i" }), "issuer: claims sets iss too: remove one of them"},
		"aud twice":         {with(func(c *configs.Token) { c.Claims, c.Audience = []byte(`{"aud":1}`), []string{"a"} }), "audiences: claims sets aud too: remove one of them"},
		"scope twice":       {with(func(c *configs.Token) { c.Claims, c.Scope = []byte(`{"sc\u006fpe":1}`), "s" }), "scope: claims sets scope too: remove one of them"},
		"jti twice":         {with(func(c *configs.Token) { c.Claims, c.TokenID = []byte(`{"jti":"x"}`), "{uuid}" }), "jti: claims sets jti too: remove one of them"},
		"nbf twice":         {with(func(c *configs.Token) { c.Claims, c.Times.HasNotBefore = []byte(`{"nbf":1}`), true }), "time.nbf: claims sets nbf too: remove one of them"},
		"a subject's twice": {with(func(c *configs.Token) { c.Claims, c.Subject = []byte(`{"email":1}`), []byte(`{"email":2}`) }), "subject_claims: claims sets email too: remove one of them"},
		"a subject's iss":   {with(func(c *configs.Token) { c.Issuer, c.Subject = "i", []byte(`{"iss":2}`) }), "subject_claims: issuer sets iss too: remove one of them"},
		"a subject's exp":   {with(func(c *configs.Token) { c.Subject = []byte(`{"exp":2}`) }), "time.exp: subject_claims sets exp too: remove one of them"},
		"a time twice":      {with(other("exp")), "time.claims: time.exp sets exp too: remove one of them"},
		"kid twice":         {with(func(c *configs.Token) { c.Header, c.KeyID = []byte(`{"kid":"k"}`), "k" }), "kid: header has kid too: remove one of them"},

		"a secret published":     {with(func(c *configs.Token) { c.Publish = true }), "publish: HS256 signs with a secret, which is never published"},
		"the hash of a secret":   {with(func(c *configs.Token) { c.KeyID = configs.KeyIDThumbprint }), "kid: thumbprint is computed from a public key, and HS256 has none"},
		"the other hash of one":  {with(func(c *configs.Token) { c.KeyID = configs.KeyIDSPKI }), "kid: spki is computed from a public key, and HS256 has none"},
		"a secret's fingerprint": {hs256("", `{"a":["{fingerprint}"]}`), "claims: {fingerprint} is computed from a public key, and HS256 has none"},
		"on use without jti":     {with(func(c *configs.Token) { c.OnUse = true }), "sign: two tokens of one second would be the same without jti"},
		"jti is always the same": {with(func(c *configs.Token) { c.TokenID = "x{iat}" }), "jti: jti would be the same in several tokens"},
		"jti with a slip":        {with(func(c *configs.Token) { c.TokenID = "{uuid}{uid}" }), "jti: jti has an unknown word in braces"},
		"exp at once":            {with(func(c *configs.Token) { c.Times.Expires = time.Second }), "time.exp: exp is 1s after the signing, at least 2s needed"},
		"exp in the past":        {with(func(c *configs.Token) { c.Times.Expires = -time.Hour }), "time.exp: exp is -1h0m0s after the signing, at least 2s needed"},
		"nbf after exp": {with(func(c *configs.Token) {
			c.Times = configs.Times{Expires: time.Minute, HasNotBefore: true, NotBefore: time.Minute}
		}), "time.nbf: nbf is 1m0s after the signing, where the token lives 1m0s"},
		"nbf after the ttl":        {with(func(c *configs.Token) { c.Times = configs.Times{NoExpires: true, HasNotBefore: true, NotBefore: ttl} }), "time.nbf: nbf is 15m0s after the signing, where the token lives 15m0s"},
		"an extension":             {hs256(`{"b64":false}`, ""), "header.b64: b64 is not supported"},
		"cty is no text":           {hs256(`{"cty":null}`, ""), "header.cty: cty must be a string"},
		"attributes are no object": {with(func(c *configs.Token) { c.Subject = []byte(`[]`) }), "subject_claims: subject_claims must be an object without duplicate names"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := tokens.New(c.cfg, ttl); err == nil || err.Error() != c.want {
				t.Errorf("New: %v\nwant %s", err, c.want)
			}
		})
	}
}

// TestNothingBesideValue has each field that a static credential ignores.
func TestNothingBesideValue(t *testing.T) {
	secret := configs.NewSecret("x")
	cfg := configs.Token{
		Name: "n", ID: "n", Cache: "c", Value: secret, Algorithm: "a", KeyType: "k", Key: secret, KeyPassphrase: secret,
		SharedKey: secret, KeyStore: "s", KeyAlias: "a", JWK: &configs.JWK{}, Publish: true, KeyID: "k", Header: []byte("{}"), Claims: []byte("{}"),
		Issuer: "i", Audience: []string{"a"}, Scope: "s", Subject: []byte("{}"), TokenID: "j", Times: configs.Times{NoExpires: true}, Encrypt: &configs.Encrypt{},
		OnUse: true, MinAge: 1,
	}
	_, err := tokens.New(cfg, ttl)
	var errs tokens.Errors
	if !errors.As(err, &errs) {
		t.Fatalf("New: %v, want tokens.Errors", err)
	}
	var got []string
	for _, e := range errs {
		got = append(got, e.Field)
	}
	want := []string{
		"algorithm", "key_type", "key", "key_passphrase", "shared_key", "key_store", "key_alias", "jwk", "publish", "kid", "header", "claims", "issuer",
		"audiences", "scope", "subject_claims", "jti", "time", "min_age", "sign", "encrypt",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
}

// FuzzSays: whatever the fields of an entry are, header and claims are objects
// without a name twice, and every text arrives as it is.
func FuzzSays(f *testing.F) {
	f.Add(`{"kid":"k"}`, `{"a":{"b":[1.0]}}`, "https://acme.test/jwt/a", "read", `{"email":"e"}`, "{uuid}", "tokenExp", "")
	f.Add(`{"typ":null,"x":[null]}`, `{"i\u0073s":"{fingerprint}\\{fingerprint}"}`, "", "\x00\"", `{"exp":1}`, "x-{hex}{iat}", "exp", "spki")
	f.Add(``, ``, "\xff", "", ``, "{base64url}\u2028", "", "thumbprint")
	f.Fuzz(func(t *testing.T, header, claims, issuer, scope, subject, jti, timeName, keyID string) {
		cfg := edRFC(func(c *configs.Token) { c.KeyID = keyID })
		cfg.Header, cfg.Claims, cfg.Subject = json.RawMessage(header), json.RawMessage(claims), json.RawMessage(subject)
		cfg.Issuer, cfg.Audience, cfg.Scope, cfg.TokenID = issuer, []string{issuer, scope}, scope, jti
		if timeName != "" {
			cfg.Times.Others = []configs.TimeClaim{timed(timeName, time.Hour)}
		}
		token, err := tokens.New(cfg, ttl)
		if err != nil {
			return
		}
		shown, err := token.Show(t.Context(), noon)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{shown.Header.Reveal(), shown.Claims.Reveal()} {
			if v := jsontext.Value(text); !v.IsValid() || v.Kind() != '{' {
				t.Fatalf("%q is no object without a name twice", text)
			}
		}
		var got map[string]any
		if err := json.Unmarshal([]byte(shown.Claims.Reveal()), &got); err != nil {
			t.Fatal(err)
		}
		for name, want := range map[string]string{"iss": issuer, "scope": scope, "jti": shown.Made.TokenID} {
			if want != "" && utf8.ValidString(want) && got[name] != want {
				t.Errorf("%s is %q, want %q", name, got[name], want)
			}
		}
		if got["iat"] != float64(noon.Unix()) || got["exp"] != float64(noon.Add(ttl).Unix()) {
			t.Errorf("times in %s", shown.Claims.Reveal())
		}
	})
}
