package curl

import (
	"slices"
	"strings"
	"unicode"
)

// secretWords are words of which one in a name says that the value is a
// credential. A plural counts too.
var secretWords = []string{
	"apikey", "appid", "assertion", "auth", "authentication", "authorization", "bearer", "cookie", "credential", "hmac", "jwt",
	"otp", "pass", "passcode", "passphrase", "passwd", "password", "pwd", "secret", "session", "sessionid", "sid", "sig", "signature", "token",
}

// secretEnds are what a word of two that are written as one ends with.
var secretEnds = []string{"apikey", "authkey", "password", "secret", "token", "passwd", "secretkey", "accesskey", "sessionid"}

// harmless are last words, and first ones, of names that speak of a credential and
// have none.
var (
	harmlessEnds   = []string{"type", "name", "url", "uri", "endpoint", "method", "scheme", "expires", "expiry", "ttl", "limit", "count", "version", "algorithm", "status", "mode"}
	harmlessStarts = []string{"max", "min", "num", "no", "idempotency", "public"}
)

// isSecret reports whether a name speaks of a credential. Key is one alone, or
// behind another word; in keyword, sort_key or a public key it is none.
func isSecret(name string) bool {
	words := wordsOf(name)
	if len(words) == 0 || slices.Contains(harmlessStarts, words[0]) || slices.Contains(harmlessEnds, words[len(words)-1]) {
		return false
	}
	for i, word := range words {
		single := strings.TrimSuffix(word, "s")
		if slices.Contains(secretWords, word) || slices.Contains(secretWords, single) ||
			slices.ContainsFunc(secretEnds, func(end string) bool { return strings.HasSuffix(single, end) }) {
			return true
		}
		if word == "key" && i == len(words)-1 && (i == 0 || !slices.Contains(plainKeys, words[i-1])) {
			return true
		}
	}
	return slices.Contains(words, "subscription") && slices.Contains(words, "key")
}

// plainKeys are what stands before key in names of other things.
var plainKeys = []string{"sort", "partition", "primary", "foreign", "object", "group", "row", "range", "hash", "issue", "project", "parent", "public", "start", "end", "cache", "routing", "message"}

// wordsOf cuts a name into words in lower case: at whatever is no letter or digit,
// and before a capital behind a small letter.
func wordsOf(name string) []string {
	var b strings.Builder
	var before rune
	for _, r := range name {
		if unicode.IsUpper(r) && unicode.IsLower(before) {
			b.WriteByte(' ')
		}
		before = r
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			r = ' '
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return strings.Fields(b.String())
}
