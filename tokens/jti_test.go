package tokens_test

import (
	"encoding/base64"
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/egret-proxy/egret/configs"
)

// TestTokenID has the forms of jti, which records tell as the token says it.
func TestTokenID(t *testing.T) {
	const uuid = `[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}`
	for format, pattern := range map[string]string{
		"{uuid}":               uuid,
		"{hex}":                `[0-9a-f]{32}`,
		"{base64url}":          `[A-Za-z0-9_-]{22}`,
		"SK1-{iat}-{hex}":      `SK1-` + at(0) + `-[0-9a-f]{32}`,
		"{iat}{uuid}{uuid}":    at(0) + uuid + uuid,
		`"\` + "ü\x01 {hex} {": `"\\ü` + "\x01" + ` [0-9a-f]{32} \{`,
	} {
		token := newToken(t, with(func(c *configs.Token) { c.TokenID, c.Claims = format, []byte(`{"a":1}`) }), ttl)
		m, err := token.Make(t.Context(), noon)
		if err != nil {
			t.Fatal(err)
		}
		if !regexp.MustCompile(`^(` + pattern + `)$`).MatchString(m.TokenID) {
			t.Errorf("jti %q became %q, want %s", format, m.TokenID, pattern)
		}
		var claims struct{ Jti string }
		if err := json.Unmarshal(must(base64.RawURLEncoding.DecodeString(strings.Split(m.Value.Reveal(), ".")[1])), &claims); err != nil || claims.Jti != m.TokenID {
			t.Errorf("jti %q: the token says %q (%v), the record %q", format, claims.Jti, err, m.TokenID)
		}
	}
	long := newToken(t, with(func(c *configs.Token) { c.TokenID = strings.Repeat("x", 240) + "{hex}" }), ttl)
	if m, err := long.Make(t.Context(), noon); err != nil || m.TokenID != "" {
		t.Errorf("a jti of 272 bytes is told as %q (%v), want nothing", m.TokenID, err)
	}
}

// TestTokenIDsDiffer makes tokens of one second in several goroutines.
func TestTokenIDsDiffer(t *testing.T) {
	const makers, each = 8, 500
	token := newToken(t, with(func(c *configs.Token) { c.TokenID, c.OnUse = "{base64url}", true }), ttl)
	made := make(chan string, makers*each)
	for range makers {
		go func() {
			for range each {
				m, _ := token.Make(t.Context(), noon)
				made <- m.TokenID
			}
		}()
	}
	seen := map[string]bool{}
	for range makers * each {
		id := <-made
		if id == "" || seen[id] {
			t.Fatalf("jti %q was there before, or none could be made", id)
		}
		seen[id] = true
	}
}
