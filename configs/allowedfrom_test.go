package configs_test

import "testing"

// A Function may limit its callers to what its own last answer said: egret, which
// runs it without arguments, is not limited by it.
func TestAllowedFromItself(t *testing.T) {
	cfg := good(t, `
caches: [{name: a, ttl: 60s}]
functions:
  - name: f
    parameters: {properties: {page: {type: integer}}}
    allowed_from: {page: {cache: a, pointer: /next}}
    url: https://a.test
    cache: a
`)
	if got := cfg.Functions[0].AllowedFrom[0].Pointer; len(got) != 1 || got[0] != "next" {
		t.Errorf("the pointer is %q, want next", got)
	}
}
