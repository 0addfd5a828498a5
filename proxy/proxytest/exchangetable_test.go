package proxytest_test

import "strings"

// A breakage is a mistake in an example, and what the service refuses for it.
type breakage struct {
	what     string
	old, new string            // in the example
	set      map[string]string // variables or files that are others
	reason   string
}

// An exchange is a service, and the mistakes that it notices.
type exchange struct {
	server func() *tokenServer
	breaks []breakage
}

const (
	boxSecret    = "box-secret-0123456789"
	clientSecret = "client-secret-0123456789"
	jwtBearer    = "urn:ietf:params:oauth:grant-type:jwt-bearer"
	oauthAnswer  = `{"access_token":"TOKEN","token_type":"Bearer","expires_in":3600}`
)

// jwtBearerForm is the form of RFC 7523 section 2.1.
func jwtBearerForm(others ...string) map[string]string {
	form := map[string]string{"grant_type": jwtBearer}
	for i := 0; i+1 < len(others); i += 2 {
		form[others[i]] = others[i+1]
	}
	return form
}

// exchanges says, for each example that exchanges something for an access token,
// what the service documents.
func exchanges(k serviceKeys) map[string]exchange {
	other := newOtherKeys(k)
	typ := map[string]any{"typ": "JWT"}
	rsaKey := k.rsa.Public()
	wrongGrant := breakage{"grant type", jwtBearer, "password", nil, "grant_type"}
	const salesforceKey = "3MVG99OxTyEMCQ3gNp2PjkqeZKxnmAiG1xV4oHh9AKL"
	const docusignKey, docusignUser = "7c2b8d7e-aaaa-4bbb-8ccc-ddddeeeeffff", "464f7988-aaaa-4bbb-8ccc-ddddeeeeffff"
	return map[string]exchange{
		"github-app": {func() *tokenServer {
			return &tokenServer{
				service: service{
					variables: map[string]string{"GITHUB_APP_CLIENT_ID": "Iv23liEgret", "GITHUB_INSTALLATION_ID": "4711"},
					files:     map[string]string{"github-app.private-key.pem": k.pkcs1},
					function:  "list_repositories", arguments: `{"page":1}`, host: "api.github.com",
					algorithm: "RS256", key: rsaKey, header: typ,
					claims: map[string]any{"iss": "Iv23liEgret"},
					times:  map[string]offset{"iat": at(-60), "exp": at(540)},
				}, target: "/app/installations/4711/access_tokens", issuer: "Iv23liEgret", longest: 600,
				answer: `{"token":"TOKEN","expires_at":"EXPIRES","permissions":{"contents":"read"}}`,
				api:    "api.github.com", apiPath: "/installation/repositories",
			}
		}, []breakage{
			{"issuer", "", "", map[string]string{"GITHUB_APP_CLIENT_ID": "another"}, "iss"},
			{"key", "", "", map[string]string{"github-app.private-key.pem": other.pkcs1}, "signature"},
			{"life", "exp: 9m", "exp: 11m", nil, "exp"},
			{"no exp", "exp: 9m", "exp: false", nil, "exp"},
			{"algorithm", "algorithm: RS256", "algorithm: RS512", nil, "algorithm"},
			{"installation", "", "", map[string]string{"GITHUB_INSTALLATION_ID": "4712"}, "target"},
		}},
		"google-assertion": {func() *tokenServer {
			return &tokenServer{
				service: service{
					files:    map[string]string{"service-account.json": k.account()},
					function: "list_calendars", arguments: `{}`, host: "oauth2.googleapis.com",
					algorithm: "RS256", key: rsaKey, header: map[string]any{"typ": "JWT", "kid": "google-kid"},
					claims: map[string]any{
						"iss": "egret@acme.iam.gserviceaccount.com", "scope": "https://www.googleapis.com/auth/calendar.readonly", "aud": "https://oauth2.googleapis.com/token",
					},
					times: map[string]offset{"iat": at(0), "exp": at(3600)},
				}, target: "/token", inForm: "assertion", form: jwtBearerForm(),
				issuer: "egret@acme.iam.gserviceaccount.com", aud: "https://oauth2.googleapis.com/token", longest: 3600,
				answer: oauthAnswer, api: "www.googleapis.com", apiPath: "/calendar/v3/users/me/calendarList",
			}
		}, []breakage{
			wrongGrant,
			{"audience", "aud: ${file:service-account.json#/token_uri}", "aud: https://www.googleapis.com/", nil, "aud"},
			{"issuer", "iss: ${file:service-account.json#/client_email}", "iss: ${file:service-account.json#/type}", nil, "iss"},
			{"key", "", "", map[string]string{"service-account.json": other.account()}, "signature"},
			{"life", "ttl: 1h\n    hosts: [oauth2", "ttl: 2h\n    hosts: [oauth2", nil, "exp"},
			{"field", "assertion: </assertion>", "client_assertion: </assertion>", nil, "other fields"},
		}},
		"salesforce": {func() *tokenServer {
			return &tokenServer{
				service: service{
					variables: map[string]string{"SALESFORCE_CONSUMER_KEY": salesforceKey, "SALESFORCE_USERNAME": "egret@acme.test"},
					files:     map[string]string{"server.key": k.pkcs8},
					function:  "find_account", arguments: `{"name":"Acme"}`, host: "login.salesforce.com",
					algorithm: "RS256", key: rsaKey, header: typ,
					claims: map[string]any{"iss": salesforceKey, "sub": "egret@acme.test", "aud": "https://login.salesforce.com"},
					times:  map[string]offset{"iat": at(0), "exp": at(180)},
				}, target: "/services/oauth2/token", inForm: "assertion", form: jwtBearerForm(),
				issuer: salesforceKey, aud: "https://login.salesforce.com", longest: 180,
				answer: `{"access_token":"TOKEN","scope":"api","instance_url":"https://acme.my.salesforce.com","token_type":"Bearer"}`,
				api:    "acme.my.salesforce.com", apiPath: "/services/data/v62.0/query",
			}
		}, []breakage{
			wrongGrant,
			{"audience", "aud: https://login.salesforce.com", "aud: https://test.salesforce.com", nil, "aud"},
			{"issuer", "", "", map[string]string{"SALESFORCE_CONSUMER_KEY": "another"}, "iss"},
			{"key", "", "", map[string]string{"server.key": other.pkcs8}, "signature"},
			{"life", "ttl: 3m", "ttl: 5m", nil, "exp"},
		}},
		"docusign": {func() *tokenServer {
			return &tokenServer{
				service: service{
					variables: map[string]string{"DOCUSIGN_INTEGRATION_KEY": docusignKey, "DOCUSIGN_USER_ID": docusignUser, "DOCUSIGN_ACCOUNT_ID": "77"},
					files:     map[string]string{"docusign.pem": k.pkcs1},
					function:  "list_envelopes", arguments: `{"from_date":"2026-11-22"}`, host: "account-d.docusign.com",
					algorithm: "RS256", key: rsaKey, header: typ,
					claims: map[string]any{"iss": docusignKey, "sub": docusignUser, "aud": "account-d.docusign.com", "scope": "signature impersonation"},
					times:  map[string]offset{"iat": at(0), "exp": at(3600)},
				}, target: "/oauth/token", inForm: "assertion", form: jwtBearerForm(),
				issuer: docusignKey, aud: "account-d.docusign.com", longest: 3600,
				answer: oauthAnswer, api: "demo.docusign.net", apiPath: "/restapi/v2.1/accounts/77/envelopes",
			}
		}, []breakage{
			wrongGrant,
			{"audience", "aud: account-d.docusign.com", "aud: https://account-d.docusign.com", nil, "aud"},
			{"issuer", "", "", map[string]string{"DOCUSIGN_INTEGRATION_KEY": "another"}, "iss"},
			{"key", "", "", map[string]string{"docusign.pem": other.pkcs1}, "signature"},
			{"life", "ttl: 1h", "ttl: 2h", nil, "exp"},
		}},
		"box": {func() *tokenServer {
			return &tokenServer{
				service: service{
					files:    map[string]string{"config.json": k.box(boxSecret)},
					function: "list_folder", arguments: `{"folder":"0"}`, host: "api.box.com",
					algorithm: "RS512", key: rsaKey, header: map[string]any{"typ": "JWT", "kid": "box-kid"},
					claims: map[string]any{"iss": "box-client", "sub": "12345", "box_sub_type": "enterprise", "aud": "https://api.box.com/oauth2/token"},
					times:  map[string]offset{"iat": at(0), "exp": at(45)},
					jti:    new(""),
				}, target: "/oauth2/token", inForm: "assertion", form: jwtBearerForm("client_id", "box-client", "client_secret", boxSecret),
				issuer: "box-client", aud: "https://api.box.com/oauth2/token", longest: 60, once: true,
				answer: oauthAnswer, api: "api.box.com", apiPath: "/2.0/folders/0/items",
			}
		}, []breakage{
			wrongGrant,
			{"audience", "aud: https://api.box.com/oauth2/token", "aud: https://api.box.com", nil, "aud"},
			{"issuer", "iss: ${file:config.json#/boxAppSettings/clientID}", "iss: another", nil, "iss"},
			{"key", "", "", map[string]string{"config.json": other.box(boxSecret)}, "signature"},
			{"life", "ttl: 45s", "ttl: 90s", nil, "exp"},
			{"client secret", "", "", map[string]string{"config.json": k.box("another-secret-0123456789")}, "client_secret"},
			{"client", "client_id: ${file:config.json#/boxAppSettings/clientID}", "client_id: another", nil, "client_id"},
			{"no jti", "    jti: true\n    sign: on_use\n", "", nil, "jti"},
		}},
		"okta": {func() *tokenServer {
			return &tokenServer{
				service: service{
					variables: map[string]string{"OKTA_CLIENT_ID": "0oa1egret"},
					files:     map[string]string{"okta.jwk.json": k.jwk},
					function:  "lookup_order", arguments: `{"order_id":"A-1001"}`, host: "acme.okta.com",
					algorithm: "RS256", key: rsaKey, header: map[string]any{"typ": "JWT", "kid": "okta-kid"},
					claims: map[string]any{"iss": "0oa1egret", "sub": "0oa1egret", "aud": "https://acme.okta.com/oauth2/default/v1/token"},
					times:  map[string]offset{"iat": at(0), "exp": at(300)},
					jti:    new(""),
				}, target: "/oauth2/default/v1/token", inForm: "client_assertion",
				form: map[string]string{
					"grant_type": "client_credentials", "scope": "orders.read",
					"client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
				},
				issuer: "0oa1egret", aud: "https://acme.okta.com/oauth2/default/v1/token", longest: 3600, once: true,
				answer: oauthAnswer, api: "orders.acme.test", apiPath: "/v1/orders/A-1001",
			}
		}, []breakage{
			{"grant type", "grant_type: client_credentials", "grant_type: password", nil, "grant_type"},
			{"assertion type", "client-assertion-type:jwt-bearer", "grant-type:jwt-bearer", nil, "client_assertion_type"},
			{"scope", "scope: orders.read", "scope: orders.write", nil, "scope"},
			{"audience", "aud: https://acme.okta.com/oauth2/default/v1/token", "aud: https://acme.okta.com", nil, "aud"},
			{"issuer", "", "", map[string]string{"OKTA_CLIENT_ID": "another"}, "iss"},
			{"key", "", "", map[string]string{"okta.jwk.json": other.jwk}, "signature"},
			{"life", "ttl: 5m", "ttl: 2h", nil, "exp"},
			{"no jti", "    jti: true\n    sign: on_use\n", "", nil, "jti"},
		}},
		"oauth2-client-credentials": {func() *tokenServer {
			return &tokenServer{
				service: service{
					variables: map[string]string{"ACME_CLIENT_ID": "egret%3Aprod", "ACME_CLIENT_SECRET": clientSecret},
					function:  "lookup_order", arguments: `{"order_id":"A-1001"}`, host: "login.acme.test",
				}, target: "/oauth2/token", form: map[string]string{"grant_type": "client_credentials", "scope": "orders.read"},
				basic:  [2]string{"egret:prod", clientSecret},
				answer: oauthAnswer, api: "orders.acme.test", apiPath: "/v1/orders/A-1001",
			}
		}, []breakage{
			{"grant type", "grant_type: client_credentials", "grant_type: password", nil, "grant_type"},
			{"scope", "scope: orders.read", "scope: orders.write", nil, "scope"},
			{"client secret", "", "", map[string]string{"ACME_CLIENT_SECRET": "another-secret-0123456789"}, "client"},
			{"client", "", "", map[string]string{"ACME_CLIENT_ID": "another"}, "client"},
			{"no credentials", "    basic: {user: \"${env:ACME_CLIENT_ID}\", password: </secret>}\n", "", nil, "client"},
		}},
	}
}

// change is what a breakage does to the text of an example, or nil.
func (b breakage) change() *strings.Replacer {
	if b.old == "" {
		return nil
	}
	return strings.NewReplacer(b.old, b.new)
}
