package curl

import (
	"errors"
	"net/netip"
	"net/url"
	"strings"

	"github.com/egret-proxy/egret/configs"
)

// A target is the URL of a request, taken apart.
type target struct {
	scheme    string
	authority string // host and port
	path      string // with its slash, percent-encoded
	query     string // without the question mark
	user      string // of its userinfo
	hasUser   bool
}

// parseTarget reads the one URL of a command. As curl, it drops a fragment.
func (im *importer) parseTarget(c *command) (*target, error) {
	switch {
	case len(c.urls) == 0:
		return nil, errors.New("the command has no URL")
	case len(c.urls) > 1:
		return nil, errors.New("the command has several URLs, or a word that is none: a Function sends one request")
	}
	text, _, _ := strings.Cut(strings.TrimSpace(c.urls[0]), "#")
	t := &target{}
	scheme, rest, ok := strings.Cut(text, "://")
	switch t.scheme = strings.ToLower(scheme); {
	case !ok:
		t.scheme, rest = "", text
	case hasSlot(scheme):
		return nil, errors.New("the URL begins with a variable: write its scheme and host into the command")
	case t.scheme != "http" && t.scheme != "https":
		return nil, errors.New("the URL has another scheme than http and https")
	}
	end := strings.IndexAny(rest, "/?")
	if end < 0 {
		end = len(rest)
	}
	t.authority, t.path = rest[:end], rest[end:]
	if at := strings.LastIndexByte(t.authority, '@'); at >= 0 {
		t.user, t.hasUser, t.authority = t.authority[:at], true, t.authority[at+1:]
	}
	t.path, t.query, _ = strings.Cut(t.path, "?")
	if t.path == "" {
		t.path = "/"
	}
	if !c.globoff && (strings.ContainsAny(t.path+t.query, "{}[]") || strings.ContainsAny(t.authority, "{}")) {
		return nil, errors.New("curl makes several requests of {…} and […] in a URL: write one URL, or --globoff")
	}
	if t.authority == "" {
		return nil, errors.New("the URL has no host")
	}
	if t.scheme == "" {
		im.guessScheme(t)
	}
	return t, nil
}

// guessScheme stands for a scheme that is left out. Curl takes http; a credential
// should not go over the net like that.
func (im *importer) guessScheme(t *target) {
	if t.scheme = "https"; isLoopback(t.authority) {
		t.scheme = "http"
		return
	}
	im.leave("the URL has no scheme: curl takes http, here it is https")
}

func isLoopback(authority string) bool {
	host := authority
	if at := strings.LastIndexByte(host, ':'); at > strings.LastIndexByte(host, ']') {
		host = host[:at]
	}
	address, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && address.IsLoopback() || strings.EqualFold(host, "localhost")
}

// url writes the target as a template, with slots for the credentials in it.
func (im *importer) url(t *target, extra []string) string {
	path := mapText(t.path, func(text string) string {
		found := findCredentials(text)
		for _, m := range pathShapes.FindAllStringIndex(text, -1) {
			found = append(found, finding{m[0], m[1], "webhook"})
		}
		return im.hideFound(text, apart(found), 0, "the path, where no cache ID may stand")
	})
	t.path = path // A name is made of it.
	var pairs []string
	if t.query != "" {
		pairs = strings.Split(t.query, "&")
	}
	for _, data := range extra {
		if data != "" {
			pairs = append(pairs, strings.Split(data, "&")...)
		}
	}
	for i := range pairs {
		pairs[i] = im.queryPair(pairs[i])
	}
	s := t.scheme + "://" + t.authority + path
	if len(pairs) > 0 {
		s += "?" + strings.Join(pairs, "&")
	}
	return s
}

// queryPair gives a parameter with its credential taken out.
func (im *importer) queryPair(pair string) string {
	rawName, raw, _ := strings.Cut(pair, "=")
	name, err := url.QueryUnescape(rawName)
	if err != nil {
		name = rawName
	}
	value, err := url.QueryUnescape(raw)
	if err != nil {
		value = raw
	}
	switch {
	case shapes.MatchString(rawName):
		return im.hide(pair, 0, "the query")
	case raw == "" || hasSlot(rawName):
		return pair
	case isSecret(name), shapes.MatchString(value), len(findCredentials(value)) > 0:
		return rawName + "=" + im.credential(value, configs.Query, name, "the parameter "+shown(name)+" of the query")
	}
	return pair
}

// encodeURL percent-encodes what cannot stand in a URL, and what would be syntax
// of templates. The host is left alone.
func encodeURL(s string) string {
	origin := strings.Index(s, "://") + 3
	end := strings.IndexAny(s[origin:], "/?")
	if end < 0 {
		return s
	}
	return s[:origin+end] + mapText(s[origin+end:], func(text string) string {
		var b strings.Builder
		for i := range len(text) {
			c := text[i]
			switch {
			case c == '%' && (i+2 >= len(text) || !isHex(text[i+1]) || !isHex(text[i+2])),
				c <= ' ', c >= 0x7f, strings.IndexByte(`"<>\^{|}[]`+"`", c) >= 0,
				c == '$' && i+1 == len(text):
				const digits = "0123456789ABCDEF"
				b.Write([]byte{'%', digits[c>>4], digits[c&15]})
			default:
				b.WriteByte(c)
			}
		}
		return b.String()
	})
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}
