package configs

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// A tokenEntry is a token, the node that it was read from, and what is resolved
// once all of it is read.
type tokenEntry struct {
	Token
	node  *node
	spans spans
}

// The algorithms and key types. Whether a key fits its algorithm is found out
// where keys are parsed.
var (
	algorithms = []string{
		"HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512",
		"ES256", "ES384", "ES512", "EdDSA",
	}
	keyTypes = []string{
		"Secret", "Base64Secret", "UrlSafeBase64Secret", "RsaPem", "EcPem", "EdPem", "RsaDer", "EcDer", "EdDer", "Jwk",
	}
)

var tokens = section[tokenEntry]{aToken, []field[tokenEntry]{
	{"name", true, func(d *decoder, n *node, t *tokenEntry) { t.Name = d.name(n) }},
	{"id", false, func(d *decoder, n *node, t *tokenEntry) { t.ID = d.tokenID(n) }},
	{"cache", true, func(d *decoder, n *node, t *tokenEntry) { t.Cache = d.name(n) }},
	{"value", false, decodeValue},
	{"algorithm", false, func(d *decoder, n *node, t *tokenEntry) {
		t.Algorithm = d.oneOf(n, "algorithm", algorithms)
	}},
	{"key_type", false, func(d *decoder, n *node, t *tokenEntry) {
		t.KeyType = d.oneOf(n, "key type", keyTypes)
	}},
	{"key", false, func(d *decoder, n *node, t *tokenEntry) { t.Key = d.secret(n) }},
	{"key_passphrase", false, func(d *decoder, n *node, t *tokenEntry) { t.KeyPassphrase = d.secret(n) }},
	{"shared_key", false, func(d *decoder, n *node, t *tokenEntry) { t.SharedKey = d.secret(n) }},
	{"key_store", false, func(d *decoder, n *node, t *tokenEntry) { t.KeyStore = d.name(n) }},
	{"key_alias", false, func(d *decoder, n *node, t *tokenEntry) { t.KeyAlias, _ = d.filled(n) }},
	{"jwk", false, decodeJWK},
	{"publish", false, func(d *decoder, n *node, t *tokenEntry) { t.Publish = d.flag(n) }},
	{"kid", false, func(d *decoder, n *node, t *tokenEntry) { t.KeyID = d.jwtText(n) }},
	{"header", false, func(d *decoder, n *node, t *tokenEntry) { t.Header = d.object(n, true) }},
	{"claims", false, func(d *decoder, n *node, t *tokenEntry) { t.Claims = d.object(n, true) }},
	{"issuer", false, decodeIssuer},
	{"audiences", false, func(d *decoder, n *node, t *tokenEntry) {
		d.some(n, func(n *node) { t.Audience = append(t.Audience, d.jwtText(n)) })
	}},
	{"scope", false, func(d *decoder, n *node, t *tokenEntry) { t.Scope = d.jwtText(n) }},
	{"subject_claims", false, func(d *decoder, n *node, _ *tokenEntry) { d.some(n, d.attributeName) }},
	{"jti", false, decodeJTI},
	{"expires_in", false, func(d *decoder, n *node, t *tokenEntry) { t.spans.expiresIn, _ = d.unlessMinusOne(n, minTTL) }},
	{"expiry", false, func(d *decoder, n *node, t *tokenEntry) { t.spans.expiry = d.expiry(n) }},
	{"nbf_offset", false, func(d *decoder, n *node, t *tokenEntry) {
		t.spans.notBefore, t.spans.hasNotBefore = d.unlessMinusOne(n, 0)
	}},
	{"time", false, func(d *decoder, n *node, t *tokenEntry) { claimTimes.decode(d, n, &t.Times) }},
	{"min_age", false, func(d *decoder, n *node, t *tokenEntry) { t.MinAge = d.seconds(n, minAge) }},
	{"sign", false, func(d *decoder, n *node, t *tokenEntry) {
		t.OnUse = d.oneOf(n, "moment to sign", []string{"ahead", "on_use"}) == "on_use"
	}},
	{"encrypt", false, decodeEncrypt},
}}

func decodeTokens(d *decoder, n *node, _ *Config) {
	d.each(n, func(n *node) {
		t := tokenEntry{Token: Token{Path: n.path}, node: n}
		tokens.decode(d, n, &t)
		if n.kind == mapping {
			d.completeToken(&t)
		}
		d.tokens = append(d.tokens, t)
	})
}

// completeToken looks at what the keys of one entry say about each other, and
// fills in what follows from them.
func (d *decoder) completeToken(t *tokenEntry) {
	t.Unset = d.keyUnset(t.node)
	if t.node.member("value") != nil {
		d.checkStatic(t.node)
		return
	}
	if t.ID == "" && t.node.member("id") == nil {
		t.ID = t.Name
	}
	d.checkKeySource(t)
	d.completeJWK(t)
	d.checkKeyID(t)
	d.completeTimes(t)
	d.checkOnUse(t)
}

// keyUnset reports whether a text is missing without which there is no key.
func (d *decoder) keyUnset(n *node) bool {
	return d.unset[n.path] && slices.ContainsFunc([]string{"key", "key_passphrase", "shared_key", "key_alias", "encrypt"}, func(key string) bool {
		return d.unset[below(n.path, key)]
	})
}

// secret reads a text that must not be empty and is never shown.
func (d *decoder) secret(n *node) Secret {
	s, ok := d.filled(n)
	if !ok {
		return Secret{}
	}
	d.warnReadable(n)
	return NewSecret(s)
}

// filled reads a text that must not be empty. It is false for one that cannot be
// read, or that may be missing.
func (d *decoder) filled(n *node) (string, bool) {
	x, ok := d.setting(n)
	if !ok || x.unset {
		return "", false
	}
	s := x.text()
	if s == "" {
		d.problem(n, "the text is empty", "")
	}
	return s, true
}

// decodeValue reads a static credential. It stands in a header as it is, so it
// can have none of the characters that end one (RFC 9110 section 5.5).
func decodeValue(d *decoder, n *node, t *tokenEntry) {
	t.Value = d.secret(n)
	if d.unset[n.path] {
		t.Value = NewSecret(standIn(false))
	}
	if strings.ContainsFunc(t.Value.Reveal(), func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) {
		d.problem(n, "the text has a line break or another control character", "")
	}
}

// checkStatic refuses what says something about signing beside a value.
func (d *decoder) checkStatic(n *node) {
	for _, m := range n.members {
		if slices.Contains(tokens.keys(), m.key) && !slices.Contains([]string{"name", "cache", "value"}, m.key) {
			d.elsewhere(below(n.path, m.key), "a token with a value is not signed, "+m.key+" has no meaning", "leave out value, or "+m.key)
		}
	}
}

// jwtText reads a text that becomes a part of a JWT, and is not empty.
func (d *decoder) jwtText(n *node) string {
	s, ok := d.filled(n)
	if !ok || !utf8.ValidString(s) {
		if ok {
			d.problem(n, "the text is not UTF-8, which JSON needs", "")
		}
		return ""
	}
	return s
}

// decodeIssuer reads a text that may be empty, which means no issuer at all.
func decodeIssuer(d *decoder, n *node, t *tokenEntry) {
	if n.kind == text && n.text == "" {
		return
	}
	t.Issuer = d.jwtText(n)
}
