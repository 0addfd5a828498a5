package configs

import (
	"cmp"
	"fmt"
	"time"
)

// checkTokens looks at what tokens say about the rest of the file, and fills in
// what follows from it.
func (d *decoder) checkTokens() {
	filled, taken := map[string]string{}, map[string]string{}
	for i := range d.tokens {
		t := &d.tokens[i]
		d.checkFilled(t, filled)
		if t.node.kind != mapping || t.node.member("value") != nil {
			continue
		}
		d.checkTokenID(t, taken)
		d.checkStores(t)
		d.fillIssuer(t)
		d.fillSubject(t)
		d.checkClaims(t)
		d.checkLife(t)
		d.checkRotation(t)
	}
}

// checkFilled looks for the cache that a token fills. One cache has one token.
func (d *decoder) checkFilled(t *tokenEntry, filled map[string]string) {
	n := t.node.member("cache")
	if t.Cache == "" || !d.knownCache(n) {
		return
	}
	if first, ok := filled[t.Cache]; ok {
		d.problem(n, "cache "+t.Cache+" is already filled by "+d.sources.show(first, t.Path), "give each token a cache of its own")
		return
	}
	filled[t.Cache] = t.Path
}

// checkLife looks whether a token can be used for a part of its life, and
// replaced in time.
func (d *decoder) checkLife(t *tokenEntry) {
	c := d.cache(t.Cache)
	if c == nil || c.TTL == 0 || d.reported(t.Path) {
		return
	}
	life := t.life(c.TTL)
	if t.Times.NotBefore > 0 && t.Times.NotBefore > life-minTTL {
		d.elsewhere(t.notBeforePath(), fmt.Sprintf("the token is good from %s on, and used up to %s only", DurationText(t.Times.NotBefore), DurationText(life)),
			fmt.Sprintf("leave %v between them", minTTL))
	}
	// After two thirds of its life a token is due to be replaced.
	if most := (life / 3 * 2).Truncate(time.Second); t.MinAge >= most {
		d.elsewhere(below(t.Path, "min_age"), fmt.Sprintf("must be shorter than %s, two thirds of the token's life", DurationText(most)), "")
	}
}

// mostRotations bounds the keys that are kept and published because something
// lives that they have signed.
const mostRotations = 1000

// checkRotation looks how many keys are made while one token lives.
func (d *decoder) checkRotation(t *tokenEntry) {
	c := d.cache(t.Cache)
	if t.JWK == nil || t.JWK.Rotation == 0 || c == nil || c.TTL == 0 || d.reported(t.Path) {
		return
	}
	lives := cmp.Or(t.Times.Expires, c.TTL)
	if made := int64(lives / t.JWK.Rotation); made > mostRotations {
		d.elsewhere(below(below(t.Path, "jwk"), "rotation"), fmt.Sprintf("the token lives %s, in which %d keys are made: at most %d are kept", DurationText(lives), made, mostRotations),
			fmt.Sprintf("replace a key every %s, or less often", DurationText((lives/mostRotations+time.Second).Truncate(time.Second))))
	}
}

// life is how long a token is used at most, in a cache with a ttl.
func (t *Token) life(ttl time.Duration) time.Duration {
	if t.Times.NoExpires || t.Times.Expires == 0 {
		return ttl
	}
	return min(ttl, t.Times.Expires)
}

// checkOnUse refuses to sign each time what could be the same each time.
func (d *decoder) checkOnUse(t *tokenEntry) {
	if !t.OnUse {
		return
	}
	if t.TokenID == "" && !d.doubtful(below(t.Path, "jti")) {
		d.elsewhere(below(t.Path, "sign"), "two tokens of the same second would be the same without jti", "add jti: true")
	}
	if t.Times.NotBefore > 0 && !d.doubtful(below(t.Path, "nbf_offset")) && !d.doubtful(below(t.Path, "time.nbf")) {
		d.elsewhere(below(t.Path, "sign"), "a token that is made for a request has to be good at once, and nbf is to come", "leave out nbf_offset or time.nbf, or sign: on_use")
	}
	if n := t.node.member("min_age"); n != nil {
		d.problem(n, "a token of each request's own has no min_age", "leave out min_age, or sign: on_use")
	}
}
