package proxy

import (
	"crypto/sha256"
	"encoding/base64"
	"maps"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/egret-proxy/egret/tokens"
)

// published is the public keys that verifiers are told: those of the current
// configuration, those of older ones that requests still hold, and those with
// which nothing is signed any more, as long as something lives that was.
type published struct {
	changes atomic.Uint64 // of rings

	mu      sync.Mutex
	current *runtime
	older   map[string][]olderKeys // of Tokens that were changed or removed, by ID
	sets    map[string]*keySet     // those that were asked for since the last change, by ID; "" is that of all
	drawn   uint64                 // changes that sets know
}

// olderKeys are the keys of a Token that the current configuration does not
// have, or has in another way.
type olderKeys struct {
	owner   *runtime           // that may still sign with them; nil when nobody does
	token   *tokens.Token      // of owner
	keys    []tokens.PublicKey // without an owner
	until   time.Time          // they are needed, without an owner
	instead *tokens.Token      // of the current configuration, if it does not publish its key; or nil
}

// A keySet is a JWK Set as it is answered with.
type keySet struct {
	body         []byte
	etag         string
	cacheControl string
}

// mostAge is how long a set may be kept at most.
const mostAge = 5 * time.Minute

// follow makes the keys of live runtimes public; the last one is the current
// one. The keys of gone, which may be nil, stay until what they have signed is
// dead.
func (p *published) follow(live []*runtime, gone *runtime, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	older := map[string][]olderKeys{}
	for id, list := range p.older {
		for _, o := range list {
			if o.owner == nil && o.needed(now) {
				older[id] = append(older[id], o)
			}
		}
	}
	if len(live) == 0 {
		return
	}
	p.current = live[len(live)-1]
	for _, rt := range live[:len(live)-1] {
		rt.eachOther(p.current, func(id string, t *tokens.Token) {
			older[id] = append(older[id], olderKeys{owner: rt, token: t})
		})
	}
	if gone != nil {
		gone.eachOther(p.current, func(id string, t *tokens.Token) {
			older[id] = append(older[id], olderKeys{keys: t.PublicKeys(), until: now.Add(t.Outlives())})
		})
	}
	p.older = older
	p.withdraw()
	p.sets = nil
}

// withdraw finds the Tokens that have been told not to publish their keys any
// more.
func (p *published) withdraw() {
	if len(p.older) == 0 {
		return
	}
	for _, m := range p.current.tokens {
		if m.entry.Publish {
			continue
		}
		for i := range p.older[m.entry.ID] {
			p.older[m.entry.ID][i].instead = m.token
		}
	}
}

// needed reports whether something may live that was signed with the keys. A
// clock that was set does not make it too early: both have to say so.
func (o *olderKeys) needed(now time.Time) bool {
	return o.owner != nil || now.Before(o.until) || now.Round(0).Before(o.until.Round(0))
}

// list gives the keys. Those that somebody wants back are left out.
func (o *olderKeys) list() []tokens.PublicKey {
	keys := o.keys
	if o.owner != nil {
		keys = o.token.PublicKeys()
	}
	if o.instead == nil {
		return keys
	}
	return slices.DeleteFunc(slices.Clone(keys), o.instead.Holds)
}

// eachOther calls f for each Token that publishes its keys, unless current has
// the same one.
func (rt *runtime) eachOther(current *runtime, f func(id string, t *tokens.Token)) {
	for id, m := range rt.published {
		same, ok := current.published[id]
		if !ok || m.entry.Digest == "" || same.entry.Digest != m.entry.Digest {
			f(id, m.token)
		}
	}
}

// set gives the set of one Token, or for "" that of all. It is false for a Token
// that there is not, or that publishes nothing.
func (p *published) set(id string, now time.Time) (*keySet, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if changes := p.changes.Load(); changes != p.drawn || p.forget(now) || p.sets == nil {
		p.drawn, p.sets = changes, map[string]*keySet{}
	}
	if known, ok := p.sets[id]; ok {
		return known, true
	}
	sum := keySum{age: mostAge}
	if id == "" {
		p.addAll(&sum)
	} else {
		m, ok := p.current.published[id]
		if ok {
			sum.add(m.token)
		}
		sum.addOlder(p.older[id])
		if !ok && len(sum.keys) == 0 {
			return nil, false
		}
	}
	p.sets[id] = sum.set()
	return p.sets[id], true
}

// addAll adds the keys of all Tokens, in the order of the file.
func (p *published) addAll(sum *keySum) {
	for _, m := range p.current.tokens {
		if m.entry.Publish {
			sum.add(m.token)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(p.older)) {
		sum.addOlder(p.older[id])
	}
}

// forget drops keys that nobody needs any more, and reports whether there were
// any.
func (p *published) forget(now time.Time) (dropped bool) {
	for id, list := range p.older {
		rest := slices.DeleteFunc(list, func(o olderKeys) bool { return !o.needed(now) })
		dropped = dropped || len(rest) < len(list)
		if p.older[id] = rest; len(rest) == 0 {
			delete(p.older, id)
		}
	}
	return dropped
}

// A keySum is what a set is made of.
type keySum struct {
	keys []tokens.PublicKey
	age  time.Duration // that a verifier may keep them, 0 as long as one is missing
}

func (s *keySum) add(t *tokens.Token) {
	s.keys = append(s.keys, t.PublicKeys()...)
	s.age = min(s.age, t.Hold())
}

func (s *keySum) addOlder(list []olderKeys) {
	for i := range list {
		s.keys = append(s.keys, list[i].list()...)
	}
}

// set encodes the set. An empty one is not to be kept.
func (s *keySum) set() *keySet {
	if len(s.keys) == 0 {
		s.age = 0
	}
	body := tokens.JWKSet(s.keys)
	digest := sha256.Sum256(body)
	return &keySet{
		body: body, etag: `"` + base64.RawURLEncoding.EncodeToString(digest[:18]) + `"`,
		cacheControl: "public, max-age=" + strconv.Itoa(int(s.age/time.Second)),
	}
}
