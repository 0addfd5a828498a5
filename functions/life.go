package functions

import (
	"bytes"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"
)

// A life is how long an answer is kept.
type life struct {
	fresh time.Time // the end of the time in which it is as good as a new one
	// stale is when it is dead: until then it may be given while a new one is
	// fetched. It is fresh when it may not.
	stale time.Time
}

// life says how long an answer is kept, and whether it is stored at all: one that
// is not ok, and has no life of its own, is not.
func (f *Function) life(answer *Answer, now time.Time) (l life, store bool) {
	c := &f.config.Caching
	most, ok := c.Negative[answer.Status], f.config.IsOK(answer.Status)
	switch {
	case f.output == nil:
		return life{}, false
	case ok:
		most = f.output.TTL
	}
	said, stale := term{most: most}, c.Stale
	switch {
	case c.TTLFromHeader:
		said = freshness(answer, said)
	case c.TTLFrom != nil:
		said = said.atMost(answer.term(c.TTLFrom, now))
	}
	if said.most <= 0 {
		return life{}, false
	}
	if said.strict || !ok {
		stale = 0
	}
	l.fresh = now.Add(said.most)
	l.stale = l.fresh.Add(stale)
	return l, true
}

// A term is how long an answer may be used by what it says itself.
type term struct {
	most   time.Duration // zero or less: it may not be stored
	strict bool          // it may not be given after its end
}

// atMost bounds a term by a duration, when there is one.
func (t term) atMost(life time.Duration, known bool) term {
	if known {
		t.most = min(t.most, life)
	}
	return t
}

// numericDate is the number from which on seconds are counted from 1970 (RFC
// 7519 section 2) and not from now: as a life it would be more than 31 years.
const numericDate = 1e9

// term reads the life of an answer that stands in its body, which is JSON. It
// reports false when there is none that can be read.
func (a *Answer) term(tokens []string, now time.Time) (time.Duration, bool) {
	body := bytes.TrimPrefix(a.Body, byteOrderMark)
	if !validJSON(body) {
		return 0, false
	}
	value := pointed(gjson.ParseBytes(body), tokens)
	switch value.Type {
	case gjson.Number:
		return secondsFrom(value.Raw, now)
	case gjson.String:
		written := strings.TrimSpace(value.Str)
		if at, err := time.Parse(time.RFC3339, written); err == nil {
			return at.Sub(now), true
		}
		return secondsFrom(written, now)
	default:
		return 0, false
	}
}

// secondsFrom reads a number of seconds, as JSON writes numbers.
func secondsFrom(text string, now time.Time) (time.Duration, bool) {
	if !validJSON([]byte(text)) || gjson.Parse(text).Type != gjson.Number {
		return 0, false
	}
	// What is too large for a float64 is infinite, and far in the future too.
	seconds, _ := strconv.ParseFloat(text, 64)
	if seconds < numericDate {
		return time.Duration(max(seconds, 0) * float64(time.Second)), true
	}
	const distant = 1e11 // in the year 5138
	whole, part := math.Modf(min(seconds, distant))
	return time.Unix(int64(whole), int64(part*float64(time.Second))).Sub(now), true
}
