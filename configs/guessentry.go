package configs

import (
	"regexp"
	"slices"
	"strings"
)

// An entryKey begins where a key can begin. A lateColon is one in a value,
// which shows that the value is more than one.
var (
	entryKey  = regexp.MustCompile(`^("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s"'{}\[\],:]+)[ \t]*:`)
	lateColon = regexp.MustCompile(`["']\s*:|:(?:\s|$)`)
)

// inEntry gives where the line stops to be keys that an entry has and values of
// them, or -1. It is -1, too, outside of the entries that hold credentials.
func (g *guess) inEntry(line string, depth int) int {
	if g.scope.entry() && g.ends(line, depth) {
		g.scope = scope{}
	}
	from := 0
	if at, scope := g.begins(line, depth); at > 0 {
		g.scope, g.depth, from = scope, depth, at
		g.braces = strings.HasPrefix(strings.TrimLeft(line, " \t-"), "{")
		if scope.bare {
			from = valueEnd(line, from)
		}
	}
	if !g.scope.entry() {
		return -1
	}
	return g.scope.unknown(line, from)
}

// begins looks for the key that entries with credentials are under, and gives
// what is behind its colon. A mistyped one counts only at the margin, because
// functions have parameters of such names.
func (g *guess) begins(line string, depth int) (int, scope) {
	if g.scope.entry() && depth > g.depth {
		return 0, scope{}
	}
	for i, at := range likelyKey.FindAllStringSubmatchIndex(line, -1) {
		key := line[at[2]:at[3]]
		s := scopeOf(key)
		exact := slices.ContainsFunc(document.keys(), func(k string) bool { return strings.EqualFold(k, key) })
		if s.entry() && (exact || i == 0 && depth <= 1) {
			return at[1], s
		}
	}
	return 0, scope{}
}

// ends reports whether a line begins with a key of what stands around the
// entries. In braces indentation says little, so a key that an entry can have,
// too, is taken for one of the entry.
func (g *guess) ends(line string, depth int) bool {
	at := likelyKey.FindStringSubmatch(line)
	if at == nil || depth > g.depth || !settingLine.MatchString(line) {
		return false
	}
	inEntry := g.scope.has(at[1]) || namesSecret(at[1])
	if slices.Contains(document.keys(), at[1]) {
		return !g.braces || !inEntry
	}
	return depth < g.depth && !inEntry
}

// unknown gives where a line has something else than keys of the entry and
// their values: what is behind another key, or is no key.
func (s scope) unknown(line string, from int) int {
	for {
		from += len(line[from:]) - len(strings.TrimLeft(line[from:], " \t-?{}[],"))
		if from == len(line) || line[from] == '#' {
			return -1
		}
		at := entryKey.FindStringSubmatchIndex(line[from:])
		if at == nil {
			return from
		}
		key := line[from : from+at[3]]
		from += at[1]
		if !s.has(strings.Trim(key, `"'`)) || s.hides(strings.Trim(key, `"'`)) {
			return from
		}
		from = valueEnd(line, from)
	}
}

// valueEnd gives where a value ends that begins at from.
func valueEnd(line string, from int) int {
	rest := line[from:]
	end := strings.IndexAny(rest, ",{}[]")
	if end < 0 {
		end = len(rest)
	}
	if at := lateColon.FindStringIndex(rest[:end]); at != nil {
		end = at[1]
	}
	return from + end
}
