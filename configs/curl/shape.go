package curl

import (
	"regexp"
	"strings"
)

// shapes are what credentials of known kinds look like, wherever they stand.
var shapes = regexp.MustCompile(strings.Join([]string{
	`\beyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]*`, // JWT, RFC 7519
	`\b(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{8,}`,              // Stripe
	`\bsk-[A-Za-z0-9_-]{12,}`,                                   // OpenAI, Anthropic
	`\bgh[pousr]_[A-Za-z0-9]{12,}`, `\bgithub_pat_\w{12,}`,
	`\bglpat-[\w-]{12,}`,
	`\bx(?:ox[a-z]|app)-[A-Za-z0-9-]{8,}`, // Slack
	`\b(?:AKIA|ASIA)[0-9A-Z]{12,}`,
	`\bAIza[\w-]{30,}`, `\bya29\.[\w.-]{10,}`, // Google
	`\bSG\.[\w-]{12,}\.[\w-]{12,}`, // SendGrid
	`\b(?:hf|npm|whsec|shpat|shpss|dop_v1|lin_api|pypi)[_-][A-Za-z0-9]{16,}`,
	`\b(?:bot)?[0-9]{6,}:[A-Za-z0-9_-]{30,}`, // Telegram
	`-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----`,
}, "|"))

// pathShapes are credentials that are paths: who knows the URL may call it.
var pathShapes = regexp.MustCompile(`\bT[A-Z0-9]{7,}/B[A-Z0-9]{7,}/[A-Za-z0-9]{16,}` + // Slack
	`|\bwebhooks/[0-9]{15,}/[\w-]{40,}`) // Discord

// assignments are a name and its value inside of a longer text.
var assignments = regexp.MustCompile(`([\w.-]+)\s*=\s*([^&\s"';,<>]+)` +
	`|([\w.-]+)\s*=\s*"([^"]+)"` +
	`|"([\w.-]+)"\s*:\s*"([^"]+)"` +
	`|<([\w.-]+)>([^<>]+)</`)

// A finding is a credential inside of a text, in bytes.
type finding struct {
	from, to int
	words    string // for its name
}

// findCredentials finds what looks like a credential in a text without slots, in
// its order.
func findCredentials(s string) []finding {
	var found []finding
	for _, m := range shapes.FindAllStringIndex(s, -1) {
		found = append(found, finding{m[0], m[1], "token"})
	}
	for _, m := range assignments.FindAllStringSubmatchIndex(s, -1) {
		for i := 2; i < len(m); i += 4 {
			if m[i] >= 0 && isSecret(s[m[i]:m[i+1]]) {
				found = append(found, finding{m[i+2], m[i+3], s[m[i]:m[i+1]]})
			}
		}
	}
	return apart(found)
}
