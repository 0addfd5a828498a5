package proxy

import (
	"net"
	"strconv"
	"strings"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/functions"
)

// A target is where a forwarded request or a tunnel goes: what its absolute form,
// its gateway path or its CONNECT names. The Host field that came with it decides
// nothing (RFC 9112 section 3.2.2).
type target struct {
	host      string // canonical: lower case, no trailing dot, no brackets
	port      uint16
	authority string // for the Host field
	secure    bool   // by https
}

// scheme is "http" or "https".
func (t *target) scheme() string {
	if t.secure {
		return "https"
	}
	return "http"
}

// portText is a port in decimal digits.
func portText(port uint16) string { return strconv.Itoa(int(port)) }

// schemePort is the port of a URL that names none.
func schemePort(secure bool) uint16 {
	if secure {
		return 443
	}
	return 80
}

// parseTunnel reads a target in authority form, which names its port: RFC 9110
// section 9.3.6.
func parseTunnel(text string) (*target, error) {
	if strings.Contains(text, "/") {
		return nil, malformed("the target of a CONNECT is a host and a port, and nothing else")
	}
	return parseAuthority(text, 0)
}

// parseAuthority reads host and port; without a defaultPort the port must be
// there. Nothing that another reader could take for a different host passes.
func parseAuthority(text string, defaultPort uint16) (*target, error) {
	if strings.Contains(text, "@") {
		return nil, malformed("the target holds user information")
	}
	host, port := text, ""
	if i := strings.LastIndexByte(text, ':'); i > strings.LastIndexByte(text, ']') {
		host, port = text[:i], text[i+1:]
	}
	switch {
	case host == "":
		return nil, malformed("the target has no host")
	case port == "" && (host != text || defaultPort == 0):
		return nil, malformed("the target's port is empty")
	}
	bracketed := strings.HasPrefix(host, "[") && strings.HasSuffix(host, "]")
	if bracketed {
		host = host[1 : len(host)-1]
	}
	canonical, err := configs.CanonicalHost(host)
	if err != nil || bracketed != strings.Contains(canonical, ":") {
		return nil, functions.Refuse(functions.HostRejected, "the target's host is neither a name nor a canonical IP address")
	}
	t := &target{host: canonical, port: defaultPort, authority: canonical}
	if bracketed {
		t.authority = "[" + canonical + "]"
	}
	if port != "" {
		number, err := strconv.ParseUint(port, 10, 16)
		if err != nil || number == 0 || port[0] == '0' || port[0] == '+' {
			return nil, malformed("the target's port is not a number from 1 to 65535")
		}
		t.port = uint16(number)
		if t.port != defaultPort {
			t.authority = net.JoinHostPort(canonical, port)
		}
	}
	return t, nil
}
