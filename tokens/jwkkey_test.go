package tokens_test

import (
	"crypto/rsa"
	"encoding/json"
	"maps"
	"math/big"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/tokens"
)

// rfc7515 has the private keys of RFC 7515 appendix A and RFC 8037 appendix A.
var rfc7515 = map[string]string{
	"HS256": `{"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"}`,
	"RS256": `{"kty":"RSA",
		"n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ",
		"e":"AQAB",
		"d":"Eq5xpGnNCivDflJsRQBXHx1hdR1k6Ulwe2JZD50LpXyWPEAeP88vLNO97IjlA7_GQ5sLKMgvfTeXZx9SE-7YwVol2NXOoAJe46sui395IW_GO-pWJ1O0BkTGoVEn2bKVRUCgu-GjBVaYLU6f3l9kJfFNS3E0QbVdxzubSu3Mkqzjkn439X0M_V51gfpRLI9JYanrC4D4qAdGcopV_0ZHHzQlBjudU2QvXt4ehNYTCBr6XCLQUShb1juUO1ZdiYoFaFQT5Tw8bGUl_x_jTj3ccPDVZFD9pIuhLhBOneufuBiB4cS98l2SR_RQyGWSeWjnczT0QU91p1DhOVRuOopznQ",
		"p":"4BzEEOtIpmVdVEZNCqS7baC4crd0pqnRH_5IB3jw3bcxGn6QLvnEtfdUdiYrqBdss1l58BQ3KhooKeQTa9AB0Hw_Py5PJdTJNPY8cQn7ouZ2KKDcmnPGBY5t7yLc1QlQ5xHdwW1VhvKn-nXqhJTBgIPgtldC-KDV5z-y2XDwGUc",
		"q":"uQPEfgmVtjL0Uyyx88GZFF1fOunH3-7cepKmtH4pxhtCoHqpWmT8YAmZxaewHgHAjLYsp1ZSe7zFYHj7C6ul7TjeLQeZD_YwD66t62wDmpe_HlB-TnBA-njbglfIsRLtXlnDzQkv5dTltRJ11BKBBypeeF6689rjcJIDEz9RWdc",
		"dp":"BwKfV3Akq5_MFZDFZCnW-wzl-CCo83WoZvnLQwCTeDv8uzluRSnm71I3QCLdhrqE2e9YkxvuxdBfpT_PI7Yz-FOKnu1R6HsJeDCjn12Sk3vmAktV2zb34MCdy7cpdTh_YVr7tss2u6vneTwrA86rZtu5Mbr1C1XsmvkxHQAdYo0",
		"dq":"h_96-mK1R_7glhsum81dZxjTnYynPbZpHziZjeeHcXYsXaaMwkOlODsWa7I9xXDoRwbKgB719rrmI2oKr6N3Do9U0ajaHF-NKJnwgjMd2w9cjz3_-kyNlxAr2v4IKhGNpmM5iIgOS1VZnOZ68m6_pbLBSp3nssTdlqvd0tIiTHU",
		"qi":"IYd7DHOhrWvxkwPQsRM2tOgrjbcrfvtQJipd-DlcxyVuuM9sQLdgjVk2oy26F0EmpScGLq2MowX7fhd_QJQ3ydy5cY7YIBi87w93IKLEdfnbJtoOPLUW0ITrJReOgo1cq9SbsxYawBgfp_gh6A5603k2-ZQwVK0JKSHuLFkuQ3U"}`,
	"ES256": `{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}`,
	"ES512": `{"kty":"EC","crv":"P-521","x":"AekpBQ8ST8a8VcfVOTNl353vSrDCLLJXmPk06wTjxrrjcBpXp5EOnYG_NjFZ6OvLFV1jSfS9tsz4qUxcWceqwQGk","y":"ADSmRA43Z1DSNx_RvcLI87cdL07l6jQyyBXMoxVg_l2Th-x3S1WDhjDly79ajL4Kkd0AZMaZmh9ubmf63e3kyMj2","d":"AY5pb7A0UFiB3RELSD64fTLOSV_jazdF7fLYyuTw8lOfRhWg6Y6rUrPAxerEzgdRhajnu0ferB0d53vM9mE15j2C"}`,
	"EdDSA": `{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`,
}

