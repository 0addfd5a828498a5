package proxy_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"
	"github.com/tidwall/gjson"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/proxy"
	"github.com/egret-proxy/egret/proxy/proxytest"
	"github.com/egret-proxy/egret/tokens"
)

const (
	madeID  = "5d5e5f50-6a6b-4c6d-8e6f-7a7b7c7d7e7f" // made
	ownID   = "6e6f6061-7b7c-4d7e-8f70-8b8c8d8e8f80" // own
	quietID = "7f707172-8c8d-4e8f-8081-9c9d9e9f9091" // quiet
)

// signers has a Token whose keys egret makes, one with a published key of its own
// and one that publishes nothing.
func signers(own, quiet string) string {
	return `
admin: 127.0.0.1:0
public_url: https://egret.acme.test/below
caches:
  - {name: made, id: ` + madeID + `, ttl: 15m, hosts: ["api.acme.test:*"]}
  - {name: own, id: ` + ownID + `, ttl: 15m, hosts: ["api.acme.test:*"]}
  - {name: quiet, id: ` + quietID + `, ttl: 15m, hosts: ["api.acme.test:*"]}
tokens:
  - {name: made_jwt, id: made, cache: made, algorithm: ES256, jwk: {enabled: true}}
  - {name: own_jwt, id: own, cache: own, algorithm: ES256, key_type: EcPem, key: "` + own + `", publish: true, kid: spki}
  - {name: quiet_jwt, id: quiet, cache: quiet, algorithm: EdDSA, key_type: EdPem, key: "` + quiet + `"}
`
}

// newPEM makes a key as an environment variable often has it.
func newPEM(t testing.TB, algorithm string) string {
	t.Helper()
	key, err := tokens.NewKey(algorithm)
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(key.Private.Reveal(), "\n", `\n`)
}

// startSigners runs signers, and waits until there is a key.
func startSigners(t testing.TB, options ...proxytest.Option) *proxytest.Egret {
	t.Helper()
	e := proxytest.Start(t, signers(newPEM(t, "ES256"), newPEM(t, "EdDSA")), options...)
	eventually(t, "there is a key", func() bool { return len(keyIDs(e.Get(e.URL+"/jwt/made/jwk").Body)) > 0 })
	addRingSecrets(t, e)
	return e
}

// addRingSecrets makes the keys that egret has made known to the canary.
func addRingSecrets(t testing.TB, e *proxytest.Egret) {
	t.Helper()
	found := 0
	err := filepath.WalkDir(filepath.Join(filepath.Dir(e.File), ".egret", "keys"), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		for _, d := range gjson.GetBytes(text, "keys.#.jwk.d").Array() {
			e.Canary.Add(d.String())
			found++
		}
		return err
	})
	if err != nil || found == 0 {
		t.Fatalf("found %d keys in the state directory (error: %v)", found, err)
	}
}

func keyIDs(set string) []string {
	list := []string{}
	for _, kid := range gjson.Get(set, "keys.#.kid").Array() {
		list = append(list, kid.String())
	}
	return list
}

// sent gives the token that a request with a cache ID arrives with.
func sent(t *testing.T, e *proxytest.Egret, id string) string {
	t.Helper()
	wantOK(t, e.Get("http://api.acme.test/", "Authorization", "Bearer "+id))
	requests := e.Upstream.Requests()
	token, _ := strings.CutPrefix(requests[len(requests)-1].Header.Get("Authorization"), "Bearer ")
	return token
}

// wantVerified verifies a token by the key of a set that it names.
func wantVerified(t testing.TB, token, set string) {
	t.Helper()
	var jwks jose.JSONWebKeySet
	if err := json.Unmarshal([]byte(set), &jwks); err != nil {
		t.Fatal(err)
	}
	signed, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{"ES256", "EdDSA"})
	if err != nil {
		t.Fatal(err)
	}
	kid := signed.Signatures[0].Header.KeyID
	for _, key := range jwks.Key(kid) {
		if _, err := signed.Verify(key); err == nil {
			return
		}
	}
	t.Fatalf("no key %q in %s verifies the token", kid, set)
}

