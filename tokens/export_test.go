package tokens

import (
	"context"
	"time"

	"github.com/egret-proxy/egret/configs"
)

// Sign signs a header and a payload as they are, the way a Token signs its own:
// the vectors of the RFCs have white space in theirs.
func Sign(algorithm, keyType string, key configs.Secret, header, payload string) (string, error) {
	s, errs := newSigner(configs.Token{Algorithm: algorithm, KeyType: keyType, Key: key}, time.Minute, nil)
	if len(errs) > 0 {
		return "", errs
	}
	signing := *s.key
	signing.encoded = segment([]byte(header)) + "."
	return s.sign(&signing, []byte(payload))
}

// Looks gives a function that looks at the clock as the schedule does when it
// wakes.
func (r *Refresher) Looks() func(now time.Time) {
	c := newClock(time.Now())
	return func(now time.Time) {
		r.look(c, now)
		r.poke()
	}
}

// Refresh makes the value of a source as a worker does when it is due.
func (r *Refresher) Refresh(ctx context.Context, id configs.ID, key string) {
	r.mu.Lock()
	p := r.plans[planKey{id, key}]
	p.due = r.now()
	r.lanes[p.lane].queue.remove(p)
	t := &task{plan: p, began: p.due}
	r.enterLocked(t)
	r.mu.Unlock()
	r.refresh(ctx, t.plan)
	r.finish(t, false)
}

// VerifySignature gives the payload of a token without a look at its claims.
func VerifySignature(set []byte, compact string) ([]byte, error) {
	return verifySignature(set, compact)
}

// Derivations counts the keys that stores have made of passphrases while do ran.
func Derivations(s *Stores, do func()) int {
	before := len(s.derived.keys)
	do()
	return len(s.derived.keys) - before
}

// Hold takes the turn of a ring, until release is called.
func (r *Keyring) Hold() (release func()) {
	r.turn <- struct{}{}
	return r.leave
}

// SetClock gives a ring another clock.
func (r *Keyring) SetClock(now func() time.Time) { r.now = now }

// DecodeRing reads the text of a ring's file, and gives how it is written.
func DecodeRing(name RingName, text []byte, now time.Time) ([]byte, error) {
	doc, err := decodeRing(name, text)
	if err != nil {
		return nil, err
	}
	return doc.encode(name, now)
}

// JWK is the key as it is published.
func (k PublicKey) JWK() []byte { return k.text }
