package tokens

import (
	"bytes"
	"crypto"
	"time"

	"github.com/egret-proxy/egret/configs"
)

// A PublicKey is the public half of a key, as verifiers are told it.
type PublicKey struct {
	KeyID     string // "kid"
	Algorithm string // "alg"
	public    crypto.PublicKey
	text      []byte // the JWK, RFC 7517 section 4
}

func newPublicKey(a *algorithm, key *signingKey) PublicKey {
	k := PublicKey{KeyID: key.id, Algorithm: a.name(), public: key.public}
	k.text = k.encode(k.Algorithm)
	return k
}

// encode gives the JWK with an "alg", or without one for "".
func (k PublicKey) encode(alg string) []byte {
	text, err := publicJWK(alg, k.public, k.KeyID).MarshalJSON()
	if err != nil {
		return nil // only of a key that is none
	}
	return text
}

// Equal reports whether both are the same key, whatever they are called.
func (k PublicKey) Equal(other PublicKey) bool { return samePublic(k.public, other.public) }

// JWKSet gives the JWK Set of keys, RFC 7517 section 5. A key that stands in
// keys twice under one name stands in the set once, without "alg" where there is
// more than one.
func JWKSet(keys []PublicKey) []byte {
	places, set := make(map[string][]int, len(keys)), make([]PublicKey, 0, len(keys))
	for _, k := range keys {
		if !listed(set, places[k.KeyID], k) {
			places[k.KeyID] = append(places[k.KeyID], len(set))
			set = append(set, k)
		}
	}
	var b bytes.Buffer
	b.WriteString(`{"keys":[`)
	for i, k := range set {
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(k.text)
	}
	b.WriteString(`]}`)
	return b.Bytes()
}

// listed reports whether one of set, at one of some places, is k, and lets it
// stand for k too.
func listed(set []PublicKey, places []int, k PublicKey) bool {
	for _, at := range places {
		if !set[at].Equal(k) {
			continue
		}
		if set[at].Algorithm != k.Algorithm {
			set[at].text = set[at].encode("")
		}
		return true
	}
	return false
}

// PublicKeys gives the keys that verify what the Token signs and has signed, if
// it publishes any: before their first use, in use, and as long as something
// lives that they have signed. The first one is the oldest.
func (t *Token) PublicKeys() []PublicKey {
	if t.signer == nil {
		return nil
	}
	s := t.signer()
	if s.ring == nil {
		return s.public
	}
	view, err := s.look()
	if err != nil {
		return nil // Make has the same error
	}
	return view.public
}

// Hold is how long a verifier may keep the public keys that it was told: 0 as
// long as there are none, and never more than five minutes.
func (t *Token) Hold() time.Duration {
	if t.signer == nil {
		return 0
	}
	switch s := t.signer(); {
	case s.ring != nil && len(s.ring.list()) > 0:
		return min(s.ring.policy.Load().hold(), time.Duration(s.ring.told.Load()))
	case len(s.public) > 0:
		return mostHold
	default:
		return 0
	}
}

// Outlives is how long the public keys of the Token are needed after it has
// signed for the last time.
func (t *Token) Outlives() time.Duration {
	if t.signer == nil {
		return 0
	}
	return t.signer().longest() + leeway
}

// Holds reports whether the Token signs with the private half of a key,
// whether it publishes the public one or not.
func (t *Token) Holds(key PublicKey) bool {
	if t.signer == nil {
		return false
	}
	s := t.signer()
	if s.key != nil {
		return samePublic(s.key.public, key.public)
	}
	for _, k := range t.PublicKeys() {
		if k.Equal(key) {
			return true
		}
	}
	return false
}

// KeyID is the "kid" of what the Token signs, when it is known before a key is
// made: that of its key, or the one that the entry has. Else it is "".
func (t *Token) KeyID() string {
	if t.signer == nil {
		return ""
	}
	s := t.signer()
	switch {
	case s.key != nil:
		return s.key.id
	case s.keyID == configs.KeyIDThumbprint || s.keyID == configs.KeyIDSPKI:
		return ""
	default:
		return s.keyIDOf(nil)
	}
}