// TestPublicKeys asks for public keys in all ways: they verify what is sent, and
// nothing of a private key, or of one that is not published, is among them.
func TestPublicKeys(t *testing.T) {
	e := startSigners(t)
	for path, ids := range map[string][]string{
		"/.well-known/jwks.json": {madeID, ownID}, "/.well-known/jwks.json?x=1": {madeID, ownID},
		"/jwt/made/jwk": {madeID}, "/jwt/ibm/api/made/jwk": {madeID}, "/jwt/made/jwk?": {madeID},
		"/jwt/own/jwk": {ownID}, "/jwt/ibm/api/own/jwk": {ownID},
	} {
		got := e.Get(e.URL + path)
		wantOK(t, got)
		if n := len(keyIDs(got.Body)); n != len(ids) {
			t.Errorf("%s: got %d keys, want %d", path, n, len(ids))
		}
		for _, id := range ids {
			wantVerified(t, sent(t, e, id), got.Body)
		}
		for _, key := range gjson.Get(got.Body, "keys").Array() {
			for _, member := range []string{"d", "p", "q", "dp", "dq", "qi", "oth", "k"} {
				if key.Get(member).Exists() {
					t.Errorf("%s: the answer has the private member %s", path, member)
				}
			}
			if key.Get("alg").String() != "ES256" || key.Get("use").String() != "sig" || len(key.Get("kid").String()) != 43 {
				t.Errorf("%s: got the key %s, want alg, use and a kid of 43 characters", path, key.Raw)
			}
		}
		want := map[string]string{"Content-Type": "application/jwk-set+json", "Cache-Control": "public, max-age=300", "Content-Length": fmt.Sprint(len(got.Body))}
		for name, value := range want {
			if got.Header.Get(name) != value {
				t.Errorf("%s: got %s %q, want %q", path, name, got.Header.Get(name), value)
			}
		}
		head := e.Do("HEAD", e.URL+path, "")
		got.Header.Del("Date")
		head.Header.Del("Date")
		if diff := cmp.Diff(got.Header, head.Header); diff != "" || head.Body != "" || head.Status != 200 {
			t.Errorf("%s: HEAD got %d with the body %q, and other fields than GET (-GET +HEAD):\n%s", path, head.Status, head.Body, diff)
		}
	}
	want := `"way":"keys","method":"GET","path":"/jwt/ibm/api/made/jwk","verdict":"allowed","rule":"gate","status":200`
	if got := strings.Join(e.Journal(""), "\n"); !strings.Contains(got, want) {
		t.Errorf("got the records\n%s\nwant one with %s", got, want)
	}
}

// TestPublicKeysRefused: who publishes nothing is as who is not there.
func TestPublicKeysRefused(t *testing.T) {
	e := startSigners(t)
	nothing := e.Get(e.URL + "/nothing")
	for _, path := range []string{
		"/jwt/quiet/jwk", "/jwt/ibm/api/quiet/jwk", "/jwt/nobody/jwk", "/jwt//jwk", "/jwt/jwk", "/jwt/made/jwk/", "/jwt/made", "/jwt/made/other/jwk",
		"/jwt/ibm/api/jwk/jwk", "/jwt/MADE/jwk", "/jwt/made_jwt/jwk", "/.well-known/jwks.json/", "/.well-known/", "/.well-known/openid-configuration",
	} {
		for _, method := range []string{"GET", "POST", "DELETE"} {
			got := e.Do(method, e.URL+path, "")
			wantRefusal(t, got, 404, "not_found")
			if got.Body != nothing.Body {
				t.Errorf("%s %s: got %s, want what there is for any other path: %s", method, path, got.Body, nothing.Body)
			}
		}
	}
	for _, path := range []string{"/.well-known/jwks.json", "/jwt/made/jwk", "/jwt/ibm/api/own/jwk"} {
		for _, method := range []string{"POST", "PUT", "DELETE", "OPTIONS", "PATCH"} {
			got := e.Do(method, e.URL+path, "")
			wantRefusal(t, got, 405, "method_not_allowed")
			if allow := got.Header.Get("Allow"); allow != "GET, HEAD" {
				t.Errorf("%s %s: got Allow %q, want GET, HEAD", method, path, allow)
			}
		}
		wantRefusal(t, e.Get(e.URL+path, "Origin", "http://evil.test"), 403, "host_rejected")
		wantRefusal(t, e.Get(e.URL+path, "Sec-Fetch-Site", "cross-site"), 403, "host_rejected")
	}
}

