package configs

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"golang.org/x/net/idna"
)

// CanonicalHost gives the one form in which egret compares hosts: a name in
// lower case without a trailing dot, or an IP address as [netip.Addr.String]
// writes it, without brackets. An IPv4 address inside IPv6 becomes the IPv4
// address, because that is what is dialled.
//
// What looks like a number but is no canonical address (2130706433, 0x7f.1,
// 127.1, 0177.0.0.1) is an error, because resolvers disagree on what it means.
// So is a zone, and a name outside ASCII.
func CanonicalHost(s string) (string, error) {
	if inner, ok := strings.CutPrefix(s, "["); ok {
		inner, ok = strings.CutSuffix(inner, "]")
		addr, err := netip.ParseAddr(inner)
		if !ok || err != nil || addr.Is4() || addr.Zone() != "" {
			return "", fmt.Errorf("%q is no IPv6 address", s)
		}
		return addr.Unmap().String(), nil
	}
	if strings.Contains(s, ":") {
		addr, err := netip.ParseAddr(s)
		if err != nil || addr.Zone() != "" {
			return "", fmt.Errorf("%q is no host", s)
		}
		return addr.Unmap().String(), nil
	}
	return canonicalName(s)
}

// canonicalName is CanonicalHost for what is not IPv6.
func canonicalName(s string) (string, error) {
	name := strings.ToLower(strings.TrimSuffix(s, "."))
	if addr, err := netip.ParseAddr(name); err == nil {
		return addr.String(), nil
	}
	if err := checkName(name); err != nil {
		return "", err
	}
	if endsInNumber(name) {
		return "", fmt.Errorf("%q is a number but no canonical IP address", s)
	}
	return name, nil
}

// checkName checks the letters and lengths of RFC 1123 section 2.1. The
// underscore is let pass, as names of services have it.
func checkName(name string) error {
	if name == "" {
		return errors.New("the host is empty")
	}
	if len(name) > 253 {
		return errors.New("the host is longer than 253 characters")
	}
	for label := range strings.SplitSeq(name, ".") {
		if label == "" {
			return fmt.Errorf("%q has an empty label", name)
		}
		if len(label) > 63 {
			return fmt.Errorf("%q has a label longer than 63 characters", name)
		}
	}
	for _, r := range name {
		if r > 0x7e {
			return asciiForm(name)
		}
		if !isNameByte(byte(r)) {
			return fmt.Errorf("%q has a %q, which no host has", name, r)
		}
	}
	return nil
}

// asciiForm says how to write a name that is outside ASCII.
func asciiForm(name string) error {
	ascii, err := idna.Lookup.ToASCII(name)
	if err != nil {
		return fmt.Errorf("%q is no host", name)
	}
	return fmt.Errorf("%q is not ASCII, write %s", name, ascii)
}

func isNameByte(c byte) bool {
	switch {
	case 'a' <= c && c <= 'z', '0' <= c && c <= '9':
		return true
	}
	return c == '-' || c == '_' || c == '.'
}

// endsInNumber is the test of the WHATWG URL standard, section 3.5, for a host
// that somebody will read as an IPv4 address.
func endsInNumber(name string) bool {
	last := name[strings.LastIndexByte(name, '.')+1:]
	if hex, ok := strings.CutPrefix(last, "0x"); ok {
		return strings.Trim(hex, "0123456789abcdef") == ""
	}
	return strings.Trim(last, "0123456789") == ""
}

// isLoopback reports whether a canonical host is the machine itself as it is
// written, without asking a resolver.
func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.IsLoopback()
}
