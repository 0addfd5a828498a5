package proxytest_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"testing"

	"github.com/go-jose/go-jose/v4"
	"github.com/youmark/pkcs8"

	"github.com/egret-proxy/egret/proxy/proxytest"
)

// serviceKeys are keys in the forms in which the services deliver them.
type serviceKeys struct {
	rsa       *rsa.PrivateKey
	ec        *ecdsa.PrivateKey
	pkcs1     string
	pkcs8     string
	encrypted string
	p8        string
	jwk       string
	spki      string // base64 of SHA-256 of the SubjectPublicKeyInfo of the RSA key
}

const keyPassphrase = "passphrase-0123456789"

func newServiceKeys(t *testing.T) serviceKeys {
	t.Helper()
	var k serviceKeys
	var err error
	if k.rsa, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
		t.Fatal(err)
	}
	if k.ec, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		t.Fatal(err)
	}
	if err := k.encode(); err != nil {
		t.Fatal(err)
	}
	return k
}

// encode writes the keys in each form.
func (k *serviceKeys) encode() error {
	block := func(kind string, der []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	k.pkcs1 = block("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(k.rsa))
	der, err := x509.MarshalPKCS8PrivateKey(k.rsa)
	encrypted, encryptedErr := pkcs8.MarshalPrivateKey(k.rsa, []byte(keyPassphrase), nil)
	ec, ecErr := x509.MarshalPKCS8PrivateKey(k.ec)
	jwk, jwkErr := json.Marshal(jose.JSONWebKey{Key: k.rsa, KeyID: "okta-kid", Algorithm: "RS256", Use: "sig"})
	spki, spkiErr := x509.MarshalPKIXPublicKey(k.rsa.Public())
	k.pkcs8, k.encrypted = block("PRIVATE KEY", der), block("ENCRYPTED PRIVATE KEY", encrypted)
	k.p8, k.jwk = block("PRIVATE KEY", ec), string(jwk)
	sum := sha256.Sum256(spki)
	k.spki = base64.StdEncoding.EncodeToString(sum[:])
	return errors.Join(err, encryptedErr, ecErr, jwkErr, spkiErr)
}

// quoted gives a text as JSON.
func quoted(text string) string {
	b, err := json.Marshal(text)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// account is the file of a service account of Google.
func (k serviceKeys) account() string {
	return `{"type":"service_account","private_key_id":"google-kid","private_key":` + quoted(k.pkcs8) +
		`,"client_email":"egret@acme.iam.gserviceaccount.com","token_uri":"https://oauth2.googleapis.com/token"}`
}

// box is the config.json of an app of Box.
func (k serviceKeys) box(secret string) string {
	return `{"boxAppSettings":{"clientID":"box-client","clientSecret":` + quoted(secret) + `,"appAuth":{"publicKeyID":"box-kid",` +
		`"privateKey":` + quoted(k.encrypted) + `,"passphrase":` + quoted(keyPassphrase) + `}},"enterpriseID":"12345"}`
}

// services says, for each example, what the service documents.
func services(k serviceKeys) map[string][]service {
	account := k.account()
	typ := map[string]any{"typ": "JWT"}
	rsaKey, ecKey := k.rsa.Public(), k.ec.Public()
	const secret = "shared-secret-of-a-service-0123456789"
	return map[string][]service{
		"github-app": {{
			variables: map[string]string{"GITHUB_APP_CLIENT_ID": "Iv23liEgret", "GITHUB_INSTALLATION_ID": "4711"},
			files:     map[string]string{"github-app.private-key.pem": k.pkcs1},
			function:  "list_installations", arguments: `{"page":1}`, host: "api.github.com", token: bearer,
			algorithm: "RS256", key: rsaKey, header: typ,
			claims: map[string]any{"iss": "Iv23liEgret"},
			times:  map[string]offset{"iat": at(-60), "exp": at(540)},
		}},
		"app-store-connect": {{
			variables: map[string]string{"APP_STORE_KEY_ID": "2X9R4HXF34", "APP_STORE_ISSUER_ID": "57246542-96fe-1a63-e053-0824d011072a"},
			files:     map[string]string{"AuthKey.p8": k.p8},
			function:  "list_apps", arguments: `{}`, host: "api.appstoreconnect.apple.com", token: bearer,
			algorithm: "ES256", key: ecKey, header: map[string]any{"typ": "JWT", "kid": "2X9R4HXF34"},
			claims: map[string]any{"iss": "57246542-96fe-1a63-e053-0824d011072a", "aud": "appstoreconnect-v1", "scope": []any{"GET /v1/apps"}},
			times:  map[string]offset{"iat": at(0), "exp": at(900)},
		}},
		"apns": {{
			variables: map[string]string{"APNS_KEY_ID": "ABC123DEFG", "APPLE_TEAM_ID": "DEF123GHIJ"},
			files:     map[string]string{"AuthKey.p8": k.p8},
			function:  "push", arguments: `{"device":"` + "00fc13adff785122b4ad28809a3420982341241421348097878e577c991de8f0" + `","message":"Hello"}`,
			host: "api.push.apple.com", token: bearer,
			algorithm: "ES256", key: ecKey, header: map[string]any{"kid": "ABC123DEFG"},
			claims: map[string]any{"iss": "DEF123GHIJ"},
			times:  map[string]offset{"iat": at(0)},
		}},
		"google-self-signed": {{
			files:    map[string]string{"service-account.json": account},
			function: "list_topics", arguments: `{"project":"acme-prod"}`, host: "pubsub.googleapis.com", token: bearer,
			algorithm: "RS256", key: rsaKey, header: map[string]any{"typ": "JWT", "kid": "google-kid"},
			claims: map[string]any{
				"iss": "egret@acme.iam.gserviceaccount.com", "sub": "egret@acme.iam.gserviceaccount.com", "aud": "https://pubsub.googleapis.com/",
			},
			times: map[string]offset{"iat": at(0), "exp": at(3600)},
		}},
		"snowflake": {{
			variables: map[string]string{"SNOWFLAKE_KEY_PASSPHRASE": keyPassphrase, "SNOWFLAKE_USER": "EGRET"},
			files:     map[string]string{"rsa_key.p8": k.encrypted},
			function:  "count_orders", arguments: `{"day":"2026-11-22"}`, host: "myorg-myaccount.snowflakecomputing.com", token: bearer,
			algorithm: "RS256", key: rsaKey, header: typ,
			claims: map[string]any{"iss": "MYORG-MYACCOUNT.EGRET.SHA256:" + k.spki, "sub": "MYORG-MYACCOUNT.EGRET"},
			times:  map[string]offset{"iat": at(0), "exp": at(3300)},
		}},
		"zoom": {{
			variables: map[string]string{"ZOOM_API_KEY": "zoom-api-key", "ZOOM_API_SECRET": secret, "ZOOM_SDK_KEY": "zoom-sdk-key", "ZOOM_SDK_SECRET": secret + "-sdk"},
			function:  "list_sessions", arguments: `{}`, host: "api.zoom.us", token: bearer,
			algorithm: "HS256", key: []byte(secret), header: typ,
			claims: map[string]any{"iss": "zoom-api-key"},
			times:  map[string]offset{"iat": at(0), "exp": at(3600)},
		}, {
			variables: map[string]string{"ZOOM_API_KEY": "zoom-api-key", "ZOOM_API_SECRET": secret, "ZOOM_SDK_KEY": "zoom-sdk-key", "ZOOM_SDK_SECRET": secret + "-sdk"},
			function:  "open_meeting_page", arguments: `{"visitor":"Ann"}`, host: "meetings.acme.test", token: inJSON("signature"),
			algorithm: "HS256", key: []byte(secret + "-sdk"), header: typ,
			claims: map[string]any{"appKey": "zoom-sdk-key", "mn": "1234567890", "role": 0.0, "version": 1.0},
			times:  map[string]offset{"iat": at(-30), "exp": at(7200), "tokenExp": at(7200)},
		}},
		"livekit": {{
			variables: map[string]string{"LIVEKIT_API_KEY": "APIegret", "LIVEKIT_API_SECRET": secret},
			function:  "list_rooms", arguments: `{}`, host: "myproject.livekit.cloud", token: bearer,
			algorithm: "HS256", key: []byte(secret), header: typ,
			claims: map[string]any{
				"iss": "APIegret", "sub": "support-agent", "video": map[string]any{"roomList": true, "roomAdmin": true, "room": "lobby"},
			},
			times: map[string]offset{"iat": at(0), "nbf": at(0), "exp": at(600)},
		}},
		"twilio": {{
			variables: map[string]string{
				"TWILIO_API_KEY_SID": "SK0123456789", "TWILIO_API_KEY_SECRET": secret, "TWILIO_ACCOUNT_SID": "AC0123456789", "TWILIO_APPLICATION_SID": "AP0123456789",
			},
			function: "register_device", arguments: `{"address":"device-1"}`, host: "ers.twilio.com",
			token:     func(r proxytest.Request) string { return r.Header.Get("X-Twilio-Token") },
			algorithm: "HS256", key: []byte(secret), header: map[string]any{"typ": "JWT", "cty": "twilio-fpa;v=1"},
			claims: map[string]any{
				"iss": "SK0123456789", "sub": "AC0123456789",
				"grants": map[string]any{
					"identity": "support-agent",
					"voice":    map[string]any{"incoming": map[string]any{"allow": true}, "outgoing": map[string]any{"application_sid": "AP0123456789"}},
				},
			},
			times: map[string]offset{"iat": at(0), "exp": at(3600)},
			jti:   new("SK0123456789-"),
		}},
	}
}