// TestPublicKeysHost: the host of public_url is one of the listener's own, where
// no client's key protects it; with clients, public keys still need none.
func TestPublicKeysHost(t *testing.T) {
	e := startSigners(t)
	ask := func(e *proxytest.Egret, host string) proxytest.Answer {
		c := e.Connect()
		c.Send("GET /.well-known/jwks.json HTTP/1.1\r\nHost: " + host + "\r\n\r\n")
		return c.Answer("GET")
	}
	for _, host := range []string{"egret.acme.test", "EGRET.acme.test.", "egret.acme.test:443", "egret.acme.test:8443"} {
		wantOK(t, ask(e, host))
	}
	for _, host := range []string{"acme.test", "x.egret.acme.test", "egret.acme.test.evil.test", "evil.test:443", "egret.acme.test@evil.test", "below"} {
		wantRefusal(t, ask(e, host), 403, "host_rejected")
	}
	e.Canary.Add("client-key-0123456789-0123456789")
	if err := e.Reload(signers(newPEM(t, "ES256"), newPEM(t, "EdDSA")) + `clients: [{name: agent, key: client-key-0123456789-0123456789}]`); err != nil {
		t.Fatal(err)
	}
	wantRefusal(t, e.Get(e.URL+"/v1/functions"), 401, "unauthenticated")
	wantOK(t, ask(e, "any.test"))
	wantRefusal(t, e.Get(e.URL+"/jwt/quiet/jwk"), 404, "not_found")
}

// TestPublicKeysConditional asks whether the keys are still the same.
func TestPublicKeysConditional(t *testing.T) {
	e := startSigners(t)
	url := e.URL + "/jwt/own/jwk"
	tag := e.Get(url).Header.Get("ETag")
	if !strings.HasPrefix(tag, `"`) || !strings.HasSuffix(tag, `"`) || len(tag) < 18 {
		t.Fatalf("got the ETag %q, want a strong one", tag)
	}
	for _, c := range []struct {
		fields []string
		status int
	}{
		{[]string{tag}, 304},
		{[]string{"W/" + tag}, 304},
		{[]string{"*"}, 304},
		{[]string{`"x", ` + tag}, 304},
		{[]string{`W/"a,b",` + tag + `,"y"`}, 304},
		{[]string{`"x"`, tag}, 304},
		{[]string{`"x"`}, 200},
		{[]string{strings.Trim(tag, `"`)}, 200},
		{[]string{strings.ToUpper(tag) + "x"}, 200},
		{[]string{`"` + tag}, 200},
		{[]string{`"x" "*"`}, 200},
		{[]string{""}, 200},
	} {
		var header []string
		for _, value := range c.fields {
			header = append(header, "If-None-Match", value)
		}
		for _, method := range []string{"GET", "HEAD"} {
			got := e.Do(method, url, "", header...)
			if got.Status != c.status {
				t.Errorf("%s with %q: got %d, want %d", method, c.fields, got.Status, c.status)
			}
			if got.Header.Get("ETag") != tag || got.Header.Get("Cache-Control") != "public, max-age=300" {
				t.Errorf("%s with %q: got ETag %q and Cache-Control %q", method, c.fields, got.Header.Get("ETag"), got.Header.Get("Cache-Control"))
			}
			if c.status == 304 && (got.Body != "" || got.Header.Get("Content-Type") != "") {
				t.Errorf("%s with %q: a 304 has content", method, c.fields)
			}
		}
	}
}

