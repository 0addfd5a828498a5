package proxy

import (
	"context"
	"log/slog"
	"path/filepath"
	goruntime "runtime"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/egret-proxy/egret/tokens"
)

// keysDir is where the keys are that egret makes, in the state directory.
const keysDir = "keys"

// keyrings are the keys that egret makes, of all Tokens of live runtimes. All
// rings share one schedule.
type keyrings struct {
	dir     string
	log     *slog.Logger
	changed func()
	wake    chan struct{} // there may be something to do

	mu    sync.Mutex
	rings map[tokens.RingName]*keptRing
}

// A keptRing is a ring, and how it went the last time. Only Run uses that.
type keptRing struct {
	*tokens.Keyring
	failures int       // in a row
	retry    time.Time // after a failure
}

// newKeyrings makes those in a state directory; changed is called when any of
// their public keys have.
func newKeyrings(state string, log *slog.Logger, changed func()) *keyrings {
	k := &keyrings{log: log, changed: changed, wake: make(chan struct{}, 1), rings: map[tokens.RingName]*keptRing{}}
	if state != "" {
		k.dir = filepath.Join(state, keysDir)
	}
	return k
}

// bind gives Tokens whose keys egret makes their rings. What the files hold is
// known then, and no key is made yet. A file that cannot be used is told by Run.
func (k *keyrings) bind(ctx context.Context, list []madeToken) ([]madeToken, []*keptRing, error) {
	bound, rings := make([]madeToken, len(list)), make([]*keptRing, len(list))
	for i, m := range list {
		bound[i] = m
		name, ok := m.token.Ring()
		if !ok {
			continue
		}
		ring, err := k.ring(name)
		if err != nil {
			return nil, nil, err
		}
		rings[i] = ring
	}
	onAllProcessors(len(list), func(i int) {
		if rings[i] != nil {
			_ = rings[i].Load(ctx) // Maintain has the same error
			bound[i].token = list[i].token.With(rings[i].Keyring)
		}
	})
	used := rings[:0]
	for _, ring := range rings {
		if ring != nil {
			used = append(used, ring)
		}
	}
	return bound, used, nil
}

// ring gives the ring of a name, which may be new.
func (k *keyrings) ring(name tokens.RingName) (*keptRing, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if known := k.rings[name]; known != nil {
		return known, nil
	}
	ring, err := tokens.NewKeyring(name, tokens.KeyringOptions{Dir: k.dir, Log: k.log, Changed: k.changed})
	if err != nil {
		return nil, err
	}
	k.rings[name] = &keptRing{Keyring: ring}
	return k.rings[name], nil
}

// follow keeps the rings of live runtimes, and no others.
func (k *keyrings) follow(live []*runtime) {
	rings := map[tokens.RingName]*keptRing{}
	for _, rt := range live {
		for _, ring := range rt.rings {
			rings[ring.Name()] = ring
		}
	}
	k.mu.Lock()
	k.rings = rings
	k.mu.Unlock()
	select {
	case k.wake <- struct{}{}:
	default:
	}
}

// The bounds of the waits between two looks, and between failed attempts. Timers
// stand still while the machine sleeps.
const (
	keysIdle       = 30 * time.Second
	firstKeysRetry = time.Second
	lastKeysRetry  = 5 * time.Minute
)

// Run makes and drops keys when it is time, until ctx ends.
func (k *keyrings) Run(ctx context.Context) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
		case <-k.wake:
		}
		k.maintain(ctx)
		timer.Reset(min(max(k.due(time.Now()), 0), keysIdle))
	}
}

// maintain does all that is due now.
func (k *keyrings) maintain(ctx context.Context) {
	now := time.Now()
	var group errgroup.Group
	group.SetLimit(goruntime.GOMAXPROCS(0))
	for _, ring := range k.list() {
		if ring.wait(now) <= 0 && ctx.Err() == nil {
			group.Go(func() error {
				k.attempt(ctx, ring)
				return nil
			})
		}
	}
	_ = group.Wait() // there are no errors
}

// due is how long there is nothing to do.
func (k *keyrings) due(now time.Time) time.Duration {
	wait := keysIdle
	for _, ring := range k.list() {
		wait = min(wait, ring.wait(now))
	}
	return wait
}

func (k *keyrings) list() []*keptRing {
	k.mu.Lock()
	defer k.mu.Unlock()
	list := make([]*keptRing, 0, len(k.rings))
	for _, ring := range k.rings {
		list = append(list, ring)
	}
	return list
}

// wait is how long there is nothing to do for one ring.
func (r *keptRing) wait(now time.Time) time.Duration {
	return max(r.Due(now), r.retry.Sub(now))
}

// attempt does what is due for one ring. An error is told when it is new; the
// Token's own attempts tell it too, as long as there is no key.
func (k *keyrings) attempt(ctx context.Context, ring *keptRing) {
	err := ring.Maintain(ctx)
	switch {
	case ctx.Err() != nil:
	case err != nil:
		wait := min(firstKeysRetry<<min(ring.failures, 16), lastKeysRetry)
		ring.failures++
		ring.retry = time.Now().Add(wait)
		k.log.Error("cannot maintain signing keys", "token_id", ring.Name().TokenID, "failures", ring.failures, "next_in", wait, "error", err.Error())
	case ring.failures > 0:
		k.log.Info("signing keys are maintained again", "token_id", ring.Name().TokenID, "failures", ring.failures)
		ring.failures, ring.retry = 0, time.Time{}
	}
}
