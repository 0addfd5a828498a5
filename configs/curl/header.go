package curl

import (
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/configs/yamltext"
)

// ofConnection are fields that the connection sets, or that egret computes.
var ofConnection = []string{
	"accept-encoding", "connection", "content-length", "expect", "http2-settings", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade",
}

// signed are schemes of Authorization that sign one request.
var signed = []string{"aws4-hmac-sha256", "digest", "hawk", "hmac", "negotiate", "ntlm", "oauth", "signature"}

// A field is a header: its name, and all of its values.
type field struct {
	name   string
	values []string
}

// fields collects the fields of -H, each name once.
func (im *importer) fields(c *command, t *target) ([]*field, error) {
	var all []*field
	for _, line := range c.headers {
		if strings.HasPrefix(line, "@") {
			return nil, errors.New("a file of headers is not read: write -H for each")
		}
		name, value, ok := strings.Cut(line, ":")
		if value = strings.TrimSpace(value); !ok {
			if name, ok = strings.CutSuffix(line, ";"); !ok {
				continue // curl sends nothing.
			}
		} else if value == "" {
			continue // It takes away a field that curl would set.
		}
		name = strings.TrimSpace(name)
		if !im.carried(name, value, t) {
			continue
		}
		if f := findField(all, name); f != nil {
			f.values = append(f.values, value)
			continue
		}
		all = append(all, &field{name, []string{value}})
	}
	if c.json && findField(all, "Accept") == nil {
		all = append(all, &field{"Accept", []string{jsonType}})
	}
	if len(c.cookies) > 0 {
		all = im.cookies(c, all)
	}
	return all, nil
}

// carried reports whether a field is one that a Function can set.
func (im *importer) carried(name, value string, t *target) bool {
	lower := strings.ToLower(name)
	switch {
	case slices.Contains(ofConnection, lower):
	case strings.HasPrefix(lower, "proxy-"):
		im.leave("the header %s: it is for a proxy", shown(name))
	case lower == "host":
		if !strings.EqualFold(value, t.authority) {
			im.leave("the header Host: egret sends the host of the URL")
		}
	case lower == "idempotency-key":
		im.leave("the value of the header Idempotency-Key: each call gets one of its own")
		return true
	default:
		return true
	}
	return false
}

// cookies adds the cookies of -b. What has no = is a file.
func (im *importer) cookies(c *command, all []*field) []*field {
	var pairs []string
	for _, text := range c.cookies {
		if !strings.Contains(text, "=") && !hasSlot(text) {
			im.leave("--cookie: a file of cookies is not read")
			continue
		}
		pairs = append(pairs, text)
	}
	if len(pairs) == 0 || findField(all, "Cookie") != nil {
		return all
	}
	return append(all, &field{"Cookie", []string{strings.Join(pairs, "; ")}})
}

func findField(all []*field, name string) *field {
	for _, f := range all {
		if strings.EqualFold(f.name, name) {
			return f
		}
	}
	return nil
}

// headerValue gives the template of a field's value, with its credential taken
// out.
func (im *importer) headerValue(name, value string) string {
	where := "the header " + shown(name)
	if strings.EqualFold(name, "Cookie") {
		return im.credential(value, configs.Header, "cookie", "what "+where+" has")
	}
	if !isSecret(name) {
		return im.hide(value, configs.Header, where)
	}
	words := name
	scheme, rest, ok := strings.Cut(value, " ")
	if rest = strings.TrimSpace(rest); ok && rest != "" && isScheme(name, scheme) {
		if strings.EqualFold(name, "Authorization") {
			words = "token"
		}
		return scheme + " " + im.credential(rest, configs.Header, words, "what stands behind "+scheme+" in "+where)
	}
	return im.credential(value, configs.Header, words, "what "+where+" has")
}

// isScheme reports whether the first word of a value names a scheme of
// authentication. In Authorization it does, RFC 9110 section 11.4.
func isScheme(name, word string) bool {
	known := []string{"bearer", "token", "basic", "apikey", "key", "jwt", "ssws", "genie", "bot"}
	if hasSlot(word) || len(word) > 24 || strings.ContainsFunc(word, func(r rune) bool { return !isTokenRune(r) }) {
		return false
	}
	return strings.EqualFold(name, "Authorization") && len(word) <= 16 && !strings.ContainsAny(word, "0123456789=") || slices.Contains(known, strings.ToLower(word))
}

func isTokenRune(r rune) bool {
	return r < 0x80 && (r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("!#$%&'*+-.^_`|~", r))
}

// basicOf reads the credentials of the scheme Basic, RFC 7617.
func basicOf(value string) (pair string, ok bool) {
	scheme, rest, _ := strings.Cut(value, " ")
	if !strings.EqualFold(scheme, "Basic") || hasSlot(rest) {
		return "", false
	}
	text, err := base64.StdEncoding.DecodeString(strings.TrimSpace(rest))
	if err != nil || !strings.Contains(string(text), ":") || hasSlot(string(text)) {
		return "", false
	}
	return string(text), true
}

// checkScheme refuses credentials that are good for one request.
func checkScheme(value string) error {
	scheme, _, _ := strings.Cut(value, " ")
	if slices.Contains(signed, strings.ToLower(scheme)) {
		return fmt.Errorf("the header Authorization signs one request by %s, which egret cannot make", strings.ToLower(scheme))
	}
	return nil
}

// shown is a name for a comment.
func shown(name string) string { return yamltext.Safe(withoutSlots(name)) }
