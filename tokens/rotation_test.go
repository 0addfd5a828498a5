package tokens_test

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/tokens"
)

// everySecond is a ring that has a new key each second.
var everySecond = configs.JWK{Rotation: time.Second, Announce: 500 * time.Millisecond, Keep: 2}

// A liveRing is a Token whose ring is kept, replaced and given other clocks while
// it signs and is asked for its keys.
type liveRing struct {
	dir   string
	token atomic.Pointer[tokens.Token]
	ring  atomic.Pointer[tokens.Keyring]
	base  time.Time    // has both clocks; that of a bubble has one
	start time.Time    // the same moment in the bubble
	step  atomic.Int64 // of the wall clock
	fail  func(error)
}

func (l *liveRing) now() time.Time {
	return stepped(l.base.Add(time.Since(l.start)), time.Duration(l.step.Load()))
}

// restart begins anew with what is in the files, with a clock that nobody has
// set.
func (l *liveRing) restart(cfg configs.Token, ttl time.Duration) {
	token, err := tokens.New(cfg, ttl)
	if err != nil {
		l.fail(err)
		return
	}
	name, _ := token.Ring()
	ring := must(tokens.NewKeyring(name, tokens.KeyringOptions{Dir: l.dir}))
	ring.SetClock(l.now)
	if err := ring.Load(context.Background()); err != nil {
		l.fail(err)
	}
	l.token.Store(token.With(ring))
	l.ring.Store(ring)
}

// keep does what is due until the end.
func (l *liveRing) keep(end time.Time) {
	for time.Now().Before(end) {
		ring := l.ring.Load()
		// Ended by a restart, it may write once more: a process that dies slowly.
		if err := ring.Maintain(context.Background()); err != nil {
			l.fail(err)
		}
		pass(min(max(ring.Due(l.now()), time.Millisecond), 100*time.Millisecond))
	}
}

// A verifier keeps the keys as long as it was told.
type verifier struct {
	ring *liveRing
	set  []byte
	end  time.Time
}

// verify gives the JWK that has verified a token. The token is not computed
// again where the set has the same JWK as before, which gives the same.
func (v *verifier) verify(m tokens.Made, before string) (string, error) {
	if !time.Now().Before(v.end) {
		token := v.ring.token.Load()
		hold := token.Hold()
		v.set, v.end = tokens.JWKSet(token.PublicKeys()), time.Now().Add(hold)
	}
	key, err := keyNamed(v.set, m.KeyID)
	if err == nil && key != before {
		err = verifyBySet(m.Value.Reveal(), v.set)
	}
	return key, err
}

// TestRotationUnderLoad has a new key each second, while tokens are made without
// pause and verified over their whole lives by readers that keep the keys as long
// as they may. In between the process is restarted, the configuration is
// reloaded, another process uses the same files, and the wall clock is set.
func TestRotationUnderLoad(t *testing.T) {
	hour := int64(time.Hour)
	for _, c := range []struct {
		name  string
		event func(l *liveRing, cfg configs.Token, ttl time.Duration, i int)
	}{
		{"nothing else", func(*liveRing, configs.Token, time.Duration, int) {}},
		{"restarts", func(l *liveRing, cfg configs.Token, ttl time.Duration, _ int) { l.restart(cfg, ttl) }},
		{"reloads", func(l *liveRing, cfg configs.Token, ttl time.Duration, i int) {
			cfg.Claims = json.RawMessage([]string{`{"sub":"other"}`, `{"sub":"agent"}`}[i%2])
			l.token.Store(must(tokens.New(cfg, ttl)).With(l.ring.Load()))
		}},
		{"clock set forward", func(l *liveRing, _ configs.Token, _ time.Duration, _ int) { l.step.Add(hour) }},
		{"clock set back", func(l *liveRing, _ configs.Token, _ time.Duration, _ int) { l.step.Add(-hour) }},
		{"clock set to and fro", func(l *liveRing, _ configs.Token, _ time.Duration, i int) { l.step.Store(hour * int64(i%3-1)) }},
		{"clock set back, and a restart", func(l *liveRing, cfg configs.Token, ttl time.Duration, _ int) {
			l.step.Add(-hour)
			l.restart(cfg, ttl)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel() // they wait for the disk
			base := time.Now()
			synctest.Test(t, func(t *testing.T) { rotateUnderLoad(t, base, c.event) })
		})
	}
}

func rotateUnderLoad(t *testing.T, base time.Time, event func(*liveRing, configs.Token, time.Duration, int)) {
	const ttl, span = 5 * time.Second, 30 * time.Second
	cfg := generated("ES256", everySecond)
	l := &liveRing{dir: t.TempDir(), base: base, start: time.Now(), fail: func(err error) { t.Error(err) }}
	l.restart(cfg, ttl)
	end := time.Now().Add(span)
	var all sync.WaitGroup
	all.Go(func() { l.keep(end) })
	all.Go(func() {
		// A little more than whole seconds, so that it meets keys of every age.
		const every = 3100 * time.Millisecond
		for i := 1; time.Now().Add(every).Before(end); i++ {
			pass(every)
			event(l, cfg, ttl, i)
		}
	})
	var made, verified atomic.Int64
	var used sync.Map
	for range 2 {
		all.Go(func() {
			var alive sync.WaitGroup
			defer alive.Wait()
			v := &verifier{ring: l}
			for time.Now().Before(end) {
				m, err := l.token.Load().Make(context.Background(), l.now())
				if err != nil {
					t.Error(err)
					return
				}
				made.Add(1)
				used.Store(m.KeyID, true)
				key, err := v.verify(m, "")
				if err != nil {
					t.Errorf("a token that was just made: %v", err)
					return
				}
				alive.Go(func() {
					own := &verifier{ring: l}
					for wait := time.Duration(0); ; wait = rand.N(2 * time.Second) {
						pass(min(wait, m.Expires.Sub(l.now())-time.Millisecond))
						if _, err := own.verify(m, key); err != nil {
							t.Errorf("a token that lives for another %s: %v", m.Expires.Sub(l.now()), err)
							return
						}
						verified.Add(1)
						if m.Expires.Sub(l.now()) <= time.Millisecond {
							return
						}
					}
				})
				pass(rand.N(200 * time.Millisecond))
			}
		})
	}
	all.Wait()
	keys := 0
	used.Range(func(any, any) bool { keys++; return true })
	t.Logf("%d tokens of %d keys, verified %d times", made.Load(), keys, verified.Load())
	if want := int(span/time.Second) * 3 / 4; keys < want || made.Load() < 500 || verified.Load() < 2000 {
		t.Errorf("%d keys have signed %d tokens, which were verified %d times; want %d, 500 and 2000 at least", keys, made.Load(), verified.Load(), want)
	}
}
