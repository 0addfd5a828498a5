package tokens

import (
	"slices"
	"time"
)

// mostHold is how long verifiers keep public keys at most.
const mostHold = 5 * time.Minute

// hold is how long verifiers may keep the public keys that they are told. A new
// key is announced for twice as long before it signs; the other half is for disks
// and networks that are slow.
func (p *ringPolicy) hold() time.Duration {
	if p.Rotation == 0 {
		return mostHold
	}
	return min(p.Announce/2, mostHold)
}

// The times of a key are compared on two clocks. A wall clock that is set, and a
// monotonic clock that stands still while the machine sleeps, may make a new key
// too early and drop an old one too late, but not the other way round. When a
// key begins to sign is a matter of the monotonic clock alone.

// soon is how long it is until t on the clock that is further on.
func soon(t, now time.Time) time.Duration {
	return min(t.Sub(now), t.Round(0).Sub(now.Round(0)))
}

// late is how long it is until t on the clock that is further behind.
func late(t, now time.Time) time.Duration {
	return max(t.Sub(now), t.Round(0).Sub(now.Round(0)))
}

// inUse gives the place of the key that signs at now: the newest that may. Where
// there is none, the clock was set back, and the oldest is the one that
// verifiers have known for longest.
func inUse(keys []*ringKey, now time.Time) int {
	for i, k := range slices.Backward(keys) {
		if !k.signFrom.After(now) {
			return i
		}
	}
	return 0
}

// makeIn is how long it is until a key is to be made.
func (p *ringPolicy) makeIn(keys []*ringKey, now time.Time) time.Duration {
	if len(keys) == 0 {
		return 0
	}
	newest := keys[len(keys)-1]
	if p.Rotation == 0 {
		return never
	}
	// It has to sign before there is another.
	return max(newest.signFrom.Sub(now), soon(newest.signFrom.Add(p.Rotation-p.Announce), now))
}

// add gives keys with a new one, which was made at now. It does not sign before
// every verifier can know it; settled is when those have come back that were
// told to keep the keys for longer.
func (p *ringPolicy) add(keys []*ringKey, key *ringKey, now, settled time.Time) []*ringKey {
	key.created, key.signFrom, key.life = now, now, p.life
	if len(keys) > 0 {
		turn := keys[len(keys)-1].signFrom.Add(p.Rotation).Sub(now)
		key.signFrom = now.Add(max(turn, p.Announce, settled.Sub(now)))
	}
	return append(slices.Clip(keys), key)
}

// dropIn is how long it is until the oldest key can be dropped: the last token
// that it has signed is dead then. The key in use and those before it are kept
// as far as the policy wants so many.
func (p *ringPolicy) dropIn(keys []*ringKey, now time.Time) time.Duration {
	if len(keys) == 0 || inUse(keys, now) < max(p.Keep, 1) {
		return never
	}
	return late(keys[1].signFrom.Add(keys[0].life).Add(leeway), now)
}

func (p *ringPolicy) drop(keys []*ringKey, now time.Time) []*ringKey {
	for p.dropIn(keys, now) <= 0 {
		keys = keys[1:]
	}
	return keys
}

// grown reports whether tokens live longer than the keys in use know.
func (p *ringPolicy) grown(keys []*ringKey, now time.Time) bool {
	return slices.ContainsFunc(keys[inUse(keys, now):], func(k *ringKey) bool { return k.life < p.life })
}

// grow has the keys in use know how long the tokens live that they sign.
func (p *ringPolicy) grow(keys []*ringKey, now time.Time) []*ringKey {
	keys = slices.Clone(keys)
	for i := inUse(keys, now); i < len(keys); i++ {
		if keys[i].life < p.life {
			longer := *keys[i]
			longer.life = p.life
			keys[i] = &longer
		}
	}
	return keys
}
