package configs

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// A secretLine has a secret key somewhere, a settingLine begins with a key that
// the format has. A likelyKey may stand in quotes of which one is missing.
var (
	secretLine  = regexp.MustCompile(`(?i)(?:^|[\s{,\[\-?])["']?(?:` + strings.Join(secretNames, "|") + `)["']?\s*(?::|$)`)
	settingLine = regexp.MustCompile(`^[ \t-]*\{?[ ]*["']?(?:` + strings.Join(allKeys(), "|") + `)["']?[ ]*:`)
	likelyKey   = regexp.MustCompile(`(?:^|[\s{,\[?])["']?([^\s"'{}\[\],:]+)["']?\s*(?::|$)`)
)

// allKeys lists the keys of every place of the format.
func allKeys() []string {
	return slices.Concat(
		document.keys(), listener.keys(), certificate.keys(), admin.keys(), client.keys(), egress.keys(), rule.keys(), limits.keys(), cache.keys(), tokens.keys(),
		jwk.keys(), claimTimes.keys(), encrypt.keys(), keyStore.keys(), subject.keys(), function.keys(),
	)
}

// A guess goes through the lines of a file that may be no YAML.
type guess struct {
	scope  scope // of the entries that the lines belong to
	depth  int   // of the key that the entries are under
	braces bool  // that key is in braces
	inside bool  // of a secret
	indent int   // of the key of the secret
}

// likelySecrets finds the secrets of a file that may be no YAML: from a secret
// key to the end of its line, and all lines below, up to one that is not
// indented deeper and begins with a key of the format.
func likelySecrets(lines []string) []span {
	var g guess
	var spans []span
	for i, line := range lines {
		if from := g.secret(line); from >= 0 {
			column := utf8.RuneCountInString(line[:from]) + 1
			spans = append(spans, span{place{i + 1, column}, place{i + 1, endOfLine}})
		}
	}
	return spans
}

// secret gives where the secret part of the next line begins, or -1.
func (g *guess) secret(line string) int {
	depth := len(line) - len(strings.TrimLeft(line, " \t-"))
	if g.inside && (depth > g.indent || !settingLine.MatchString(line)) {
		return 0
	}
	from := g.inEntry(line, depth)
	if at := namedSecret(line); at >= 0 && (from < 0 || at < from) {
		from = at
	}
	g.inside, g.indent = from >= 0, depth
	return from
}

// namedSecret gives what is behind the first key of a line that names a secret,
// or may do so with escaped characters, or -1.
func namedSecret(line string) int {
	from := -1
	if at := secretLine.FindStringIndex(line); at != nil {
		from = at[1]
	}
	for _, at := range likelyKey.FindAllStringSubmatchIndex(line, -1) {
		key := line[at[2]:at[3]]
		if (strings.Contains(key, `\`) || namesSecret(key)) && (from < 0 || at[1] < from) {
			from = at[1]
		}
	}
	return from
}