// with gives a JWK with other members; those that are nil go away.
func withMembers(jwk string, members map[string]any) string {
	all := map[string]any{}
	if err := json.Unmarshal([]byte(jwk), &all); err != nil {
		panic(err)
	}
	maps.Copy(all, members)
	maps.DeleteFunc(all, func(_ string, v any) bool { return v == nil })
	return string(must(json.Marshal(all)))
}

// member gives one of a JWK.
func member(jwk, name string) any {
	all := map[string]any{}
	if err := json.Unmarshal([]byte(jwk), &all); err != nil {
		panic(err)
	}
	return all[name]
}

// borrowed gives the value of one member of a JWK, as another one.
func borrowed(jwk, from, to string) map[string]any { return map[string]any{to: member(jwk, from)} }

// swapped gives an RSA key with q in the place of p.
func swapped(t *testing.T, jwk string) string {
	t.Helper()
	var key jose.JSONWebKey
	if err := json.Unmarshal([]byte(jwk), &key); err != nil {
		t.Fatal(err)
	}
	private := *key.Key.(*rsa.PrivateKey)
	private.Primes = []*big.Int{private.Primes[1], private.Primes[0]}
	private.Precomputed = rsa.PrecomputedValues{}
	private.Precompute()
	text := jwkOf(&private)
	if member(text, "p") != member(jwk, "q") {
		t.Fatal("the primes are not swapped")
	}
	return text
}

// publicOf gives what verifies the signatures of a private JWK.
func publicOf(t *testing.T, jwk string) any {
	t.Helper()
	var key jose.JSONWebKey
	if err := json.Unmarshal([]byte(jwk), &key); err != nil {
		t.Fatal(err)
	}
	if secret, ok := key.Key.([]byte); ok {
		return secret
	}
	return key.Public().Key
}

func jwkToken(algorithm, key string) configs.Token {
	return configs.Token{Algorithm: algorithm, KeyType: "Jwk", Key: configs.NewSecret(key)}
}

// TestJWKForms has the forms of one key for each algorithm; all sign alike.
func TestJWKForms(t *testing.T) {
	withoutPrimes := map[string]any{"p": nil, "q": nil, "dp": nil, "dq": nil, "qi": nil}
	for algorithm, jwk := range rfc7515 {
		forms := map[string]string{
			"as it is":          jwk,
			"with white space":  " \n" + jwk + "\r\n",
			"in a set":          `{"keys":[` + jwk + `]}`,
			"with its alg":      withMembers(jwk, map[string]any{"alg": algorithm, "use": "sig", "key_ops": []string{"verify", "sign"}}),
			"with more members": withMembers(jwk, map[string]any{"x5t": "x", "ext": true, "iat": 1, "p2": "!"}),
		}
		if algorithm == "RS256" {
			forms["without primes"] = withMembers(jwk, withoutPrimes)
			forms["with its primes swapped"] = swapped(t, jwk)
		}
		for name, form := range forms {
			t.Run(algorithm+" "+name, func(t *testing.T) {
				token := newToken(t, jwkToken(algorithm, form), ttl)
				checkSigns(t, token, algorithm, publicOf(t, jwk))
			})
		}
	}
}

