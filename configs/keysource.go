package configs

import (
	"slices"
	"strings"
)

// A choice is a set of keys of which an entry has exactly one, with keys that
// belong to some of them.
type choice struct {
	what       string // that the keys give
	of         []string
	companions []companion
}

// A companion is a key that has a meaning beside others only.
type companion struct {
	key string
	of  []string
}

// keySource is where a token's key comes from.
var keySource = choice{"the key of the token", []string{"key", "shared_key", "key_store", "jwk"}, []companion{
	{"key_type", []string{"key"}},
	{"key_passphrase", []string{"key", "shared_key"}},
	{"key_alias", []string{"key_store"}},
}}

// checkChoice reports more than one key of a choice, and companions of others.
// Those that are there are in found.
func (d *decoder) checkChoice(n *node, c choice, found []string) {
	if len(found) == 0 {
		return // which the caller reports
	}
	for _, second := range found[1:] {
		d.elsewhere(below(n.path, second), c.what+" is given by "+found[0]+" already", "leave out "+found[0]+", or "+second)
	}
	for _, one := range c.companions {
		if n.member(one.key) == nil || slices.ContainsFunc(one.of, func(key string) bool { return slices.Contains(found, key) }) {
			continue
		}
		d.elsewhere(below(n.path, one.key), one.key+" has no meaning without "+strings.Join(one.of, " or "), "leave it out")
	}
}

// checkKeySource looks whether an entry says in exactly one way what the token
// is signed with.
func (d *decoder) checkKeySource(t *tokenEntry) {
	n := t.node
	var found []string
	for _, key := range keySource.of {
		off := key == "jwk" && n.member(key) != nil && t.JWK == nil && !d.reported(below(n.path, key))
		if tokens.has(d, n, key) && !off {
			found = append(found, key)
		}
	}
	algorithm := tokens.has(d, n, "algorithm")
	if len(found) == 0 && !algorithm && !tokens.has(d, n, "key_type") {
		d.problem(n, "a token needs value, or algorithm and a key", "a key is given by key and key_type, shared_key, key_store, or jwk")
		return
	}
	if !algorithm {
		d.missing(n, "algorithm", "a token without value needs algorithm")
	}
	if len(found) == 0 {
		d.at(n.place, below(n.path, "key"), "a token without value needs a key", "write key and key_type, shared_key, key_store, or jwk")
	}
	if slices.Contains(found, "key") && !tokens.has(d, n, "key_type") {
		d.missing(n, "key_type", "a token with key needs key_type")
	}
	d.checkChoice(n, keySource, found)
	d.checkFamily(t)
}

// symmetric reports whether the algorithm signs with a shared secret.
func (t *Token) symmetric() bool { return strings.HasPrefix(t.Algorithm, "HS") }

// checkFamily holds what an entry says of its key against the algorithm.
func (d *decoder) checkFamily(t *tokenEntry) {
	n := t.node
	if m := n.member("shared_key"); m != nil && t.Algorithm != "" && !t.symmetric() {
		d.problem(m, "shared_key is for HS256, HS384 and HS512, not for "+t.Algorithm, "write key and key_type")
	}
	if !t.symmetric() {
		return
	}
	if m := n.member("key_store"); m != nil {
		d.problem(m, "a key store has pairs of keys, "+t.Algorithm+" needs a secret", "write shared_key, or key and key_type")
	}
	if m := n.member("jwk"); m != nil && t.JWK != nil {
		d.problem(m, "egret makes pairs of keys, "+t.Algorithm+" needs a secret", "write shared_key, or key and key_type")
	}
	if m := n.member("publish"); m != nil && t.Publish {
		d.problem(m, "the key of "+t.Algorithm+" is a secret, which is never published", "leave it out")
	}
	if m := n.member("kid"); m != nil && (t.KeyID == KeyIDThumbprint || t.KeyID == KeyIDSPKI) {
		d.problem(m, "the key of "+t.Algorithm+" is a secret, of which no kid is made", "write a text of your own")
	}
}

// checkKeyID looks whether one place says what the kid is, and whether it is one
// for all keys.
func (d *decoder) checkKeyID(t *tokenEntry) {
	var inHeader *node
	if header := t.node.member("header"); header != nil {
		inHeader = header.member("kid")
	}
	kid := t.node.member("kid")
	if kid != nil && inHeader != nil {
		d.problem(kid, "header has a kid already", "leave out kid, or header.kid")
	}
	fixed := inHeader
	if kid != nil && t.KeyID != "" && t.KeyID != KeyIDThumbprint && t.KeyID != KeyIDSPKI {
		fixed = kid
	}
	if fixed != nil && t.JWK != nil && t.JWK.Rotation > 0 {
		d.problem(fixed, "keys that replace each other cannot all have this kid", "leave it out, or write rotation: 0")
	}
}
