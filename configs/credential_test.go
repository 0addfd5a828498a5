package configs_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/egret-proxy/egret/configs"
)

// A cache that a Function fills with a credential is bound like a token cache, and
// is no token cache: no Token fills it.
func TestCredentialCache(t *testing.T) {
	const text = `
caches:
  - {name: plain, ttl: 1m}
  - {name: token, ttl: 1m, hosts: [api.acme.test]}
  - {name: wide, ttl: 1m, hosts: [api.acme.test], surfaces: [header, query]}
  - {name: signed, ttl: 1m, hosts: [api.acme.test]}
tokens:
  - {name: signed, cache: signed, value: "${env:CANARY}"}
functions:
  - {name: first, url: "https://login.acme.test/", cache: token, credential: /data/access_token}
  - {name: second, url: "https://login.acme.test/", cache: wide, credential: /token, caching: {key: single, per_client: false, warm: true, ttl_from: /expires_in}}
  - {name: third, url: "https://login.acme.test/", cache: plain}
`
	type kept struct {
		Kind               configs.Kind
		Secret, Credential bool
		Surfaces           string
	}
	cfg := good(t, text)
	got := map[string]kept{}
	for _, c := range cfg.Caches {
		got[c.Name] = kept{c.Kind, c.Secret, c.Credential, c.Surfaces.String()}
	}
	want := map[string]kept{
		"plain":  {configs.OutputCache, false, false, "header and query and body and path"},
		"token":  {configs.OutputCache, true, true, "header"},
		"wide":   {configs.OutputCache, true, true, "header and query"},
		"signed": {configs.TokenCache, true, true, "header"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("caches (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"data", "access_token"}, cfg.Functions[0].Credential); diff != "" {
		t.Errorf("credential (-want +got):\n%s", diff)
	}
}

// A value is made anew when what it is bound to changes, as that of a Token is.
func TestCredentialDigest(t *testing.T) {
	const text = "functions: [{name: f, url: \"https://login.acme.test/\", cache: c, credential: /t}]\ncaches:\n"
	one := good(t, text+"  - {name: c, ttl: 1m, hosts: [api.acme.test]}").Functions[0].Digest
	same := good(t, text+"  - {name: c, ttl: 60s, hosts: [api.acme.test], description: the same}").Functions[0].Digest
	other := good(t, text+"  - {name: c, ttl: 2m, hosts: [api.acme.test]}").Functions[0].Digest
	if one != same || one == other {
		t.Errorf("got digests %s, %s and %s, want the first two equal and the third another", one, same, other)
	}
}
