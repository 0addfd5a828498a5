package egress

import (
	"net"
	"net/netip"
)

// Owns reports whether addr leads to one of egret's own listeners. A listener
// on 0.0.0.0 or [::] owns its port on every address of the machine, and so does
// dialling 0.0.0.0 or [::] reach a listener on any of them. When the addresses
// of the machine cannot be had, every address counts as one of them.
func (g *Guard) Owns(addr netip.AddrPort) bool {
	if g.own == nil {
		return false
	}
	target := plain(addr.Addr())
	for _, own := range g.own() {
		if own.Port() != addr.Port() {
			continue
		}
		listener := plain(own.Addr())
		if listener == target || target.IsUnspecified() || listener.IsUnspecified() && local(target) {
			return true
		}
	}
	return false
}

// local reports whether a is an address of this machine.
func local(a netip.Addr) bool {
	if a.IsLoopback() {
		return true
	}
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return true
	}
	for _, addr := range addrs {
		if prefix, err := netip.ParsePrefix(addr.String()); err == nil && plain(prefix.Addr()) == a {
			return true
		}
	}
	return false
}
