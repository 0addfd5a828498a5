// Package yamltext writes texts as YAML, for the importers, which write
// egret.yaml with comments: what a library makes of values has none.
package yamltext

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// plainText needs no quotes in YAML, wherever it stands.
var plainText = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_./-]*$`)

// notPlain are the texts that YAML takes for something else.
var notPlain = map[string]bool{"true": true, "false": true, "null": true, "yes": true, "no": true, "on": true, "off": true, "y": true, "n": true}

// Quote writes a text as YAML, on one line.
func Quote(s string) string {
	if plainText.MatchString(s) && !notPlain[strings.ToLower(s)] {
		return s
	}
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range strings.ToValidUTF8(s, "\uFFFD") {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case Printable(r):
			b.WriteRune(r)
		case r > 0xffff:
			fmt.Fprintf(&b, `\U%08x`, r)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// Printable reports what YAML 1.2 takes as it is, section 5.1, without what
// breaks lines or hides.
func Printable(r rune) bool {
	return r >= ' ' && r < 0x7f || r >= 0xa0 && r < 0x200b || r >= 0x2010 && r < 0x2028 || r >= 0x2070 && r < 0xd800 || r >= 0xe000 && r < 0xfeff || r > 0xfeff && r < 0xfff9 || r >= 0x1f000 && r < 0x20000
}

// FlowList writes […].
func FlowList(values []string) string { return "[" + strings.Join(values, ", ") + "]" }

// Quoted quotes each text.
func Quoted(all []string) []string {
	out := make([]string, len(all))
	for i := range all {
		out[i] = Quote(all[i])
	}
	return out
}

// Comment writes a sentence on one line, behind a lead such as "# ".
func Comment(b *strings.Builder, lead, s string) {
	b.WriteString(lead)
	for _, r := range s {
		if !Printable(r) {
			r = '?'
		}
		b.WriteRune(r)
	}
	b.WriteByte('\n')
}

// maxShown is how many characters of a name a comment shows.
const maxShown = 60

// Safe writes a name for a comment or a sentence: on one line, and not long.
func Safe(name string) string {
	var b strings.Builder
	for _, r := range strings.ToValidUTF8(name, "?") {
		if !Printable(r) {
			r = '?'
		}
		b.WriteRune(r)
	}
	s := b.String()
	if utf8.RuneCountInString(s) > maxShown {
		s = string([]rune(s)[:maxShown]) + "…"
	}
	return s
}
