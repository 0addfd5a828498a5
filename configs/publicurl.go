package configs

import (
	"errors"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// decodePublicURL reads how verifiers reach the public keys.
func decodePublicURL(d *decoder, n *node, c *Config) {
	x, ok := d.setting(n)
	if !ok || x.unset {
		return
	}
	public, err := parsePublicURL(x.text())
	if err != nil {
		d.wrong(x, 0, err.Error(), "write it as in https://egret.acme.test")
		return
	}
	c.PublicURL = public
}

// publicURL is a scheme, a host with its port, and a path (RFC 3986 section
// 3.3).
var publicURL = regexp.MustCompile(`^[^/:?#]+://[^/?#%\\\s]*(/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*)?$`)

// parsePublicURL gives the one form of a URL that others are appended to: the
// host in its canonical form, and no slash at the end.
func parsePublicURL(s string) (string, error) {
	u, err := url.Parse(s)
	switch {
	case err != nil:
		return "", errors.New("this is no URL")
	case u.Scheme != "https" && u.Scheme != "http":
		return "", errors.New("the scheme of a URL is https or http")
	case u.User != nil:
		return "", errors.New("a public URL has no user")
	case strings.ContainsAny(s, "?#"):
		return "", errors.New("a public URL has no query and no fragment")
	case u.Host != "" && !publicURL.MatchString(s):
		return "", errors.New("this is no URL")
	}
	host := u.Hostname()
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if host, err = CanonicalHost(host); err != nil {
		return "", err
	}
	authority := host
	if strings.Contains(host, ":") {
		authority = "[" + host + "]"
	}
	if port := u.Port(); port != "" {
		number, err := strconv.ParseUint(port, 10, 16)
		if err != nil || number == 0 {
			return "", errors.New("the port is not between 1 and 65535")
		}
		authority += ":" + strconv.FormatUint(number, 10)
	}
	return u.Scheme + "://" + authority + strings.TrimRight(u.EscapedPath(), "/"), nil
}
