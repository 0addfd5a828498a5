package tokens

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"slices"
	"time"
)

// A ringKey is one key of a [Keyring]. It never changes.
type ringKey struct {
	private  crypto.Signer // *rsa.PrivateKey, *ecdsa.PrivateKey or ed25519.PrivateKey
	created  time.Time
	signFrom time.Time     // when it begins to sign
	life     time.Duration // of the longest token that it may have signed
}

// Format writes nothing of the key under any verb.
func (k *ringKey) Format(f fmt.State, _ rune) { fmt.Fprint(f, "{signing key}") }

// generate makes a key pair. Of RSA keys it takes the size in bits.
func generate(a *algorithm, bits int) (*ringKey, error) {
	private, err := generatePair(a, bits)
	if err != nil {
		return nil, err
	}
	return &ringKey{private: private}, nil
}

func generatePair(a *algorithm, bits int) (crypto.Signer, error) {
	switch a.family {
	case familyRSA:
		return rsa.GenerateKey(rand.Reader, bits)
	case familyEC:
		return ecdsa.GenerateKey(curveOf(a), rand.Reader)
	case familyEd25519:
		_, private, err := ed25519.GenerateKey(rand.Reader)
		return private, err
	case familyHMAC, familyAny:
	}
	return nil, fmt.Errorf("%s has no key pairs", a.name())
}

// adopt gives the keys of a file their place on the clocks of this process.
// Those that it has already stay as they are. One that another process has made
// meanwhile is announced here too before it signs.
//
// When the newest key has not been made yet, the wall clock has been set back
// since. All times are moved then, so that it is made now: rotation goes on.
func (p *ringPolicy) adopt(known, read []*ringKey, now time.Time) []*ringKey {
	var ahead time.Duration
	for _, k := range read {
		ahead = max(ahead, k.created.Sub(now.Round(0)))
	}
	place := func(t time.Time) time.Time { return now.Add(t.Sub(now.Round(0)) - ahead) }
	keys := make([]*ringKey, len(read))
	for i, k := range read {
		keys[i] = &ringKey{private: k.private, created: place(k.created), signFrom: place(k.signFrom), life: k.life}
		at := slices.IndexFunc(known, func(old *ringKey) bool { return samePublic(old.private.Public(), k.private.Public()) })
		switch {
		case at >= 0 && known[at].life >= k.life:
			keys[i] = known[at]
		case at >= 0:
			keys[i].created, keys[i].signFrom = known[at].created, known[at].signFrom
		case len(known) > 0:
			keys[i].signFrom = later(keys[i].signFrom, now.Add(p.Announce))
		}
		if i > 0 && keys[i].signFrom.Before(keys[i-1].signFrom) {
			behind := *keys[i]
			behind.signFrom = keys[i-1].signFrom
			keys[i] = &behind
		}
	}
	return keys
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// samePublic reports whether two public keys are the same one.
func samePublic(a, b crypto.PublicKey) bool {
	key, ok := a.(interface{ Equal(x crypto.PublicKey) bool })
	return ok && key.Equal(b)
}
