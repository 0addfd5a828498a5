//go:build !race

package tokens_test

import (
	"testing"

	"github.com/egret-proxy/egret/configs"
)

// TestSignatureAllocations: beside those of the signature there is one for the
// text, one for golang-jwt's copy of it, one for jti, and one for the Secret. The
// race detector allocates too.
func TestSignatureAllocations(t *testing.T) {
	p := pairings()[0]
	token := newToken(t, with(func(c *configs.Token) { c.TokenID, c.Claims = "{uuid}", []byte(benchClaims) }), ttl)
	text, _ := split(t, makeValue(t, token, noon))
	alone := testing.AllocsPerRun(100, func() { signAlone(&p, []byte(text)) })
	if got := testing.AllocsPerRun(100, func() { must(token.Make(t.Context(), noon)) }) - alone; got > 4 {
		t.Errorf("%v allocations beside the %v of the signature, want 4", got, alone)
	}
}