// TestPublicKeysRotate has a new key every two seconds: what is sent verifies by
// a set that was kept as long as it may be, and the sets change their tags.
func TestPublicKeysRotate(t *testing.T) {
	yaml := strings.Replace(signers(newPEM(t, "ES256"), newPEM(t, "EdDSA")), "jwk: {enabled: true}", "jti: true, jwk: {enabled: true, rotation: 2s, announce: 1s}", 1)
	yaml = strings.Replace(yaml, "id: "+madeID+", ttl: 15m", "id: "+madeID+", ttl: 2s", 1)
	e := proxytest.Start(t, yaml)
	used, tags := map[string]bool{}, map[string]bool{}
	eventually(t, "three keys have signed", func() bool {
		got := e.Get(e.URL + "/jwt/made/jwk")
		if age := got.Header.Get("Cache-Control"); age != "public, max-age=0" {
			t.Fatalf("got Cache-Control %q, want no second of an announcement of one", age)
		}
		token := sent(t, e, madeID)
		if len(keyIDs(got.Body)) == 0 {
			return false // there was none when it was asked for
		}
		wantVerified(t, token, got.Body)
		wantVerified(t, token, e.Get(e.URL+"/.well-known/jwks.json").Body)
		header, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{"ES256"})
		if err != nil {
			t.Fatal(err)
		}
		used[header.Signatures[0].Header.KeyID], tags[got.Header.Get("ETag")] = true, true
		return len(used) == 3
	})
	if len(tags) < 3 {
		t.Errorf("the set had %d tags, want another one with each change", len(tags))
	}
	addRingSecrets(t, e)
}

