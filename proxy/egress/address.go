package egress

import (
	"net/netip"
)

// metadata are the addresses at which clouds hand credentials to whoever asks.
// They are permitted only by being written out in allow_private. Most are not
// public in any case; 168.63.129.16 is.
var metadata = map[netip.Addr]bool{
	netip.MustParseAddr("169.254.169.254"): true, // AWS, Azure, Google, Oracle, DigitalOcean and others
	netip.MustParseAddr("169.254.170.2"):   true, // AWS ECS task credentials
	netip.MustParseAddr("169.254.170.23"):  true, // AWS EKS pod identity
	netip.MustParseAddr("169.254.169.123"): true, // AWS time service
	netip.MustParseAddr("169.254.0.23"):    true, // Tencent
	netip.MustParseAddr("169.254.42.42"):   true, // Scaleway
	netip.MustParseAddr("100.100.100.200"): true, // Alibaba
	netip.MustParseAddr("168.63.129.16"):   true, // Azure wire server
	netip.MustParseAddr("192.0.0.192"):     true, // Oracle
	netip.MustParseAddr("fd00:ec2::254"):   true, // AWS
	netip.MustParseAddr("fd00:ec2::23"):    true, // AWS EKS pod identity
	netip.MustParseAddr("fd20:ce::254"):    true, // Google
}

// plain is the address itself: not mapped into IPv6, and without a zone.
func plain(a netip.Addr) netip.Addr { return a.WithZone("").Unmap() }

// unmapPrefix is a prefix of IPv4-mapped addresses as one of IPv4.
func unmapPrefix(p netip.Prefix) netip.Prefix {
	if p.Addr().Is4In6() && p.Bits() >= 96 {
		return netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96).Masked()
	}
	return p.Masked()
}

// A carrier is a range of IPv6 addresses that hold an IPv4 address, which a
// translator or relay connects to.
type carrier struct {
	prefix netip.Prefix
	at     int  // of the first of the four bytes
	flip   bool // each bit is inverted
}

var carriers = []carrier{
	{prefix: netip.MustParsePrefix("64:ff9b::/96"), at: 12},          // NAT64, RFC 6052 section 2.1
	{prefix: netip.MustParsePrefix("64:ff9b:1::/48"), at: 12},        // local NAT64, RFC 8215
	{prefix: netip.MustParsePrefix("2002::/16"), at: 2},              // 6to4, RFC 3056 section 2
	{prefix: netip.MustParsePrefix("2001::/32"), at: 12, flip: true}, // Teredo, RFC 4380 section 4
	{prefix: netip.MustParsePrefix("::/96"), at: 12},                 // IPv4-compatible, RFC 4291 section 2.5.5.1
}

// embedded is the IPv4 address that a holds.
func embedded(a netip.Addr) (netip.Addr, bool) {
	if !a.Is6() || a == netip.IPv6Loopback() || a == netip.IPv6Unspecified() {
		return netip.Addr{}, false
	}
	for _, c := range carriers {
		if c.prefix.Contains(a) {
			return c.inner(a), true
		}
	}
	return netip.Addr{}, false
}

func (c carrier) inner(a netip.Addr) netip.Addr {
	bytes := a.As16()
	inner := [4]byte(bytes[c.at : c.at+4])
	if c.flip {
		for i := range inner {
			inner[i] ^= 0xff
		}
	}
	return netip.AddrFrom4(inner)
}
