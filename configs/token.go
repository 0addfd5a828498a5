package configs

import (
	"slices"
	"strings"
)

// A tokenEntry is a token and the node that it was read from.
type tokenEntry struct {
	Token
	node *node
}

// The algorithms and key types. Whether a key fits its algorithm is found out
// where keys are parsed.
var (
	algorithms = []string{
		"HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512",
		"ES256", "ES384", "ES512", "EdDSA",
	}
	keyTypes = []string{
		"Secret", "Base64Secret", "UrlSafeBase64Secret", "RsaPem", "EcPem", "EdPem", "RsaDer", "EcDer", "EdDer",
	}
)

var tokens = section[tokenEntry]{aToken, []field[tokenEntry]{
	{"name", true, func(d *decoder, n *node, t *tokenEntry) { t.Name = d.name(n) }},
	{"cache", true, func(d *decoder, n *node, t *tokenEntry) { t.Cache = d.name(n) }},
	{"algorithm", false, func(d *decoder, n *node, t *tokenEntry) {
		t.Algorithm = d.oneOf(n, "algorithm", algorithms)
	}},
	{"key_type", false, func(d *decoder, n *node, t *tokenEntry) {
		t.KeyType = d.oneOf(n, "key type", keyTypes)
	}},
	{"key", false, func(d *decoder, n *node, t *tokenEntry) { t.Key = d.secret(n) }},
	{"header", false, func(d *decoder, n *node, t *tokenEntry) { t.Header = d.object(n, true) }},
	{"claims", false, func(d *decoder, n *node, t *tokenEntry) { t.Claims = d.object(n, true) }},
	{"value", false, decodeValue},
}}

func decodeTokens(d *decoder, n *node, _ *Config) {
	d.each(n, func(n *node) {
		t := tokenEntry{Token: Token{Path: n.path}, node: n}
		tokens.decode(d, n, &t)
		if n.kind == mapping {
			d.checkMaking(n)
		}
		t.Unset = d.unset[below(n.path, "key")]
		d.tokens = append(d.tokens, t)
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

// checkMaking looks whether an entry says in exactly one way how its credential
// is made.
func (d *decoder) checkMaking(n *node) {
	signing := []string{"algorithm", "key_type", "key"}
	if n.member("value") == nil {
		if !slices.ContainsFunc(signing, func(key string) bool { return tokens.has(d, n, key) }) {
			d.problem(n, "a token needs value, or algorithm, key_type and key", "")
			return
		}
		for _, key := range signing {
			if !tokens.has(d, n, key) {
				d.missing(n, key, "a token without value needs "+key)
			}
		}
		return
	}
	for _, key := range append(signing, "header", "claims") {
		if n.member(key) != nil {
			d.elsewhere(below(n.path, key), "a token with a value is not signed, "+key+" has no meaning", "leave out value, or "+key)
		}
	}
}

// checkTokens looks for the caches that tokens fill. One cache has one token.
func (d *decoder) checkTokens() {
	filled := map[string]string{}
	for _, t := range d.tokens {
		n := t.node.member("cache")
		if t.Cache == "" || !d.knownCache(n) {
			continue
		}
		if first, ok := filled[t.Cache]; ok {
			d.problem(n, "cache "+t.Cache+" is already filled by "+d.sources.show(first, t.Path), "give each token a cache of its own")
			continue
		}
		filled[t.Cache] = t.Path
	}
}