// TestJWKKeyID: the "kid" of the key is that of its tokens, unless the entry has
// one.
func TestJWKKeyID(t *testing.T) {
	jwk := withMembers(rfc7515["ES256"], map[string]any{"kid": "2026-11"})
	for _, c := range []struct{ name, key, header, want string }{
		{"its own", jwk, "", `{"alg":"ES256","typ":"JWT","kid":"2026-11"}`},
		{"in a set", `{"keys":[` + jwk + `]}`, "", `{"alg":"ES256","typ":"JWT","kid":"2026-11"}`},
		{"in the header", jwk, `{"kid":"mine"}`, `{"alg":"ES256","typ":"JWT","kid":"mine"}`},
		{"none", rfc7515["ES256"], "", `{"alg":"ES256","typ":"JWT"}`},
	} {
		cfg := jwkToken("ES256", c.key)
		cfg.Header = json.RawMessage(c.header)
		if got, _ := parts(t, cfg); got != c.want {
			t.Errorf("%s: header %s, want %s", c.name, got, c.want)
		}
	}
}

func TestJWKRefusals(t *testing.T) {
	rsa, ec, okp, oct := rfc7515["RS256"], rfc7515["ES256"], rfc7515["EdDSA"], rfc7515["HS256"]
	other := jwkOf(p256())
	for _, c := range []struct{ name, algorithm, key, want string }{
		{"no JSON", "ES256", "-----BEGIN PRIVATE KEY-----", `key: key is not a JWK (a JWK is a JSON object with "kty"; write ${file:PATH} to read the key from a file)`},
		{"no object", "ES256", `["kty"]`, "key: key is not a JWK"},
		{"no kty", "ES256", `{"crv":"P-256"}`, "key: key is not a JWK"},
		{"kid is a number", "ES256", withMembers(ec, map[string]any{"kid": 7}), "key: key is not a JWK"},
		{"a member twice", "ES256", strings.Replace(ec, `{`, `{"kty":"EC",`, 1), "key: a member of the JWK is there twice"},
		{"a strange member twice", "ES256", strings.Replace(ec, `{`, `{"q1":1,"q1":1,`, 1), "key: a member of the JWK is there twice"},
		{"two keys", "ES256", `{"keys":[` + ec + `,` + rsa + `]}`, "key: there is more than one key in the JWK Set (leave the one in it that is to sign)"},
		{"no keys", "ES256", `{"keys":[]}`, "key: there is no key in the JWK Set"},
		{"set in a set", "ES256", `{"keys":[{"keys":[` + ec + `]}]}`, "key: this is a key of an unknown kind, ES256 needs EC P-256"},
		{"other alg", "ES384", withMembers(ec, map[string]any{"alg": "ES256"}), "key: alg of the JWK is not ES384 (write as algorithm what the key is for)"},
		{"for encryption", "RS256", withMembers(rsa, map[string]any{"use": "enc"}), "key: use of the JWK is not sig (the key is not for signatures (RFC 7517 section 4.2))"},
		{"for verifying", "RS256", withMembers(rsa, map[string]any{"key_ops": []string{"verify"}}), "key: key_ops of the JWK are without sign (the key is not for making signatures (RFC 7517 section 4.3))"},
		{"for nothing", "RS256", withMembers(rsa, map[string]any{"key_ops": []string{}}), "key: key_ops of the JWK are without sign"},
		{"public RSA", "RS256", withMembers(rsa, map[string]any{"d": nil, "p": nil, "q": nil, "dp": nil, "dq": nil, "qi": nil}), "key: this is a public key (signing needs the private key)"},
		{"public EC", "ES256", withMembers(ec, map[string]any{"d": nil}), "key: this is a public key (signing needs the private key)"},
		{"public OKP", "EdDSA", withMembers(okp, map[string]any{"d": nil}), "key: this is a public key (signing needs the private key)"},
		{"secret without k", "HS256", withMembers(oct, map[string]any{"k": nil}), "key: secret is empty"},
		{"secret with padding", "HS256", withMembers(oct, map[string]any{"k": "QUI="}), "key: k of the JWK is missing, or not base64url of the right length"},
		{"secret with stray bits", "HS256", withMembers(oct, map[string]any{"k": "QUJ"}), "key: k of the JWK is missing, or not base64url of the right length"},
		{"another family", "ES256", rsa, "key: this is an RSA key, ES256 needs EC P-256"},
		{"a secret for ES256", "ES256", oct, "key: this is a secret, ES256 needs EC P-256"},
		{"EC for HS256", "HS256", ec, "key: this is an EC key, HS256 needs a secret"},
		{"another curve", "ES384", ec, "key: key is on P-256, ES384 needs P-384"},
		{"secp256k1", "ES256", withMembers(ec, map[string]any{"crv": "secp256k1"}), "key: key is on secp256k1, ES256 needs P-256"},
		{"X25519", "EdDSA", withMembers(okp, map[string]any{"crv": "X25519"}), "key: this is an X25519 key, EdDSA needs Ed25519"},
		{"no curve", "ES256", withMembers(ec, map[string]any{"crv": nil}), "key: this is a key on an unknown curve, ES256 needs EC P-256"},
		{"unheard of", "ES256", `{"kty":"AKP","priv":"x"}`, "key: this is a key of an unknown kind, ES256 needs EC P-256"},
		{"x of another key", "ES256", withMembers(ec, borrowed(other, "x", "x")), "key: the members of the JWK do not fit together"},
		{"y of another key", "ES256", withMembers(ec, borrowed(other, "y", "y")), "key: the members of the JWK do not fit together"},
		{"without y", "ES256", withMembers(ec, map[string]any{"y": nil}), "key: y of the JWK is missing, or not base64url of the right length"},
		{"short x", "ES256", withMembers(ec, map[string]any{"x": "AAAA"}), "key: x of the JWK is missing, or not base64url of the right length"},
		{"d is zero", "ES256", withMembers(ec, map[string]any{"d": strings.Repeat("A", 43)}), "key: the members of the JWK do not fit together"},
		{"x of another key", "EdDSA", withMembers(okp, borrowed(jwkOf(ed()), "x", "x")), "key: the members of the JWK do not fit together"},
		{"some primes", "RS256", withMembers(rsa, map[string]any{"qi": nil}), "key: qi of the JWK is missing, or not base64url of the right length"},
		{"no exponent", "RS256", withMembers(rsa, map[string]any{"e": nil}), "key: e of the JWK is missing, or not base64url of the right length"},
		{"wrong dp", "RS256", withMembers(rsa, borrowed(rsa, "dq", "dp")), "key: the members of the JWK do not fit together"},
		{"wrong dq", "RS256", withMembers(rsa, borrowed(rsa, "dp", "dq")), "key: the members of the JWK do not fit together"},
		{"wrong qi", "RS256", withMembers(rsa, borrowed(rsa, "q", "qi")), "key: the members of the JWK do not fit together"},
		{"wrong d", "RS256", withMembers(rsa, borrowed(jwkOf(rsa2048()), "d", "d")), "key: the members of the JWK do not fit together"},
		{"wrong d without primes", "RS256", withMembers(rsa, map[string]any{"d": member(jwkOf(rsa2048()), "d"), "p": nil, "q": nil, "dp": nil, "dq": nil, "qi": nil}), "key: the members of the JWK do not fit together"},
		{"short RSA", "RS256", jwkOf(rsa1024()), "key: RSA key is 1024 bits, at least 2048 needed"},
		{"three primes", "RS256", withMembers(rsa, map[string]any{"oth": []any{map[string]any{"r": "AQ", "d": "AQ", "t": "AQ"}}}), "key: RSA key has more than two primes (oth is not supported)"},
	} {
		t.Run(c.algorithm+" "+c.name, func(t *testing.T) {
			_, err := tokens.New(jwkToken(c.algorithm, c.key), ttl)
			e := firstError(t, err)
			if got := withHint(e); got != c.want && e.Error() != c.want {
				t.Errorf("New = %s\nwant  %s", got, c.want)
			}
		})
	}
}