// TestKeysSurvive: keys that egret has made survive a reload of other lines, a
// change of the claims, and a restart.
func TestKeysSurvive(t *testing.T) {
	yaml := signers(newPEM(t, "ES256"), newPEM(t, "EdDSA"))
	e := proxytest.Start(t, yaml)
	var first string
	ask := func(s *proxytest.Egret) string { return s.Get(s.URL + "/jwt/made/jwk").Body }
	eventually(t, "there is a key", func() bool { first = ask(e); return len(keyIDs(first)) == 1 })
	for _, change := range []string{"journal: {entries: 10}\n", "", "egress: {default: allow}\n"} {
		if err := e.Reload(yaml + change); err != nil {
			t.Fatal(err)
		}
		if got := ask(e); got != first {
			t.Errorf("after a reload with %q: got %s, want %s", change, got, first)
		}
	}
	if err := e.Reload(strings.Replace(yaml, "jwk: {enabled: true}", "claims: {sub: other}, jwk: {enabled: true}", 1)); err != nil {
		t.Fatal(err)
	}
	if got := ask(e); got != first {
		t.Errorf("after a change of the claims: got %s, want %s", got, first)
	}
	wantVerified(t, sent(t, e, madeID), first)
	if err := e.Stop(); err != nil {
		t.Fatal(err)
	}
	cfg, err := proxy.Load(e.File, configs.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	again, err := proxy.New(cfg, proxy.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if got := again.PublicKeys(); got != first {
		t.Errorf("after a restart: got %s, want %s", got, first)
	}
}

// TestKeysNotKept: where keys cannot be written, the caches of their Tokens are
// not available, and nothing else suffers. Once they can, all is well.
func TestKeysNotKept(t *testing.T) {
	dir := t.TempDir()
	state := filepath.Join(dir, "state")
	if err := os.MkdirAll(state, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(state, "keys"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	yaml := signers(newPEM(t, "ES256"), newPEM(t, "EdDSA")) + "state: " + state + "\n"
	e := proxytest.Start(t, strings.Replace(yaml, "admin: 127.0.0.1:0", "admin: {listen: 127.0.0.1:0, key: admin-key-0123456789}", 1))
	e.Canary.Add("admin-key-0123456789")
	wantRefusal(t, e.Get("http://api.acme.test/", "Authorization", "Bearer "+madeID), 503, "token_unavailable")
	wantVerified(t, sent(t, e, ownID), e.Get(e.URL+"/.well-known/jwks.json").Body)
	if got := e.Get(e.URL + "/jwt/made/jwk"); got.Body != `{"keys":[]}` || got.Header.Get("Cache-Control") != "public, max-age=0" {
		t.Errorf("got %s with Cache-Control %q, want an empty set that is not kept", got.Body, got.Header.Get("Cache-Control"))
	}
	if got := e.Get(e.URL + "/.well-known/jwks.json").Header.Get("Cache-Control"); got != "public, max-age=0" {
		t.Errorf("got Cache-Control %q of a set that lacks a key, want that it is not kept", got)
	}
	eventually(t, "it is logged", func() bool {
		return strings.Contains(e.Log(), `"level":"ERROR","msg":"cannot maintain signing keys","token_id":"made"`)
	})
	if err := os.Remove(filepath.Join(state, "keys")); err != nil {
		t.Fatal(err)
	}
	eventually(t, "there is a key", func() bool { return len(keyIDs(e.Get(e.URL+"/jwt/made/jwk").Body)) == 1 })
	eventually(t, "there is a token", func() bool {
		return e.Get("http://api.acme.test/", "Authorization", "Bearer "+madeID).Status == 200
	})
}

// TestCheckMakesNoKeys: neither check nor loading leaves a trace.
func TestCheckMakesNoKeys(t *testing.T) {
	file := filepath.Join(t.TempDir(), "egret.yaml")
	if err := os.WriteFile(file, []byte(signers(newPEM(t, "ES256"), newPEM(t, "EdDSA"))), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, problems := proxy.Check(file, noEnvironment); len(problems) > 0 {
		t.Fatal(problems)
	}
	cfg, err := proxy.Load(file, noEnvironment)
	if err != nil {
		t.Fatal(err)
	}
	s, err := proxy.New(cfg, proxy.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
	if entries := must(os.ReadDir(filepath.Dir(file))); len(entries) != 1 {
		t.Errorf("there are %d files beside the configuration, want none", len(entries)-1)
	}
}

// TestSameKeyID: two published keys of one name are a problem, and one key that
// two Tokens sign with is not.
func TestSameKeyID(t *testing.T) {
	one, other := newPEM(t, "ES256"), newPEM(t, "ES256")
	const caches = `
caches: [{name: a, ttl: 15m, hosts: [a.test]}, {name: b, ttl: 15m, hosts: [a.test]}]
tokens:
`
	for _, c := range []struct{ name, a, b, want string }{
		{"one key", key(one) + ", publish: true, kid: x", key(one) + ", publish: true, kid: x", ""},
		{"one key, computed", key(one) + ", publish: true", key(one) + ", publish: true", ""},
		{"two keys", key(one) + ", publish: true, kid: x", key(other) + ", publish: true, kid: x", "tokens[1].kid"},
		{"two keys, in the header", key(one) + ", publish: true, kid: x", key(other) + ", publish: true, header: {kid: x}", "tokens[1].header.kid"},
		{"two keys, computed", key(one) + ", publish: true", key(other) + ", publish: true", ""},
		{"two keys, in their JWKs", jwkNamed(t, "x"), jwkNamed(t, "x"), "tokens[1].key"},
		{"two keys, one in its JWK", jwkNamed(t, "x"), key(other) + ", publish: true, header: {kid: x}", "tokens[1].header.kid"},
		{"other kids than in the JWKs", jwkNamed(t, "x") + ", kid: thumbprint", jwkNamed(t, "x"), ""},
		{"one of them not published", key(one) + ", publish: true, kid: x", key(other) + ", kid: x", ""},
		{"a key that egret makes", key(one) + ", publish: true, kid: x", "jwk: {enabled: true, rotation: 0s}, kid: x", "tokens[1].kid"},
		{"two keys that egret makes", "jwk: {enabled: true, rotation: 0s}, kid: x", "jwk: {enabled: true, rotation: 0s}, kid: x", "tokens[1].kid"},
	} {
		t.Run(c.name, func(t *testing.T) {
			yaml := caches + "  - {name: a, cache: a, algorithm: ES256, " + c.a + "}\n  - {name: b, cache: b, algorithm: ES256, " + c.b + "}\n"
			_, err := proxy.Parse("egret.yaml", []byte(yaml), noEnvironment)
			if c.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			want := c.want + ": tokens[0] publishes another key with this kid"
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("got error %v, want %s", err, want)
			}
		})
	}
}

func key(pem string) string { return `key_type: EcPem, key: "` + pem + `"` }

// jwkNamed is a new key that brings a kid along, published.
func jwkNamed(t testing.TB, kid string) string {
	t.Helper()
	private := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	text := must(json.Marshal(jose.JSONWebKey{Key: private, KeyID: kid}))
	return fmt.Sprintf("key_type: Jwk, key: %q, publish: true", text)
}
