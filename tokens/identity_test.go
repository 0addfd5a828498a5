package tokens_test

import (
	"strings"
	"testing"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/tokens"
)

// A value says which key and which token it is, where that is text.
func TestIdentity(t *testing.T) {
	long := strings.Repeat("x", 257)
	for _, c := range []struct {
		name, header, claims, kid, jti string
	}{
		{"none", ``, ``, "", ""},
		{"both", `{"typ":"JWT","kid":"2026-11"}`, `{"sub":"a","jti":"t-\u0031"}`, "2026-11", "t-1"},
		{"no text", ``, `{"jti":7}`, "", ""},
		{"not at the top", ``, `{"a":{"jti":"t-1"}}`, "", ""},
		{"too long", `{"kid":"` + long + `"}`, `{"jti":"` + long[1:] + `"}`, "", long[1:]},
	} {
		t.Run(c.name, func(t *testing.T) {
			made, err := newToken(t, hs256(c.header, c.claims), ttl).Make(t.Context(), noon)
			if err != nil {
				t.Fatal(err)
			}
			if e := made.Entry(); e.KeyID != c.kid || e.TokenID != c.jti {
				t.Errorf("got kid %q and jti %q, want %q and %q", e.KeyID, e.TokenID, c.kid, c.jti)
			}
		})
	}
	made, err := newToken(t, configs.Token{Name: "static", Value: configs.NewSecret("a-static-value")}, ttl).Make(t.Context(), noon)
	if e := (tokens.Made{KeyID: made.KeyID, TokenID: made.TokenID}); err != nil || e.KeyID != "" || e.TokenID != "" {
		t.Errorf("got %q and %q of a static credential (error: %v), want nothing", e.KeyID, e.TokenID, err)
	}
}
