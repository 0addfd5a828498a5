package liberty_test

import (
	"slices"
	"strings"
	"testing"
)

// What comes of each attribute of a jwtBuilder: lines that the result has, and
// texts that it has not. The builder has the attributes here besides its id.
var attributeTests = []struct {
	attribute string
	builder   string
	beside    string   // other elements
	want      []string // lines
	not       []string // parts of lines
}{
	{"id", `issuer="i"`, "", []string{"- name: b", "cache: b"}, []string{"    id:"}},
	{"id", `id="partner~1"`, "", []string{"- name: partner_1", `id: "partner~1"`}, nil},
	{"id", `id="a/b"`, "", []string{"- name: a_b", "# the id cannot stand in a URL, so it is a_b here, in the issuer too"}, []string{"    id:"}},
	{"id", `id=" "`, "", []string{"# - the jwtBuilder of server.xml:1: it has no id that is known here"}, []string{"tokens:"}},
	{"signatureAlgorithm", ``, "", []string{"algorithm: RS256"}, nil},
	{"signatureAlgorithm", `signatureAlgorithm="ES512"`, "", []string{"algorithm: ES512"}, nil},
	{"signatureAlgorithm", `signatureAlgorithm="none"`, "", []string{"# - jwtBuilder b, server.xml:1: its signatureAlgorithm is none that signs"}, []string{"tokens:", "caches:"}},
	{"signatureAlgorithm", `signatureAlgorithm="${env.ALG}"`, "", []string{"# - jwtBuilder b, server.xml:1: signatureAlgorithm comes from the environment, and has no default"}, []string{"tokens:"}},
	{"sharedKey", `signatureAlgorithm="HS256" sharedKey="canary"`, "", []string{"algorithm: HS256", `shared_key: "${env:B_SHARED_KEY}"`}, []string{"canary", "kid", "key_store"}},
	{"sharedKey", `signatureAlgorithm="HS256" sharedKey="{aes}canary"`, `<variable name="wlp.password.encryption.key" value="canary"/>`, []string{`key_passphrase: "${env:WLP_PASSWORD_ENCRYPTION_KEY}"`}, []string{"canary"}},
	{"sharedKey", `signatureAlgorithm="HS256"`, "", []string{`shared_key: "${env:B_SHARED_KEY}"`}, nil},
	{"sharedKey", `sharedKey="canary"`, "", []string{"# sharedKey has no effect with RS256"}, []string{"shared_key", "canary"}},
	{"keyStoreRef", `keyStoreRef="k"`, `<keyStore id="k" location="/etc/k.jks" password="${env.K}"/>`, []string{"key_store: k", "kid: spki", "- name: k", "type: JKS", "file: \"/etc/k.jks\"", `password: "${env:K}"`}, []string{"key_alias"}},
	{"keyStoreRef", ``, `<ssl id="defaultSSLConfig" keyStoreRef="k"/><keyStore id="k" location="k.p12"/>`, []string{"key_store: k", "file: resources/security/k.p12"}, []string{"password"}},
	{"keyStoreRef", ``, "", []string{"key_store: defaultKeyStore", "file: resources/security/key.p12", `password: "${env:keystore_password}"`}, nil},
	{"keyStoreRef", `keyStoreRef="none"`, "", []string{"# - jwtBuilder b, server.xml:1: there is no keyStore none"}, []string{"tokens:"}},
	{"keyAlias", `keyAlias="acme"`, "", []string{"key_alias: acme"}, nil},
	{"keyAlias", `keyAlias="${env.ALIAS}"`, "", []string{`key_alias: "${env:ALIAS}"`}, nil},
	{"keyAlias", `keyAlias="${file:/etc/passwd}"`, "", []string{"# - jwtBuilder b, server.xml:1: its keyAlias cannot be carried over"}, []string{"tokens:", "passwd"}},
	{"jwkEnabled", `jwkEnabled="true" keyAlias="a"`, "", []string{"jwk: {enabled: true, rotation: 12h}", "# without effect with jwkEnabled: keyAlias"}, []string{"key_store", "kid", "size"}},
	{"jwkEnabled", `jwkEnabled="false"`, "", []string{"key_store: defaultKeyStore"}, []string{"jwk: "}},
	{"jwkEnabled", `jwkEnabled="true" signatureAlgorithm="HS256"`, "", []string{"# without effect with HS256: jwkEnabled"}, []string{"jwk: "}},
	{"jwkRotationTime", `jwkEnabled="true" jwkRotationTime="90"`, "", []string{"jwk: {enabled: true, rotation: 1h30m}"}, nil},
	{"jwkRotationTime", `jwkEnabled="true" jwkRotationTime="30s"`, "", []string{"jwk: {enabled: true, rotation: 1m}", "# jwkRotationTime is under a minute, the least that Liberty takes"}, nil},
	{"jwkMaxKeys", `jwkEnabled="true" jwkMaxKeys="3"`, "", []string{"jwk: {enabled: true, rotation: 12h, keep: 3}"}, nil},
	{"jwkMaxKeys", `jwkEnabled="true" jwkMaxKeys="500"`, "", []string{"jwk: {enabled: true, rotation: 12h, keep: 16}", "# jwkMaxKeys is 500; egret keeps 16"}, nil},
	{"jwkSigningKeySize", `jwkEnabled="true" jwkSigningKeySize="4096"`, "", []string{"jwk: {enabled: true, rotation: 12h, size: 4096}"}, nil},
	{"jwkSigningKeySize", `jwkEnabled="true" jwkSigningKeySize="1024"`, "", []string{"jwk: {enabled: true, rotation: 12h, size: 2048}", "# jwkSigningKeySize is 1024; egret makes no RSA key under 2048 bits"}, nil},
	{"jwkSigningKeySize", `jwkEnabled="true" jwkSigningKeySize="4096" signatureAlgorithm="ES256"`, "", []string{"jwk: {enabled: true, rotation: 12h}"}, nil},
	{"claims", ``, "", []string{"claims: {token_type: Bearer}"}, []string{"subject_claims"}},
	{"claims", `claims="uid, email, iss"`, `<basicRegistry><user name="al" password="canary"/></basicRegistry>`, []string{"claims: {token_type: Bearer, sub: al}", "subject_claims: [uid]", "# claims: the basic registry has no email; add it to attributes of subjects and to subject_claims", "attributes: {uid: al, displayName: al, principalName: al}"}, []string{"canary"}},
	{"claims", `claims="email"`, `<ldapRegistry/>`, []string{"claims: {token_type: Bearer}", "# claims: there is no user of a basic registry here; add subjects, claims.sub and subject_claims: [email]"}, nil},
	{"issuer", `issuer=" https://${h}/x "`, `<variable name="h" value="acme.test"/>`, []string{`issuer: "https://acme.test/x"`}, []string{"public_url"}},
	{"issuer", `issuer="${iss}"`, `<variable name="iss" defaultValue="acme"/>`, []string{`issuer: "${env:ISS:-acme}"`}, nil},
	{"issuer", ``, "", []string{`public_url: "https://localhost:9443"`}, []string{"issuer:"}},
	{"issuer", ``, `<httpEndpoint host="::1" httpPort="80" httpsPort="-1"/>`, []string{`public_url: "http://[::1]:80"`}, nil},
	{"issuer", ``, `<httpEndpoint host="*"/><variable name="defaultHostName" value="w1.acme.test"/>`, []string{`public_url: "https://w1.acme.test:9443"`}, nil},
	{"issuer", ``, `<httpEndpoint host="${env.H}"/>`, []string{"# - the default issuer of builders without one: the host comes from the environment; write public_url, or issuer in each of them"}, []string{"public_url:"}},
	{"audiences", `audiences="a"`, "", []string{"audiences: [a]"}, nil},
	{"audiences", `audiences=" a,b\,c, ,${list(more)}"`, `<variable name="more" value="d, e"/>`, []string{`audiences: [a, "b,c", d, e]`}, nil},
	{"audiences", `audiences="a, ${file:/etc/passwd}"`, "", []string{"audiences: [a]", "# a part of audiences is left out: egret would take it for a reference to a variable or a file"}, []string{"passwd"}},
	{"scope", `scope="read write"`, "", []string{`scope: "read write"`}, nil},
	{"jti", `jti="TRUE"`, "", []string{"jti: true"}, nil},
	{"jti", `jti="false"`, "", nil, []string{"jti:"}},
	{"expiresInSeconds", `expiresInSeconds="1m30s" expiry="4h"`, "", []string{"expires_in: 1m30s", "ttl: 1m30s", "# without effect beside expiresInSeconds: expiry"}, []string{"expiry: "}},
	{"expiresInSeconds", `expiresInSeconds="90"`, "", []string{"expires_in: 1m30s"}, nil},
	{"expiresInSeconds", `expiresInSeconds="-1"`, "", []string{"expiry: 2h"}, []string{"expires_in"}},
	{"expiresInSeconds", `expiresInSeconds="0"`, "", []string{"expires_in: 2s", "# the token expires at once in Liberty; 2s is the least that egret takes"}, nil},
	{"expiresInSeconds", `expiresInSeconds="soon"`, "", []string{"expiry: 2h", "# expiresInSeconds is no duration that egret can read: its default holds"}, nil},
	{"expiresInSeconds", `expiresInSeconds="99999999999999"`, "", []string{"expiry: 2h"}, nil},
	{"expiry", ``, "", []string{"expiry: 2h", "ttl: 2h"}, nil},
	{"expiry", `expiry="12"`, "", []string{"expiry: 12h", "ttl: 12h"}, nil},
	{"expiry", `expiry="90m"`, "", []string{"expiry: 1h", "# expiry is cut to whole units of 1h by Liberty, and here"}, nil},
	{"expiry", `expiry="1d2h"`, "", []string{"expiry: 26h"}, nil},
	{"nbfOffset", `nbfOffset="0"`, "", []string{"nbf_offset: 0s"}, nil},
	{"nbfOffset", `nbfOffset="-1"`, "", nil, []string{"nbf_offset"}},
	{"nbfOffset", `nbfOffset="30s"`, "", []string{"nbf_offset: 30s"}, nil},
	{"nbfOffset", `nbfOffset="2h"`, "", []string{"# nbfOffset is left out: the token would begin when it ends"}, []string{"nbf_offset: "}},
	{"keyManagementKeyAlias", `keyManagementKeyAlias="p"`, `<keyStore id="defaultKeyStore" password="canary"/>`, []string{"encrypt: {algorithm: RSA-OAEP, content: A256GCM, trust_store: defaultKeyStore, key_alias: p}", "trust_stores:"}, []string{"canary"}},
	{"trustStoreRef", `keyManagementKeyAlias="p" trustStoreRef="t"`, `<keyStore id="t" location="t.p12"/>`, []string{"encrypt: {algorithm: RSA-OAEP, content: A256GCM, trust_store: t, key_alias: p}"}, nil},
	{"trustStoreRef", `keyManagementKeyAlias="p" trustStoreRef="t"`, "", []string{"# - jwtBuilder b, server.xml:1: there is no keyStore t"}, []string{"tokens:", "key_stores:"}},
	{"trustStoreRef", `trustStoreRef="t"`, "", []string{"# without effect, because there is no keyManagementKeyAlias: trustStoreRef"}, []string{"encrypt:"}},
	{"keyManagementKeyAlgorithm", `keyManagementKeyAlias="p" keyManagementKeyAlgorithm="ECDH-ES"`, "", []string{"encrypt: {algorithm: ECDH-ES, content: A256GCM, trust_store: defaultKeyStore, key_alias: p}"}, nil},
	{"keyManagementKeyAlgorithm", `keyManagementKeyAlias="p" keyManagementKeyAlgorithm="RSA1_5"`, "", []string{"# - jwtBuilder b, server.xml:1: egret does not have its keyManagementKeyAlgorithm"}, []string{"tokens:"}},
	{"contentEncryptionAlgorithm", `keyManagementKeyAlias="p" contentEncryptionAlgorithm="A256GCM"`, "", []string{"encrypt: {algorithm: RSA-OAEP, content: A256GCM, trust_store: defaultKeyStore, key_alias: p}"}, nil},
	{"contentEncryptionAlgorithm", `keyManagementKeyAlias="p" contentEncryptionAlgorithm="A128GCM"`, "", []string{"# - jwtBuilder b, server.xml:1: egret does not have its contentEncryptionAlgorithm"}, []string{"tokens:"}},
	{"amrInclude", `amrInclude="mfa"`, "", []string{"# amrInclude is not carried over: its values come from the login of Liberty's caller"}, nil},
	{"others", `brandNew="canary" BRANDOLD="canary"`, "", []string{"# - jwtBuilder b: brandNew, BRANDOLD"}, []string{"canary"}},
}

func TestAttribute(t *testing.T) {
	for _, test := range attributeTests {
		t.Run(test.attribute, func(t *testing.T) {
			attributes := test.builder
			if !strings.Contains(attributes, `id="`) || !strings.HasPrefix(attributes, "id=") {
				attributes = `id="b" ` + attributes
			}
			got := imported(t, "<jwtBuilder "+attributes+"/>"+test.beside, nil)
			lines := strings.Split(got, "\n")
			for i := range lines {
				lines[i] = strings.TrimSpace(lines[i])
			}
			for _, want := range test.want {
				if !slices.Contains(lines, want) {
					t.Errorf("<jwtBuilder %s/> has no line %s, got:\n%s", attributes, want, got)
				}
			}
			for _, not := range test.not {
				if strings.Contains(got, not) {
					t.Errorf("<jwtBuilder %s/> has %s, got:\n%s", attributes, not, got)
				}
			}
		})
	}
}
