package configs_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/egret-proxy/egret/configs"
)

// nothing is a machine on which no variable is set.
func nothing() configs.ReadOptions {
	return configs.ReadOptions{AllowUnset: true, Getenv: func(string) (string, bool) { return "", false }}
}

// TestAllowUnset has every place that takes a reference, and nothing that any
// of them leads to.
func TestAllowUnset(t *testing.T) {
	const text = `listen: ${env:LISTEN}
admin: {listen: "${env:HOST}:8081", key: "${file:none/admin.key}"}
state: ${env:STATE}
clients:
  - {name: agent, key: "${env:AGENT}"}
egress:
  allow: ["${env:HOST}", {host: "*.${env:HOST}", methods: [GET]}]
  allow_private: ["${env:NET}"]
caches:
  - {name: acme, ttl: 1m, hosts: ["${env:HOST}"], id: 11111111-2222-3333-4444-555555555555}
  - {name: beta, ttl: 1m, hosts: [beta.test, "${env:HOST}"], id: 21111111-2222-3333-4444-555555555555}
  - {name: c0, ttl: 1m, hosts: [a.test]}
  - {name: c1, ttl: 1m, hosts: [a.test]}
  - {name: c2, ttl: 1m, hosts: [a.test]}
  - {name: c3, ttl: 1m, hosts: [a.test]}
  - {name: c4, ttl: 1m, hosts: [a.test]}
  - {name: c5, ttl: 1m, hosts: [a.test]}
  - {name: c6, ttl: 1m, hosts: [a.test]}
  - {name: c7, ttl: 1m, hosts: [a.test]}
  - {name: c8, ttl: 1m, hosts: [a.test]}
public_url: ${env:PUBLIC}
key_stores:
  - {name: one, type: PKCS12, file: none.p12, password: "${env:PASS}"}
  - {name: two, type: JKS, file: "${env:DIR}/none.jks", password: "{aes}x", key_password: "${env:PASS}", key_passphrase: "${env:PASS}"}
trust_stores:
  - {name: three, type: PEM, file: none.pem}
subjects:
  - {name: alice, attributes: {email: "${env:MAIL}"}}
tokens:
  - {name: acme, cache: acme, algorithm: ES256, key_type: EcPem, key: "${file:none/acme.pem}", claims: {sub: "${env:SUB}"}}
  - {name: beta, cache: beta, value: "Bearer ${file:none.json#/token}"}
  - {name: locked, cache: c0, algorithm: ES256, key_type: EcPem, key: k, key_passphrase: "${env:PASS}"}
  - {name: shared, cache: c1, algorithm: HS256, shared_key: "${env:SHARED}", jti: "${env:JTI}", kid: "${env:KID}"}
  - {name: stored, cache: c2, algorithm: ES256, key_store: one, issuer: "${env:ISS}", audiences: ["${env:AUD}"], scope: "${env:SCOPE}"}
  - {name: opened, cache: c3, algorithm: ES256, key_store: two, key_alias: "${env:ALIAS}"}
  - {name: sealed, cache: c4, algorithm: ES256, jwk: {enabled: true}, encrypt: {algorithm: RSA-OAEP, key: "${file:none.pem}"}}
  - {name: picked, cache: c5, algorithm: ES256, jwk: {enabled: true}, encrypt: {algorithm: RSA-OAEP, jwks: "${file:none.jwks}", kid: "${env:KID}"}}
  - {name: trusted, cache: c6, algorithm: ES256, jwk: {enabled: true}, encrypt: {algorithm: RSA-OAEP, trust_store: three}}
  - {name: spoken, cache: c7, algorithm: ES256, jwk: {enabled: true}, claims: {sub: "${env:SUB}"}, subject_claims: [email]}
  - {name: known, cache: c8, algorithm: ES256, jwk: {enabled: true}, claims: {sub: alice}, subject_claims: [email]}
functions:
  - name: one
    fixed: {a: 11111111-2222-3333-4444-555555555555, b: 21111111-2222-3333-4444-555555555555, n: 1}
    url: ${env:BASE}/orders/{/n}
    query: {q: "${env:Q}</n>"}
    headers: {Authorization: "Bearer </a>", X-B: "</b>"}
    json: {a: "${env:Q}"}
  - {name: two, url: "https://${env:HOST}:${env:PORT}/", headers: {Content-Type: "${env:TYPE}"}, body: "${file:none.txt}"}
  - {name: three, url: "https://a.test/", headers: {Content-Type: application/json}, body: '{"a": ${env:N}}'}
`
	cfg, problems := configs.Parse("egret.yaml", []byte(text), nothing())
	if len(problems)+len(cfg.Warnings) > 0 || !cfg.Unset {
		t.Errorf("got Unset %t, problems and warnings, want true and none:\n%s\n%s", cfg.Unset, problems.Detailed(), cfg.Warnings.Detailed())
	}
	without := map[string]bool{"acme": true, "locked": true, "shared": true, "stored": true, "opened": true, "sealed": true, "picked": true, "trusted": true}
	for _, token := range cfg.Tokens {
		if token.Unset != without[token.Name] {
			t.Errorf("got token %s without its key %t, want %t", token.Name, token.Unset, without[token.Name])
		}
	}
	if len(cfg.Tokens) != 11 || len(cfg.Functions) != 3 || len(cfg.KeyStores) != 2 || !cfg.KeyStores[0].Unset || !cfg.KeyStores[1].Unset || !cfg.TrustStores[0].Unset {
		t.Errorf("got %v, %v and %v, want 11 Tokens, three Functions, and stores of which something is missing", cfg.Tokens, cfg.Functions, cfg.KeyStores)
	}
	strict := nothing()
	strict.AllowUnset = false
	if _, problems := configs.Parse("egret.yaml", []byte(text), strict); len(problems) != 41 {
		t.Errorf("got %d problems where nothing may be missing, want 41:\n%s", len(problems), problems)
	}
}

