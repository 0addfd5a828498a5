package tokens

import (
	"cmp"
	"context"
	"sync/atomic"
	"time"
)

// A ringUse is a ring, and how the signer that uses it sees its keys.
type ringUse struct {
	*Keyring
	view atomic.Pointer[ringView]
}

// A ringView is how a signer sees the keys of its ring: with what it has derived
// from each of them.
type ringView struct {
	list   *[]*ringKey // that of the ring; another one needs another view
	keys   []*signingKey
	public []PublicKey
}

// ringName gives the name of the ring that a Token signs with; ok is false when
// egret does not make its keys.
func (s *signer) ringName() (name RingName, ok bool) {
	if s.made == nil || s.algorithm == nil || s.algorithm.family == familyHMAC {
		return RingName{}, false
	}
	name = RingName{TokenID: s.id, Algorithm: s.algorithm.name()}
	if s.algorithm.family == familyRSA {
		name.Size = cmp.Or(s.made.Size, leastRSA)
	}
	return name, true
}

// with gives a signer that signs with the keys of a ring, and lets the ring know
// how long they are used.
func (s *signer) with(ring *Keyring) *signer {
	bound := *s
	bound.ring = &ringUse{Keyring: ring}
	ring.policy.Store(&ringPolicy{JWK: *s.made, life: s.longest()})
	return &bound
}

// longest is how long the longest token lives: as it says itself, or as long as
// it is sent.
func (s *signer) longest() time.Duration {
	return cmp.Or(s.claims.times.expires, s.claims.times.ttl)
}

// keyAt gives the key that signs at now.
func (s *signer) keyAt(now time.Time) (*signingKey, error) {
	if s.ring == nil {
		if s.key == nil {
			return nil, errNoKey
		}
		return s.key, nil
	}
	view, err := s.look()
	if err != nil {
		return nil, err
	}
	if len(view.keys) == 0 {
		return nil, errNoKey
	}
	return view.keys[inUse(*view.list, now)], nil
}

// look gives the view of the keys that the ring has now.
func (s *signer) look() (*ringView, error) {
	list, old := s.ring.keys.Load(), s.ring.view.Load()
	if list == nil {
		return &ringView{}, nil
	}
	if old != nil && old.list == list {
		return old, nil
	}
	view := &ringView{list: list}
	for _, k := range *list {
		key, err := s.prepare(k.private)
		if err != nil {
			return nil, err
		}
		view.keys, view.public = append(view.keys, key), append(view.public, newPublicKey(s.algorithm, key))
	}
	s.ring.view.Store(view)
	return view, nil
}

// Ring gives the name of the [Keyring] that the Token has to be given; ok is
// false when egret does not make its keys.
func (t *Token) Ring() (name RingName, ok bool) {
	if t.signer == nil {
		return RingName{}, false
	}
	return t.signer().ringName()
}

// With gives a Token that signs with the keys of ring, which is the one of its
// name. How long they are used is a matter of the Token that was given the ring
// last.
func (t *Token) With(ring *Keyring) *Token {
	bound := *t
	bound.use(t.signer().with(ring))
	return &bound
}

// use makes the Token one of s.
func (t *Token) use(s *signer) {
	t.make, t.show, t.signer = s.make, s.show, func() *signer { return s }
}

// ready waits until there is a key. Mostly there is.
func (t *Token) ready(ctx context.Context) error {
	if t.signer == nil {
		return nil
	}
	if ring := t.signer().ring; ring != nil {
		return ring.ready(ctx)
	}
	return nil
}
