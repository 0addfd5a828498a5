package egress

import (
	"fmt"
	"net/netip"

	"code.dny.dev/ssrf"

	"github.com/egret-proxy/egret/functions"
)

// A Guard judges addresses at the moment they are dialled. It is safe for
// concurrent use.
type Guard struct {
	allow  []netip.Prefix
	own    func() []netip.AddrPort
	public *ssrf.Guardian
}

// NewGuard makes a Guard. allowPrivate are the prefixes of addresses that are
// permitted although they are not public. own gives the addresses that egret
// listens on, and is asked at each check, because they are known only once
// egret listens; it may be nil.
func NewGuard(allowPrivate []netip.Prefix, own func() []netip.AddrPort) *Guard {
	g := &Guard{own: own, public: ssrf.New(ssrf.WithAnyPort(), ssrf.WithAnyNetwork())}
	for _, p := range allowPrivate {
		g.allow = append(g.allow, unmapPrefix(p))
	}
	return g
}

// Check says whether addr may be dialled under grant. The error is a
// [*functions.Refusal]: loop for an address of egret itself, private_address
// for one that is not public, cleartext_denied for plain HTTP beyond loopback.
// Only its Cause, which the operator sees, has the address: a caller could
// otherwise read the internal network out of the answers.
func (g *Guard) Check(addr netip.AddrPort, grant Grant) error {
	if g.Owns(addr) {
		return &functions.Refusal{
			Code:       functions.Loop,
			Detail:     "the request leads back to egret",
			ProxyError: "proxy_loop_detected",
			Cause:      fmt.Errorf("address %s is egret's own", addr),
		}
	}
	if !g.permits(addr.Addr(), grant) {
		return &functions.Refusal{
			Code:       functions.PrivateAddress,
			Detail:     "the address of the host is not public",
			ProxyError: "destination_ip_prohibited",
			Cause:      fmt.Errorf("address %s is not public", addr.Addr()),
			Rule:       "egress.allow_private",
		}
	}
	if !grant.TLS && !grant.Cleartext && !addr.Addr().Unmap().IsLoopback() {
		return &functions.Refusal{
			Code:   functions.CleartextDenied,
			Detail: "the request carries a value that is not sent over plain http",
			Cause:  fmt.Errorf("address %s is not loopback", addr.Addr()),
		}
	}
	return nil
}

// permits reports whether a may be dialled, its port aside.
func (g *Guard) permits(a netip.Addr, grant Grant) bool {
	zoned := a.Zone() != ""
	a = plain(a)
	inner, tunnelled := embedded(a)
	if tunnelled && !g.permits(inner, grant) {
		// Who is allowed a NAT64 prefix is not thereby allowed everything
		// that a translator behind it reaches.
		return g.exactly(a)
	}
	switch {
	case metadata[a]:
		return g.exactly(a)
	case !zoned && g.public.SafeAddr(a) == nil:
		return true
	}
	return grant.Literal || g.allowed(a)
}

// allowed reports whether a prefix of allow_private has a.
func (g *Guard) allowed(a netip.Addr) bool {
	for _, p := range g.allow {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// exactly reports whether a is written out in allow_private.
func (g *Guard) exactly(a netip.Addr) bool {
	for _, p := range g.allow {
		if p.IsSingleIP() && p.Addr() == a {
			return true
		}
	}
	return false
}
