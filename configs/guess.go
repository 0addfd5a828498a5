package configs

import (
	"regexp"
	"slices"
	"strings"
)

// A secretLine has a secret key somewhere, a settingLine begins with a key that
// the format has.
var (
	secretLine  = regexp.MustCompile(`(?:^|[\s{,\[\-?])["']?(?:key|value|shared_key|key_passphrase)["']?\s*(?::|$)`)
	settingLine = regexp.MustCompile(`^[ \t-]*\{?[ ]*["']?(?:` + strings.Join(allKeys(), "|") + `)["']?[ ]*:`)
)

// allKeys lists the keys of every place of the format.
func allKeys() []string {
	return slices.Concat(
		document.keys(), admin.keys(), client.keys(), egress.keys(), rule.keys(), cache.keys(), tokens.keys(), function.keys(),
	)
}

// likelySecrets finds the secrets of a file that may be no YAML: from a secret
// key to the end of its line, and all lines below, up to one that is not
// indented deeper and begins with a key of the format.
func likelySecrets(lines []string) []span {
	var spans []span
	indent, inside := 0, false
	for i, line := range lines {
		depth := len(line) - len(strings.TrimLeft(line, " \t-"))
		from := 0
		if inside = inside && (depth > indent || !settingLine.MatchString(line)); !inside {
			at := secretLine.FindStringIndex(line)
			if at == nil {
				continue
			}
			indent, inside = depth, true
			from = len([]rune(line[:at[1]])) + 1
		}
		spans = append(spans, span{place{i + 1, from}, place{i + 1, endOfLine}})
	}
	return spans
}
