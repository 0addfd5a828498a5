package proxy

import (
	"errors"
	"testing"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/functions"
)

// A Token that loaded can be made, so nothing outside leads to a value that
// cannot be had. Here its source is taken away.
func TestTokenUnavailable(t *testing.T) {
	cfg, err := Parse("egret.yaml", []byte(`
caches: [{name: key, ttl: 1m, hosts: [api.acme.test]}]
tokens: [{name: key, cache: key, value: some-static-key}]
functions:
  - name: use
    parameters: {type: object, properties: {key: {type: string}}}
    url: https://api.acme.test/
    headers: {X-Api-Key: </key>}
`), configs.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	s, err := New(cfg, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	s.refresher.Set(nil)
	_, err = s.Call(t.Context(), functions.Call{Function: "use", Arguments: []byte(`{"key":"` + cfg.Caches[0].ID.String() + `"}`)})
	var refusal *functions.Refusal
	if !errors.As(err, &refusal) || refusal.Code != functions.TokenUnavailable || statusOf(refusal, call) != 503 {
		t.Errorf("got error %v, want token_unavailable", err)
	}
}
