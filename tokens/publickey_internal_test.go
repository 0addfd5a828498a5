package tokens

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"testing"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"
)

// readPublicJWK gives the key of a JWK that an RFC prints.
func readPublicJWK(t *testing.T, text string) crypto.PublicKey {
	t.Helper()
	var key jose.JSONWebKey
	if err := json.Unmarshal([]byte(text), &key); err != nil {
		t.Fatal(err)
	}
	return key.Key
}

// TestThumbprint has the examples of RFC 7638 section 3.1 and RFC 8037 appendix
// A.3, and the EC key of RFC 7517 appendix A.1.
func TestThumbprint(t *testing.T) {
	for _, c := range []struct{ name, jwk, want string }{
		{"RFC 7638", `{"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","alg":"RS256","kid":"2011-04-29"}`, "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"},
		{"RFC 8037", `{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"},
		{
			"RFC 7517", `{"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}`,
			sum256(`{"crv":"P-256","kty":"EC","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}`),
		},
	} {
		if got := thumbprint(readPublicJWK(t, c.jwk)); got != c.want {
			t.Errorf("%s: thumbprint = %s, want %s", c.name, got, c.want)
		}
	}
	if got := thumbprint("no key"); got != "" {
		t.Errorf("thumbprint of no key = %s, want none", got)
	}
}

func sum256(text string) string {
	sum := sha256.Sum256([]byte(text))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// TestThumbprintOfShortCoordinates: RFC 7518 section 6.2.1.2 wants x and y as
// long as the field, with zeros before them.
func TestThumbprintOfShortCoordinates(t *testing.T) {
	for _, curve := range []elliptic.Curve{elliptic.P256(), elliptic.P384(), elliptic.P521()} {
		for d := int64(1); ; d++ {
			key, err := ecdsa.ParseRawPrivateKey(curve, big.NewInt(d).FillBytes(make([]byte, (curve.Params().BitSize+7)/8)))
			if err != nil {
				t.Fatal(err)
			}
			point, err := key.PublicKey.Bytes()
			if err != nil {
				t.Fatal(err)
			}
			n := len(point) / 2
			x, y := point[1:1+n], point[1+n:]
			if x[0] != 0 && y[0] != 0 {
				continue
			}
			name, b64 := curve.Params().Name, base64.RawURLEncoding.EncodeToString
			want := sum256(`{"crv":"` + name + `","kty":"EC","x":"` + b64(x) + `","y":"` + b64(y) + `"}`)
			if got := thumbprint(key.Public()); got != want {
				t.Errorf("%s: thumbprint = %s, want %s", name, got, want)
			}
			break
		}
	}
}

func TestPublicJWK(t *testing.T) {
	public := readPublicJWK(t, `{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`)
	got, err := json.Marshal(publicJWK("EdDSA", public, "one"))
	if err != nil {
		t.Fatal(err)
	}
	want := `{"use":"sig","kty":"OKP","kid":"one","crv":"Ed25519","alg":"EdDSA","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("public JWK (-want +got):\n%s", diff)
	}
}

func TestSPKISum(t *testing.T) {
	public := readPublicJWK(t, `{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`)
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := spkiSum(public), sha256.Sum256(der); got != want {
		t.Errorf("spkiSum = %x, want %x", got, want)
	}
	if got := spkiSum("no key"); got != [32]byte{} {
		t.Errorf("spkiSum of no key = %x, want zeros", got)
	}
}
