package templates

import (
	"net/netip"
	"strconv"
	"strings"
)

// parseOrigin reads scheme and authority, and gives where the path begins.
func (t *urlText) parseOrigin() (*URL, int, *SyntaxError) {
	scheme, _, ok := strings.Cut(t.text, "://")
	if !ok || strings.ContainsAny(scheme, "/?") {
		return nil, 0, t.wrong(0, len(t.text), "a URL begins with https:// or http://", "")
	}
	start := len(scheme) + len("://")
	end := len(t.text)
	if at := strings.IndexAny(t.text[start:], "/?"); at >= 0 {
		end = start + at
	}
	if at := strings.IndexByte(t.text[:end], mask); at >= 0 {
		p := t.placeholder(at)
		return nil, 0, t.wrong(p.Offset, p.Length, "a placeholder cannot stand in the scheme, host or port", "")
	}
	u := &URL{scheme: strings.ToLower(scheme)}
	if u.scheme != "http" && u.scheme != "https" {
		return nil, 0, t.wrong(0, len(scheme), "the scheme of a URL is https or http", "")
	}
	if at := strings.IndexByte(t.text[start:end], '@'); at >= 0 {
		return nil, 0, t.wrong(start, at+1, "a URL cannot hold a user name or password", "use the header Authorization")
	}
	if err := t.parseAuthority(u, start, end); err != nil {
		return nil, 0, err
	}
	u.origin = t.cut(0, end, PathSegment)
	return u, end, nil
}

func (t *urlText) parseAuthority(u *URL, start, end int) *SyntaxError {
	host, port, hasPort := cutPort(t.text[start:end])
	var problem string
	if u.host, problem = canonicalHost(host); problem != "" {
		return t.wrong(start, len(host), problem, "")
	}
	if hasPort && !validPort(port) {
		return t.wrong(start+len(host)+1, len(port), "a port is a number from 1 to 65535", "")
	}
	u.port = port
	u.authority = u.host
	if strings.Contains(u.host, ":") {
		u.authority = "[" + u.host + "]"
	}
	if hasPort {
		u.authority += ":" + port
	}
	return nil
}

// cutPort leaves the brackets of an IPv6 address on the host.
func cutPort(authority string) (host, port string, found bool) {
	at := strings.LastIndexByte(authority, ':')
	bracket := strings.LastIndexByte(authority, ']')
	if at < 0 || at < bracket || bracket < 0 && strings.HasPrefix(authority, "[") {
		return authority, "", false
	}
	return authority[:at], authority[at+1:], true
}

func validPort(s string) bool {
	n, err := strconv.ParseUint(s, 10, 16)
	return err == nil && n > 0 && s[0] != '0'
}

// canonicalHost gives a host as egret compares it: a name in lower case without
// a trailing dot, or an IP address in its one usual form. Whatever readers of
// URLs understand in different ways, such as 127.1 or 0x7f.0.0.1, is a problem.
func canonicalHost(s string) (host, problem string) {
	if s == "" {
		return "", "a URL needs a host"
	}
	host = strings.ToLower(s)
	if host[0] == '[' {
		host = strings.TrimSuffix(host[1:], "]")
		addr, err := netip.ParseAddr(host)
		if err != nil || !addr.Is6() || addr.Zone() != "" || addr.String() != host || len(host) != len(s)-2 {
			return "", "the host is no IPv6 address in its shortest form"
		}
		return host, ""
	}
	host = strings.TrimSuffix(host, ".")
	if isNumeric(host[strings.LastIndexByte(host, '.')+1:]) {
		addr, err := netip.ParseAddr(host)
		if err != nil || addr.String() != host {
			return "", "the host looks like an IPv4 address but is not four decimal numbers"
		}
		return host, ""
	}
	if !isName(host) {
		return "", "the host is no name of letters, digits, hyphens and dots"
	}
	return host, ""
}

// isNumeric tells a last label that readers take for a part of an IPv4 address.
func isNumeric(label string) bool {
	if digits, hex := strings.CutPrefix(label, "0x"); hex {
		return strings.Trim(digits, "0123456789abcdef") == ""
	}
	return label != "" && strings.Trim(label, "0123456789") == ""
}

// isName follows RFC 1123 section 2.1 and the limits of RFC 1035 section 2.3.4.
func isName(host string) bool {
	if len(host) > 253 {
		return false
	}
	for label := range strings.SplitSeq(host, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for i := 0; i < len(label); i++ {
			if !alphanumeric(label[i]) && label[i] != '-' {
				return false
			}
		}
	}
	return true
}
