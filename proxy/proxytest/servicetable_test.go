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
	must := func() {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	block := func(kind string, der []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	k.rsa, err = rsa.GenerateKey(rand.Reader, 2048)
	must()
	k.ec, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must()
	k.pkcs1 = block("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(k.rsa))
	der, err := x509.MarshalPKCS8PrivateKey(k.rsa)
	must()
	k.pkcs8 = block("PRIVATE KEY", der)
	der, err = pkcs8.MarshalPrivateKey(k.rsa, []byte(keyPassphrase), nil)
	must()
	k.encrypted = block("ENCRYPTED PRIVATE KEY", der)
	der, err = x509.MarshalPKCS8PrivateKey(k.ec)
	must()
	k.p8 = block("PRIVATE KEY", der)
	text, err := json.Marshal(jose.JSONWebKey{Key: k.rsa, KeyID: "okta-kid", Algorithm: "RS256", Use: "sig"})
	must()
	k.jwk = string(text)
	der, err = x509.MarshalPKIXPublicKey(k.rsa.Public())
	must()
	sum := sha256.Sum256(der)
	k.spki = base64.StdEncoding.EncodeToString(sum[:])
	return k
}

// quoted gives a text as JSON.
func quoted(text string) string {
	b, err := json.Marshal(text)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// exchange is a Function that sends an assertion in a form.
func exchange(id, url, form string) string {
	return `
functions:
  - name: exchange
    fixed: {assertion: ` + id + `}
    method: POST
    url: ` + url + `
    form: ` + form + `
`
}

const jwtBearer = `{grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer", assertion: </assertion>}`

// services says, for each example, what the service documents.
func services(t *testing.T) map[string][]service {
	k := newServiceKeys(t)
	account := `{"type":"service_account","private_key_id":"google-kid","private_key":` + quoted(k.pkcs8) +
		`,"client_email":"egret@acme.iam.gserviceaccount.com","token_uri":"https://oauth2.googleapis.com/token"}`
	box := `{"boxAppSettings":{"clientID":"box-client","clientSecret":"box-secret-0123456789","appAuth":{"publicKeyID":"box-kid",` +
		`"privateKey":` + quoted(k.encrypted) + `,"passphrase":` + quoted(keyPassphrase) + `}},"enterpriseID":"12345"}`
	typ := map[string]any{"typ": "JWT"}
	rsaKey, ecKey := k.rsa.Public(), k.ec.Public()
	const secret = "shared-secret-of-a-service-0123456789"
	return map[string][]service{
		"github-app": {{
			variables: map[string]string{"GITHUB_APP_CLIENT_ID": "Iv23liEgret"},
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
		"google-assertion": {{
			files:     map[string]string{"service-account.json": account},
			functions: exchange("5e41ce00-0000-4000-8000-000000000005", "https://oauth2.googleapis.com/token", jwtBearer),
			function:  "exchange", arguments: `{}`, host: "oauth2.googleapis.com", token: inForm("assertion"),
			algorithm: "RS256", key: rsaKey, header: map[string]any{"typ": "JWT", "kid": "google-kid"},
			claims: map[string]any{
				"iss": "egret@acme.iam.gserviceaccount.com", "scope": "https://www.googleapis.com/auth/calendar.readonly", "aud": "https://oauth2.googleapis.com/token",
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
		"salesforce": {{
			variables: map[string]string{"SALESFORCE_CONSUMER_KEY": "3MVG99OxTyEMCQ3gNp2PjkqeZKxnmAiG1xV4oHh9AKL", "SALESFORCE_USERNAME": "egret@acme.test"},
			files:     map[string]string{"server.key": k.pkcs8},
			functions: exchange("5e41ce00-0000-4000-8000-000000000007", "https://login.salesforce.com/services/oauth2/token", jwtBearer),
			function:  "exchange", arguments: `{}`, host: "login.salesforce.com", token: inForm("assertion"),
			algorithm: "RS256", key: rsaKey, header: typ,
			claims: map[string]any{"iss": "3MVG99OxTyEMCQ3gNp2PjkqeZKxnmAiG1xV4oHh9AKL", "sub": "egret@acme.test", "aud": "https://login.salesforce.com"},
			times:  map[string]offset{"iat": at(0), "exp": at(180)},
		}},
		"docusign": {{
			variables: map[string]string{"DOCUSIGN_INTEGRATION_KEY": "7c2b8d7e-aaaa-4bbb-8ccc-ddddeeeeffff", "DOCUSIGN_USER_ID": "464f7988-aaaa-4bbb-8ccc-ddddeeeeffff"},
			files:     map[string]string{"docusign.pem": k.pkcs1},
			functions: exchange("5e41ce00-0000-4000-8000-000000000008", "https://account-d.docusign.com/oauth/token", jwtBearer),
			function:  "exchange", arguments: `{}`, host: "account-d.docusign.com", token: inForm("assertion"),
			algorithm: "RS256", key: rsaKey, header: typ,
			claims: map[string]any{
				"iss": "7c2b8d7e-aaaa-4bbb-8ccc-ddddeeeeffff", "sub": "464f7988-aaaa-4bbb-8ccc-ddddeeeeffff",
				"aud": "account-d.docusign.com", "scope": "signature impersonation",
			},
			times: map[string]offset{"iat": at(0), "exp": at(3600)},
		}},
		"box": {{
			files: map[string]string{"config.json": box},
			functions: exchange("5e41ce00-0000-4000-8000-000000000009", "https://api.box.com/oauth2/token",
				`{grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer", client_id: "${file:config.json#/boxAppSettings/clientID}", assertion: </assertion>}`),
			function: "exchange", arguments: `{}`, host: "api.box.com", token: inForm("assertion"),
			algorithm: "RS512", key: rsaKey, header: map[string]any{"typ": "JWT", "kid": "box-kid"},
			claims: map[string]any{"iss": "box-client", "sub": "12345", "box_sub_type": "enterprise", "aud": "https://api.box.com/oauth2/token"},
			times:  map[string]offset{"iat": at(0), "exp": at(45)},
			jti:    new(""), once: true,
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
		"okta": {{
			variables: map[string]string{"OKTA_CLIENT_ID": "0oa1egret"},
			files:     map[string]string{"okta.jwk.json": k.jwk},
			functions: exchange("5e41ce00-0000-4000-8000-00000000000e", "https://acme.okta.com/oauth2/default/v1/token",
				`{grant_type: client_credentials, scope: orders.read, client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer", client_assertion: </assertion>}`),
			function: "exchange", arguments: `{}`, host: "acme.okta.com", token: inForm("client_assertion"),
			algorithm: "RS256", key: rsaKey, header: map[string]any{"typ": "JWT", "kid": "okta-kid"},
			claims: map[string]any{"iss": "0oa1egret", "sub": "0oa1egret", "aud": "https://acme.okta.com/oauth2/default/v1/token"},
			times:  map[string]offset{"iat": at(0), "exp": at(300)},
			jti:    new(""), once: true,
		}},
	}
}
