package configs

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// spans are how long a token lives and when it begins to, in the words of
// jwtBuilder. 0 means that the file does not say.
type spans struct {
	expiresIn, expiry time.Duration
	notBefore         time.Duration
	hasNotBefore      bool
}

// minAge is the shortest age that a token may be kept for.
const minAge = time.Second

// ownTimes are the claims that are times by themselves.
var ownTimes = []string{"iat", "exp", "nbf"}

var claimTimes = section[Times]{theTime, []field[Times]{
	{"iat", false, decodeIssuedAt},
	{"exp", false, decodeExpires},
	{"nbf", false, func(d *decoder, n *node, t *Times) { t.NotBefore, t.HasNotBefore = d.wholeSeconds(n) }},
	{"claims", false, decodeTimeClaims},
}}

func decodeIssuedAt(d *decoder, n *node, t *Times) {
	if t.NoIssuedAt = d.switchedOff(n); n.kind == boolean {
		return
	}
	v, ok := d.wholeSeconds(n)
	if ok && v > 0 {
		d.problem(n, "must be at most 0s", "a token is not issued later than it is signed")
		return
	}
	t.IssuedAt = v
}

func decodeExpires(d *decoder, n *node, t *Times) {
	if t.NoExpires = d.switchedOff(n); n.kind != boolean {
		t.Expires = d.seconds(n, minTTL)
	}
}

// switchedOff reads the false that may stand in place of a duration.
func (d *decoder) switchedOff(n *node) bool {
	if n.kind == boolean && n.number != "false" {
		d.problem(n, "must be a duration, or false", "leave the key out for its default")
	}
	return n.kind == boolean && n.number == "false"
}

func decodeTimeClaims(d *decoder, n *node, t *Times) {
	if !d.is(n, mapping) {
		return
	}
	for _, m := range n.members {
		switch {
		case !d.present(m.value) || !d.memberName(m):
		case slices.Contains(ownTimes, m.key):
			d.at(m.place, m.value.path, m.key+" has a key of its own", "write time."+m.key)
		default:
			if v, ok := d.wholeSeconds(m.value); ok {
				t.Others = append(t.Others, TimeClaim{m.key, v})
			}
		}
	}
}

// wholeSeconds reads a duration of any length and direction: a NumericDate has
// no fraction here (RFC 7519 section 2).
func (d *decoder) wholeSeconds(n *node) (time.Duration, bool) {
	v, ok := d.period(n)
	if ok && v%time.Second != 0 {
		d.problem(n, "must be whole seconds", "")
		return 0, false
	}
	return v, ok
}

// seconds reads a duration of whole seconds, and of at least a minimum.
func (d *decoder) seconds(n *node, least time.Duration) time.Duration {
	v, ok := d.wholeSeconds(n)
	return d.atLeast(n, v, ok, least)
}

// unlessMinusOne reads a duration of at least a minimum, where -1 means that it
// is not set.
func (d *decoder) unlessMinusOne(n *node, least time.Duration) (time.Duration, bool) {
	v, ok := d.wholeSeconds(n)
	switch {
	case !ok || n.text == "-1" || n.text == "-1s":
		return 0, false
	case v < least:
		d.problem(n, fmt.Sprintf("must be at least %v, or -1", least), "-1 is as if it were left out")
		return 0, false
	}
	return v, true
}

// expiry reads a duration with its unit: a bare number would be seconds here
// and is hours in jwtBuilder.
func (d *decoder) expiry(n *node) time.Duration {
	if n.kind == number || n.kind == text && secondsText.MatchString(n.text) {
		d.problem(n, "a number needs its unit here", "write 2h, or 90s")
		return 0
	}
	return d.seconds(n, minTTL)
}

// completeTimes resolves what the keys of one entry say about its times.
func (d *decoder) completeTimes(t *tokenEntry) {
	var exp, nbf *node
	if n := t.node.member("time"); n != nil {
		exp, nbf = n.member("exp"), n.member("nbf")
	}
	if lives := cmp.Or(t.spans.expiresIn, t.spans.expiry); lives > 0 {
		if exp != nil {
			d.conflict(exp, "exp", t.lifetimeKey())
		}
		t.Times.Expires = lives
	}
	if t.spans.hasNotBefore {
		if nbf != nil {
			d.conflict(nbf, "nbf", "nbf_offset")
		}
		t.Times.HasNotBefore, t.Times.NotBefore = true, t.Times.IssuedAt+t.spans.notBefore
	}
}

// lifetimeKey is the key that says how long the token lives.
func (t *tokenEntry) lifetimeKey() string {
	if t.spans.expiresIn > 0 {
		return "expires_in"
	}
	return "expiry"
}

// notBeforePath is where nbf is written.
func (t *tokenEntry) notBeforePath() string {
	if t.spans.hasNotBefore {
		return below(t.Path, "nbf_offset")
	}
	return below(below(t.Path, "time"), "nbf")
}

// expiresPath is where exp is written, or "".
func (t *tokenEntry) expiresPath() string {
	switch {
	case t.Times.Expires == 0:
		return ""
	case t.spans.expiresIn+t.spans.expiry > 0:
		return below(t.Path, t.lifetimeKey())
	}
	return strings.Join([]string{t.Path, "time", "exp"}, ".")
}
