package configs

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// A HostPattern is what a file writes where it names hosts: a name, an IP
// literal (IPv6 in brackets when a port follows), or *.suffix, which is every
// name below the suffix at any depth and not the suffix itself. It may end in
// :port, or in :* for every port; otherwise the ports 443 and 80 are meant.
//
// The zero value matches nothing.
type HostPattern struct {
	host string // canonical; a suffix has its leading dot
	port uint16 // 0 without one
	kind portKind
	wild bool
	ip   bool
}

// A portKind says which ports a pattern matches.
type portKind uint8

const (
	webPorts portKind = iota // 443 and 80
	onePort
	anyPort
)

// ParseHostPattern reads a pattern.
func ParseHostPattern(s string) (HostPattern, error) {
	host, port, err := cutPort(s)
	if err != nil {
		return HostPattern{}, err
	}
	p := HostPattern{}
	if p.port, p.kind, err = parsePort(port); err != nil {
		return HostPattern{}, err
	}
	suffix, wild := strings.CutPrefix(host, "*.")
	if strings.Contains(suffix, "*") {
		return HostPattern{}, fmt.Errorf("%q has a * that does not stand for all names below a suffix, as in *.example.com", s)
	}
	if p.host, err = CanonicalHost(suffix); err != nil {
		return HostPattern{}, err
	}
	_, notIP := netip.ParseAddr(p.host)
	p.ip = notIP == nil
	if wild {
		if p.ip {
			return HostPattern{}, fmt.Errorf("%q has a * before an IP address", s)
		}
		p.wild, p.host = true, "."+p.host
	}
	return p, nil
}

// cutPort separates the port, which is "" when there is none.
func cutPort(s string) (host, port string, err error) {
	if strings.Contains(s, "://") {
		return "", "", fmt.Errorf("%q is a URL, write its host", s)
	}
	if strings.Contains(s, "/") {
		return "", "", fmt.Errorf("%q has a path, write the host alone", s)
	}
	if addr, err := netip.ParseAddr(s); err == nil && addr.Is6() {
		return s, "", nil
	}
	end := strings.LastIndexByte(s, ':')
	if end < strings.LastIndexByte(s, ']') {
		end = -1
	}
	if end < 0 {
		return s, "", nil
	}
	host, port = s[:end], s[end+1:]
	if port == "" {
		return "", "", fmt.Errorf("%q has no port after the colon", s)
	}
	if strings.Contains(host, ":") && !strings.HasPrefix(host, "[") {
		return "", "", fmt.Errorf("%q has too many colons, put an IPv6 address into brackets", s)
	}
	return host, port, nil
}

func parsePort(s string) (uint16, portKind, error) {
	switch s {
	case "":
		return 0, webPorts, nil
	case "*":
		return 0, anyPort, nil
	}
	n, err := strconv.ParseUint(s, 10, 16)
	if err != nil || n == 0 || s[0] == '+' {
		return 0, 0, errors.New("the port is not between 1 and 65535")
	}
	return uint16(n), onePort, nil
}

// Match reports whether the pattern names this host and port. The host must be
// as [CanonicalHost] gives it; in any other form it does not match.
func (p HostPattern) Match(host string, port uint16) bool {
	return p.matchPort(port) && p.matchHost(host)
}

func (p HostPattern) matchHost(host string) bool {
	if p.wild {
		return len(host) > len(p.host) && strings.HasSuffix(host, p.host)
	}
	return p.host != "" && host == p.host
}

func (p HostPattern) matchPort(port uint16) bool {
	switch p.kind {
	case anyPort:
		return true
	case onePort:
		return port == p.port
	case webPorts:
		return port == 443 || port == 80
	}
	return false
}

// Key is what the hosts that the pattern names are, or for *.suffix what they
// end with: the suffix and the dot before it.
func (p HostPattern) Key() string { return p.host }

// Literal reports whether the pattern is an IP literal or localhost: an address
// that is permitted by being written out.
func (p HostPattern) Literal() bool {
	return !p.wild && (p.ip || p.host == "localhost")
}

// String gives the canonical text, which parses to the same pattern.
func (p HostPattern) String() string {
	host := p.host
	if p.wild {
		host = "*" + host
	}
	if p.ip && p.kind != webPorts && strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	switch p.kind {
	case onePort:
		return host + ":" + strconv.Itoa(int(p.port))
	case anyPort:
		return host + ":*"
	case webPorts:
	}
	return host
}

// MarshalText gives the same as String.
func (p HostPattern) MarshalText() ([]byte, error) { return []byte(p.String()), nil }
