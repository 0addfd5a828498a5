package configs

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

var tokenIDText = regexp.MustCompile(`^[A-Za-z0-9._~-]{1,64}$`)

// tokenID reads what a token is called in URLs.
func (d *decoder) tokenID(n *node) string {
	s, ok := d.plain(n)
	if ok && !tokenIDText.MatchString(s) {
		d.problem(n, "an id is 1 to 64 letters, digits, dots, hyphens, underscores or tildes", "")
		return ""
	}
	return s
}

// checkTokenID looks for two tokens with the same ID, and for IDs that mean
// something else in a URL.
func (d *decoder) checkTokenID(t *tokenEntry, taken map[string]string) {
	if t.ID == "" {
		return
	}
	path := below(t.Path, "id")
	if t.ID == "." || t.ID == ".." {
		d.elsewhere(path, fmt.Sprintf("the id cannot be %s, which leads elsewhere in a URL", t.ID), "give the token another id")
		return
	}
	if first, ok := taken[t.ID]; ok {
		if t.ID != t.Name || !d.reported(below(t.Path, "name")) { // Of two names nothing more need be said.
			d.elsewhere(path, fmt.Sprintf("%s has the id %s already", d.sources.show(first, t.Path), t.ID), "give each token an id of its own")
		}
		return
	}
	taken[t.ID] = t.Path
}

// The parts of jti that stand for something else at each signing. Those that
// are random come first.
var (
	jtiParts = []string{"uuid", "hex", "base64url", "iat"}
	random   = jtiParts[:3]
	jtiPart  = regexp.MustCompile(`\{([A-Za-z0-9_]*)\}`)
)

// decodeJTI reads whether and how a token gets an ID of its own.
func decodeJTI(d *decoder, n *node, t *tokenEntry) {
	switch n.kind {
	case boolean:
		if d.flag(n) {
			t.TokenID = "{uuid}"
		}
	case text:
		d.jtiFormat(n, t)
	default:
		d.problem(n, fmt.Sprintf("must be true or false, or text, not %s", n.kind), "write true, or a text such as acme-{uuid}")
	}
}

func (d *decoder) jtiFormat(n *node, t *tokenEntry) {
	s := d.jwtText(n)
	if s == "" {
		return
	}
	differs := false
	for _, part := range jtiPart.FindAllStringSubmatch(s, -1) {
		differs = differs || slices.Contains(random, part[1])
		if !slices.Contains(jtiParts, part[1]) {
			d.unknownPart(n, part[0])
			return
		}
	}
	if !differs {
		d.problem(n, "two tokens could have the same jti", "put {uuid}, {hex} or {base64url} into it")
		return
	}
	t.TokenID = s
}

// unknownPart reports what looks like a part of jti and is none. What came from
// outside of the file is not shown.
func (d *decoder) unknownPart(n *node, part string) {
	if !strings.Contains(n.text, part) {
		part = "such part"
	}
	d.problem(n, "jti has no "+part, "its parts are {uuid}, {hex}, {base64url} and {iat}")
}
