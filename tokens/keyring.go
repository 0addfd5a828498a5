package tokens

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/egret-proxy/egret/configs"
)

// A RingName tells one [Keyring] from another. Two Tokens with the same name
// sign with the same keys.
type RingName struct {
	TokenID   string // of the Token, as in its paths
	Algorithm string
	Size      int // of RSA keys in bits, 0 for all others
}

// KeyringOptions are where a [Keyring] is kept and who hears of it.
type KeyringOptions struct {
	Dir     string       // of its files, which is made when it is needed; "" keeps the keys in memory
	Log     *slog.Logger // default: none
	Changed func()       // called after the public keys have changed; default: none
}

// A Keyring is the keys that egret makes for one Token: the one in use, those
// before it, whose tokens may still live, and the next one, which is published
// some time before it signs.
//
// A key is in the files before it is in use, so that it survives a restart. Of
// several processes with the same files one makes the next key, and the others
// take it over.
type Keyring struct {
	name      RingName
	algorithm *algorithm
	store     ringStore
	log       *slog.Logger
	changed   func()
	keys      atomic.Pointer[[]*ringKey] // oldest first, never changed; nil before they were read
	policy    atomic.Pointer[ringPolicy]
	told      atomic.Int64 // how long verifiers keep what they are told, as the files have it, in nanoseconds

	now     func() time.Time
	turn    chan struct{} // in it while the files are read or written, which guards the rest
	version int           // of the files that keys was read from, or written to
	settled time.Time     // when verifiers have forgotten what they were told to keep for longer
}

// A ringPolicy is how long the keys of a ring are used. The zero value is that
// of a ring that no Token uses.
type ringPolicy struct {
	configs.JWK
	life time.Duration // of the longest token that is signed
}

// leeway is how long a key is published after its last token has expired: for
// verifiers whose clocks are slow, or that tolerate it.
const leeway = time.Minute

// NewKeyring gives a ring whose files have not been read yet.
func NewKeyring(name RingName, o KeyringOptions) (*Keyring, error) {
	a, err := findAlgorithm(name.Algorithm)
	if err != nil || a.family == familyHMAC {
		return nil, fmt.Errorf("cannot make keys for algorithm=%q: it has no key pairs", name.Algorithm)
	}
	r := &Keyring{
		name: name, algorithm: a, store: ringStore{o.Dir, name}, turn: make(chan struct{}, 1),
		log: cmp.Or(o.Log, slog.New(slog.DiscardHandler)), changed: o.Changed, now: time.Now,
	}
	if r.changed == nil {
		r.changed = func() {}
	}
	r.policy.Store(&ringPolicy{})
	return r, nil
}

// Name is what tells the ring from others.
func (r *Keyring) Name() RingName { return r.name }

// Format writes the name alone under every verb: a ring holds keys.
func (r *Keyring) Format(f fmt.State, _ rune) {
	fmt.Fprintf(f, "{keys of %s for %s}", r.name.TokenID, r.name.Algorithm)
}

// Due is how long Maintain has nothing to do, zero or less when it has. It is
// never when nothing is going to happen.
func (r *Keyring) Due(now time.Time) time.Duration {
	keys := r.list()
	policy := r.policy.Load()
	if len(keys) == 0 || policy.grown(keys, now) || policy.hold() != time.Duration(r.told.Load()) {
		return 0
	}
	return min(policy.makeIn(keys, now), policy.dropIn(keys, now))
}

// never is a wait that does not end.
const never = time.Duration(1<<63 - 1)

// ready waits for the first key, and makes it if nobody else does.
func (r *Keyring) ready(ctx context.Context) error {
	if len(r.list()) > 0 {
		return nil
	}
	return r.Maintain(ctx)
}

func (r *Keyring) list() []*ringKey {
	if keys := r.keys.Load(); keys != nil {
		return *keys
	}
	return nil
}
