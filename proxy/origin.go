package proxy

import (
	"net"
	"net/netip"
	"net/url"
	"strings"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/functions"
)

// checkOrigin refuses requests that a web page made: by its name (a foreign
// Origin, a Sec-Fetch-Site of another site), and by DNS rebinding (a Host that
// is not this listener). The Host is checked where no client's key protects the
// listener. Whatever is refused here never reaches a Function.
func checkOrigin(h *head, listen string, open bool) error {
	hosts := h.values("Host")
	if len(hosts) != 1 {
		return malformed("the request has no Host field")
	}
	if open && !isOwnHost(hosts[0], listen) {
		return functions.Refuse(functions.HostRejected, "the Host field names another host than this listener")
	}
	for _, origin := range h.values("Origin") {
		if u, err := url.Parse(origin); err != nil || u.Host == "" || !strings.EqualFold(u.Host, hosts[0]) {
			return functions.Refuse(functions.HostRejected, "the request comes from a page of another origin")
		}
	}
	for _, site := range h.values("Sec-Fetch-Site") {
		if site != "same-origin" && site != "none" {
			return functions.Refuse(functions.HostRejected, "the request comes from a page of another site")
		}
	}
	return nil
}

// isOwnHost reports whether a Host field names loopback, or the address that
// egret was told to listen on.
func isOwnHost(authority, listen string) bool {
	host := authority
	if h, _, err := net.SplitHostPort(authority); err == nil {
		host = h
	}
	host, err := configs.CanonicalHost(strings.Trim(host, "[]"))
	if err != nil {
		return false
	}
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	if addr, err := netip.ParseAddr(host); err == nil && addr.Unmap().IsLoopback() {
		return true
	}
	own, _, err := net.SplitHostPort(listen)
	return err == nil && host == own
}
