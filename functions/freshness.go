package functions

import (
	"strconv"
	"strings"
	"time"

	"github.com/pquerna/cachecontrol/cacheobject"
)

// freshness bounds a term by the fields Cache-Control and Age of an answer, RFC
// 9111. The output cache is a shared one: what is private is not stored. What
// cannot be read is not stored either, section 4.2.1.
func freshness(answer *Answer, t term) term {
	field := answer.list("Cache-Control")
	if field == "" {
		return t
	}
	said, err := cacheobject.ParseResponseCacheControl(field)
	if err != nil || saysTwice(field, "max-age=") || saysTwice(field, "s-maxage=") || said.NoStore || said.NoCachePresent || said.PrivatePresent {
		return term{}
	}
	// Section 5.2.2.10: s-maxage has the meaning of proxy-revalidate, too.
	t.strict = said.MustRevalidate || said.ProxyRevalidate || said.SMaxAge >= 0
	seconds := said.MaxAge
	if said.SMaxAge >= 0 {
		seconds = said.SMaxAge
	}
	return t.atMost(time.Duration(seconds)*time.Second-answer.age(), seconds >= 0)
}

// saysTwice reports whether a directive stands twice. The parser takes the last one,
// where section 4.2.1 wants the first, or that the answer is stale.
func saysTwice(field, directive string) bool {
	return strings.Count(strings.ToLower(field), directive) > 1
}

// list gives the values of all fields of this name as one list, RFC 9110 section
// 5.3.
func (a *Answer) list(name string) string {
	var values []string
	for lines := a.Header; len(lines) > 0; {
		var other, value []byte
		if other, value, lines = cutLine(lines); strings.EqualFold(string(other), name) {
			values = append(values, string(value))
		}
	}
	return strings.Join(values, ", ")
}

// age is how long the answer has lain in caches on its way, RFC 9111 section 5.1:
// the first member of the field counts, and what is no number does not.
func (a *Answer) age() time.Duration {
	first, _, _ := strings.Cut(string(a.field("Age")), ",")
	const bits = 31 // as much as a cache must know, section 1.2.2
	// Of a number that is too large the largest is given, beside the error.
	seconds, _ := strconv.ParseUint(strings.TrimSpace(first), 10, bits)
	return time.Duration(seconds) * time.Second
}
