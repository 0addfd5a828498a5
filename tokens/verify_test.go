package tokens_test

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/tokens"
)

// TestVerify takes what egret signs, with every algorithm.
func TestVerify(t *testing.T) {
	for _, p := range pairings() {
		for keyType, key := range p.keys {
			token := newToken(t, configs.Token{Algorithm: p.algorithm, KeyType: keyType, Key: configs.NewSecret(key), KeyID: "k"}, ttl)
			set := jwks(jwk(p.public, `"kid":"other"`), jwk(p.public, `"kid":"k"`, `"use":"sig"`, `"alg":"`+p.algorithm+`"`))
			value := makeValue(t, token, noon)
			if err := tokens.Verify([]byte(set), value, noon); err != nil {
				t.Errorf("%s with %s: %v", p.algorithm, keyType, err)
			}
			if err := tokens.Verify([]byte(set), value, noon.Add(ttl)); err == nil || err.Error() != "the token has expired: exp is over" {
				t.Errorf("%s after its end: %v, want that it has expired", p.algorithm, err)
			}
			broken := value[:len(value)-2] + map[bool]string{true: "AA", false: "BA"}[!strings.HasSuffix(value, "AA")]
			if err := tokens.Verify([]byte(set), broken, noon); err == nil {
				t.Errorf("%s: another signature is taken", p.algorithm)
			}
		}
	}
}

