package configs

import (
	"slices"
	"strings"
)

// secretNames are the keys whose values no message ever shows, wherever they
// stand.
var secretNames = []string{"key", "value", "shared_key", "key_passphrase", "password", "key_password", "client_key"}

// namesSecret reports whether a key is one of secretNames in any letter case,
// or is likely to be meant as one. A JWK Set should be public, but people write
// those with their private keys; what is nearly jwks is jwk, and shown.
func namesSecret(key string) bool {
	return nearest(key, secretNames) != "" || strings.EqualFold(key, "jwks")
}

// A scope is a place of the file, as far as it says which values messages may
// show. The zero value is a place where all may be shown but those of
// secretNames.
type scope struct {
	top bool // the mapping is the file
	// keys are those of an entry that holds credentials. A credential under a
	// mistyped key is still one, so only what is under these may be shown.
	keys []string
	bare bool     // what stands in place of the entry may be shown
	tls  []string // the keys of what stands under tls: a certificate and its key may be among them
}

// scopeOf gives the scope of what is under a key of the file.
func scopeOf(key string) scope {
	switch nearest(key, document.keys()) {
	case "tokens":
		return scope{keys: tokens.keys()}
	case "key_stores", "trust_stores":
		return scope{keys: keyStore.keys()}
	case "clients":
		return scope{keys: client.keys()}
	case "listen":
		return scope{tls: certificate.keys()}
	case "upstreams":
		return scope{tls: upstreamTLS.keys()}
	case "admin":
		return scope{keys: admin.keys(), bare: true, tls: certificate.keys()} // an address
	}
	return scope{}
}

// entry reports whether the mapping holds credentials.
func (s scope) entry() bool { return s.keys != nil }

// hides reports whether what is under a key may not be shown.
func (s scope) hides(key string) bool {
	return namesSecret(key) || s.entry() && !s.has(key)
}

// has finds a key of the entry, in any letter case.
func (s scope) has(key string) bool {
	return slices.ContainsFunc(s.keys, func(k string) bool { return strings.EqualFold(k, key) })
}

// below gives the scope of what is under a key that is not hidden.
func (s scope) below(key string) scope {
	switch {
	case s.top:
		return scopeOf(key)
	case s.tls != nil && strings.EqualFold(key, "tls"):
		return scope{keys: s.tls}
	}
	return scope{}
}