// TestAllowUnsetChecks has mistakes that do not depend on what is missing.
func TestAllowUnsetChecks(t *testing.T) {
	directory := tree(t, map[string]string{
		"egret.yaml": "listen: ${env:}\n" +
			"functions:\n" +
			"  - {name: f, fixed: {a: 1}, url: '${env:BASE}/{/b}', query: {q: '${env:Q}</c>'}, cache: c, timeout: '${env:T}'}\n" +
			"  - {name: g, url: 'ftp://${env:HOST}', headers: {X: '${file:there.json#/none}'}, body: '${env:B}'}\n" +
			"tokens:\n" +
			"  - {name: t, cache: d, algorithm: HS265, key_type: Secret, key: '${env:KEY}'}\n" +
			"  - {name: u, cache: d, algorithm: HS256, key: '${env:KEY'}\n",
		"there.json": "{}",
	})
	_, problems := configs.Read(filepath.Join(directory, "egret.yaml"), nothing())
	want := []string{
		"egret.yaml:1:9: listen: ${env:…} needs the name of a variable",
		"egret.yaml:3:35: functions[0].url: placeholder {/b} is not a parameter of f; did you mean {/a}?",
		"egret.yaml:3:66: functions[0].query.q: placeholder </c> is not a parameter of f; did you mean </a>?",
		"egret.yaml:3:90: functions[0].cache: there is no cache c",
		"egret.yaml:3:102: functions[0].timeout: ${env:…} and ${file:…} are not expanded here",
		"egret.yaml:4:20: functions[1].url: the scheme of a URL is https or http",
		"egret.yaml:4:54: functions[1].headers.X: there.json has nothing at #/none",
		"egret.yaml:4:89: functions[1].body: a body needs a Content-Type header, which decides how values are escaped; add it to headers, or write json or form",
		"egret.yaml:6:22: tokens[0].cache: there is no cache d",
		"egret.yaml:6:36: tokens[0].algorithm: unknown algorithm \"HS265\"; did you mean HS256?",
		"egret.yaml:7:5: tokens[1].key_type: a token with key needs key_type",
		"egret.yaml:7:22: tokens[1].cache: there is no cache d",
		"egret.yaml:7:48: tokens[1].key: ${…} is not closed",
	}
	if diff := cmp.Diff(want, said(problems, directory)); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}

// TestAllowUnsetReads sees what is there, although other things may be missing.
func TestAllowUnsetReads(t *testing.T) {
	o := options()
	o.AllowUnset = true
	cfg, problems := configs.Parse("egret.yaml", []byte("admin: {listen: 127.0.0.1:1, key: '${env:ADMIN_KEY}'}\n"), o)
	if len(problems) > 0 || cfg.Unset || cfg.Admin.Key.Reveal() != environment["ADMIN_KEY"] {
		t.Errorf("got Unset %t, problems %v, want the key and none", cfg.Unset, problems)
	}
	directory := tree(t, map[string]string{"egret.yaml": "listen: ${file:.}\n"})
	_, problems = configs.Read(filepath.Join(directory, "egret.yaml"), o)
	if len(problems) != 1 || !strings.HasSuffix(problems[0].Message, "it is no regular file") {
		t.Errorf("got %v of a directory, want that it is no file", problems)
	}
	if os.Getuid() == 0 {
		return // who may read everything
	}
	must(t, os.WriteFile(filepath.Join(directory, "secret"), nil, 0o000))
	_, problems = configs.Parse(filepath.Join(directory, "egret.yaml"), []byte("listen: ${file:secret}\n"), o)
	if len(problems) != 1 || !strings.HasSuffix(problems[0].Message, "permission denied") {
		t.Errorf("got %v of a file that is not ours, want that it cannot be read", problems)
	}
}
