package tokens

import (
	"fmt"
	"strconv"
	"time"

	"github.com/egret-proxy/egret/configs"
)

// times are the NumericDate claims of RFC 7519 section 2 that are made at each
// signing, and what follows from them for the life of a value.
type times struct {
	ttl       time.Duration // of the cache
	expires   time.Duration // of "exp", or 0 without one
	notBefore time.Duration // of "nbf", or 0 without one
	stamps    []stamp
}

// A stamp is a claim with a time.
type stamp struct {
	before string // what stands before the number, in JSON
	offset int64  // from the second of the signing, in seconds
}

// compileTimes adds the claims with times to a list as its last members.
func compileTimes(cfg configs.Times, ttl time.Duration, list *memberList) (*times, Errors) {
	t := &times{ttl: ttl}
	if !cfg.NoIssuedAt {
		t.add(list, "time.iat", "iat", cfg.IssuedAt)
	}
	if cfg.HasNotBefore {
		t.notBefore = cfg.NotBefore.Truncate(time.Second)
		t.add(list, "time.nbf", "nbf", t.notBefore)
	}
	if !cfg.NoExpires {
		t.expires = ttl
		if cfg.Expires != 0 {
			t.expires = cfg.Expires
		}
		t.expires = t.expires.Truncate(time.Second)
		t.add(list, "time.exp", "exp", t.expires)
	}
	for _, other := range cfg.Others {
		t.add(list, "time.claims", other.Name, other.Offset)
	}
	if err := t.check(); err != nil {
		return t, Errors{err}
	}
	return t, nil
}

func (t *times) add(list *memberList, field, name string, offset time.Duration) {
	if before, ok := list.open(field, name, string(quote(name))); ok {
		t.stamps = append(t.stamps, stamp{before, int64(offset / time.Second)})
	}
}

// check finds a life that is too short to be of use. That the ttl is, is said of
// every kind of Token.
func (t *times) check() *Error {
	if t.ttl < leastTTL {
		return nil
	}
	life := t.life(0)
	switch {
	case life < leastTTL:
		return &Error{Field: "time.exp", Message: fmt.Sprintf("exp is %s after the signing, at least %s needed", t.expires, leastTTL)}
	case t.notBefore > 0 && life < t.notBefore+leastTTL:
		return &Error{
			Field:   "time.nbf",
			Message: fmt.Sprintf("nbf is %s after the signing, where the token lives %s", t.notBefore, life),
			Hint:    "let nbf come sooner, or exp and the ttl of the cache later",
		}
	}
	return nil
}

// life is how long a value is good that is made when elapsed of a second is
// over: exp stands at a whole second.
func (t *times) life(elapsed time.Duration) time.Duration {
	if t.expires == 0 {
		return t.ttl
	}
	return min(t.ttl, t.expires-elapsed)
}

// frame sets the life of what is made at now. Added to now, its ends have now's
// monotonic reading.
func (t *times) frame(m *Made, now time.Time) {
	elapsed := time.Duration(now.Nanosecond())
	m.Created, m.Expires = now, now.Add(t.life(elapsed))
	if wait := t.notBefore - elapsed; wait > 0 {
		m.NotBefore = now.Add(wait)
	}
}

// appendTo writes the claims of a token that is made in a second since 1970.
func (t *times) appendTo(b []byte, second int64) []byte {
	for i := range t.stamps {
		b = append(b, t.stamps[i].before...)
		b = strconv.AppendInt(b, second+t.stamps[i].offset, 10)
	}
	return b
}