// TestVerifyRefuses has what a careful reader does not take.
func TestVerifyRefuses(t *testing.T) {
	sign := func(header, payload string) string {
		return must(tokens.Sign("ES256", "EcPem", configs.NewSecret(armour("PRIVATE KEY", pkcs8(p256()))), header, payload))
	}
	const es = `{"alg":"ES256"}`
	good := sign(es, `{}`)
	own := jwk(p256().Public())
	hmac := must(tokens.Sign("HS256", "Secret", configs.NewSecret(text64), `{"alg":"HS256"}`, `{}`))
	rs := must(tokens.Sign("RS256", "RsaPem", configs.NewSecret(armour("PRIVATE KEY", pkcs8(rsa2048()))), `{"alg":"RS256","kid":"k"}`, `{}`))
	signed := b64url(`{"alg":"PS256"}`) + "." + b64url(`{}`)
	salted := *jwt.SigningMethodPS256
	salted.Options = &rsa.PSSOptions{SaltLength: 20}
	short := signed + "." + base64.RawURLEncoding.EncodeToString(must(salted.Sign(signed, rsa2048())))
	none := "no key of the set fits the alg and the kid of the token, which are "
	for name, c := range map[string]struct{ set, token, want string }{
		"good":                   {jwks(own), good, ""},
		"good until the second":  {jwks(own), sign(es, `{"exp":`+fmt.Sprint(noon.Unix()+1)+`,"nbf":`+at(0)+`}`), ""},
		"expired":                {jwks(own), sign(es, `{"exp":`+at(0)+`}`), "the token has expired: exp is over"},
		"not yet":                {jwks(own), sign(es, `{"nbf":`+at(time.Second)+`}`), "the token is not good yet: nbf is to come"},
		"exp is text":            {jwks(own), sign(es, `{"exp":"9999999999"}`), "exp is no number"},
		"twice a claim":          {jwks(own), sign(es, `{"exp":1,"exp":9999999999}`), "claims must be an object without duplicate names"},
		"claims are a list":      {jwks(own), sign(es, `[]`), "claims must be an object without duplicate names"},
		"two parts":              {jwks(own), good[:strings.LastIndexByte(good, '.')], "a signed token has 3 parts, this has 2"},
		"line break":             {jwks(own), good + "\n", "part 3 of the token is not base64url"},
		"padding":                {jwks(own), good + "==", "part 3 of the token is not base64url"},
		"twice alg":              {jwks(own), sign(`{"alg":"ES256","alg":"ES256"}`, `{}`), "header must be an object without duplicate names"},
		"no alg":                 {jwks(own), sign(`{}`, `{}`), "header: alg is missing"},
		"alg none":               {jwks(own), b64url(`{"alg":"none"}`) + "." + b64url(`{}`) + ".", "header: egret knows no such alg"},
		"alg is a number":        {jwks(own), sign(`{"alg":1}`, `{}`), "header: alg must be a string"},
		"kid is null":            {jwks(own), sign(`{"alg":"ES256","kid":null}`, `{}`), "header: kid must be a string"},
		"crit":                   {jwks(own), sign(`{"alg":"ES256","crit":["b64"],"b64":true}`, `{}`), "header has crit: there is an extension that egret does not know"},
		"another kid":            {jwks(jwk(p256().Public(), `"kid":"a"`)), sign(`{"alg":"ES256","kid":"b"}`, `{}`), none + `ES256 and "b"`},
		"an empty kid":           {jwks(jwk(p256().Public(), `"kid":"a"`)), sign(`{"alg":"ES256","kid":""}`, `{}`), none + `ES256 and ""`},
		"public key as a secret": {jwks(own), hmac, none + "HS256 and none"},
		"another curve":          {jwks(jwk(p384().Public())), good, none + "ES256 and none"},
		"key of another alg":     {jwks(jwk(rsa2048().Public(), `"kid":"k"`, `"alg":"PS256"`)), rs, none + `RS256 and "k"`},
		"key for encryption":     {jwks(jwk(rsa2048().Public(), `"kid":"k"`, `"use":"enc"`)), rs, none + `RS256 and "k"`},
		"small key":              {jwks(jwk(rsa1024().Public(), `"kid":"k"`)), rs, none + `RS256 and "k"`},
		"another key":            {jwks(jwk(must(rsa.GenerateKey(rand.Reader, 2048)).Public(), `"kid":"k"`)), rs, "the key of the set does not verify the signature"},
		"two keys":               {jwks(own, own), good, "2 keys of the set fit the alg and the kid of the token, which are ES256 and none"},
		"secrets beside":         {jwks(own, jwk([]byte(text64))), good, "the set has secrets beside public keys"},
		"a short secret":         {jwks(jwk([]byte("short"))), hmac, none + "HS256 and none"},
		"another salt":           {jwks(jwk(rsa2048().Public())), short, "the key of the set does not verify the signature"},
		"no set":                 {own, good, "this is no JWK Set: an object with a list of keys"},
	} {
		t.Run(name, func(t *testing.T) {
			got := ""
			if err := tokens.Verify([]byte(c.set), c.token, noon); err != nil {
				got = err.Error()
			}
			if got != c.want {
				t.Errorf("Verify: %q\nwant     %q", got, c.want)
			}
		})
	}
}

func b64url(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }

// FuzzVerify: nothing panics, and nothing is taken that golang-jwt would not
// take with the same key.
func FuzzVerify(f *testing.F) {
	token := newToken(f, hs256(`{"kid":"k"}`, `{"a":1}`), ttl)
	set := jwks(jwk([]byte(text64), `"kid":"k"`))
	f.Add(set, makeValue(f, token, noon))
	f.Add(jwks(jwk(p256().Public())), "e30.e30.e30")
	f.Add(`{"keys":[{"kty":"OKP","crv":"X25519"}]}`, b64url(`{"alg":"HS256","crit":[]}`)+"..")
	parser := jwt.NewParser(jwt.WithTimeFunc(func() time.Time { return noon }))
	f.Fuzz(func(t *testing.T, keys, text string) {
		_ = tokens.Verify([]byte(keys), text, noon)
		if tokens.Verify([]byte(set), text, noon) != nil {
			return
		}
		if _, err := parser.Parse(text, func(*jwt.Token) (any, error) { return []byte(text64), nil }); err != nil {
			t.Errorf("%q is taken, and golang-jwt says %v", text, err)
		}
	})
}
