package proxy

import (
	"errors"
	"testing"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/functions"
)

// A refusal to send a value without TLS names the cache that forbids it, whether
// anybody notes what becomes of the call or not.
func TestCleartextNamesTheCache(t *testing.T) {
	cfg, problems := configs.Parse("egret.yaml", []byte(`
caches:
  - {name: open, id: 11111111-2222-4333-8444-555555555555, ttl: 1m, hosts: ["192.0.2.1:*"], cleartext: true}
  - {name: key, id: 22222222-2222-4333-8444-555555555555, ttl: 1m, hosts: ["192.0.2.1:*"]}
tokens: [{name: open, cache: open, value: open-static-key}, {name: key, cache: key, value: other-static-key}]
functions:
  - name: send
    parameters: {properties: {open: {}, key: {}}}
    url: http://192.0.2.1/
    headers: {X-Open: </open>, X-Key: </key>}
`), configs.ReadOptions{})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	rt := newServer(t, cfg).current.Load()
	for name, trace := range map[string]*functions.Trace{"noted": {}, "not noted": nil} {
		_, err := rt.functions.Call(t.Context(), functions.Call{
			Function: "send", Trace: trace,
			Arguments: []byte(`{"open":"11111111-2222-4333-8444-555555555555","key":"22222222-2222-4333-8444-555555555555"}`),
		})
		refusal, _ := errors.AsType[*functions.Refusal](err)
		if refusal == nil || refusal.Code != functions.CleartextDenied || refusal.Rule != "caches[1].cleartext" {
			t.Errorf("%s: %+v, want %s by caches[1].cleartext", name, err, functions.CleartextDenied)
		}
	}
}
