package proxy

import (
	"bytes"
	"net"
	"net/netip"
	"net/url"
	"strings"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/functions"
	"github.com/egret-proxy/egret/proxy/wire"
)

// checkOrigin refuses requests that a web page made: by its name (a foreign
// Origin, a Sec-Fetch-Site of another site), and by DNS rebinding (a Host that
// is not this listener, nor public_url). The Host is checked where no client's
// key protects the listener. A page that came without TLS is another origin than
// a listener with it: RFC 6454 section 4. Whatever is refused here never reaches a
// Function.
func checkOrigin(h *head, cfg *configs.Config, open, secure bool) error {
	host, found := h.only(wire.Host)
	if found != 1 {
		return malformed("the request has no Host field")
	}
	if open && !isLoopback(host) && !isOwnHost(string(host), cfg.Listen.Address) && !isPublicHost(string(host), cfg.PublicURL) {
		return functions.Refuse(functions.HostRejected, "the Host field names another host than this listener")
	}
	for i := range h.fields {
		switch f := &h.fields[i]; f.Kind {
		case wire.Origin:
			u, err := url.Parse(string(f.Value))
			if err != nil || u.Host == "" || !strings.EqualFold(u.Host, string(host)) || secure && u.Scheme != "https" {
				return functions.Refuse(functions.HostRejected, "the request comes from a page of another origin")
			}
		case wire.SecFetchSite:
			if site := string(f.Value); site != "same-origin" && site != "none" {
				return functions.Refuse(functions.HostRejected, "the request comes from a page of another site")
			}
		default: // says nothing of a page
		}
	}
	return nil
}

// isLoopback reports whether a Host field has one of the two texts that nearly
// every local client sends, with a port or without.
func isLoopback(host []byte) bool {
	if colon := bytes.IndexByte(host, ':'); colon >= 0 {
		for _, c := range host[colon+1:] {
			if c < '0' || c > '9' {
				return false
			}
		}
		host = host[:colon]
	}
	return string(host) == "127.0.0.1" || string(host) == "localhost"
}

// isOwnHost reports whether a Host field names loopback, or the address that
// egret was told to listen on.
func isOwnHost(authority, listen string) bool {
	host, err := hostOf(authority)
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
	return err == nil && host == own && !strings.HasPrefix(listen, "unix:")
}

// isPublicHost reports whether a Host field names the host of public_url, on any
// port: what stands before egret may listen on another one.
func isPublicHost(authority, public string) bool {
	u, err := url.Parse(public)
	if err != nil || u.Host == "" {
		return false
	}
	host, err := hostOf(authority)
	return err == nil && host == u.Hostname()
}

// hostOf gives the canonical host of a Host field, which may have a port.
func hostOf(authority string) (string, error) {
	host := authority
	if h, _, err := net.SplitHostPort(authority); err == nil {
		host = h
	}
	return configs.CanonicalHost(strings.Trim(host, "[]"))
}
