package proxy

import (
	"net/netip"
	"strings"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/functions"
	"github.com/egret-proxy/egret/templates"
)

// secretsOf lists the token caches that name a host: their values must not come
// back from it. Those that a reload has changed or removed are among them while
// a value of theirs may still be alive.
func (rt *runtime) secretsOf(host string, port uint16) []*configs.Cache {
	var list []*configs.Cache
	for _, caches := range [][]configs.Cache{rt.cfg.Caches, rt.server.retiredCaches()} {
		for i := range caches {
			if cache := &caches[i]; cache.Kind == configs.TokenCache && cache.Names(host, port) {
				list = append(list, cache)
			}
		}
	}
	return list
}

// isCoded reports whether a body is in a content coding, in which a value could
// come back unseen.
func isCoded(fields []templates.Field) bool {
	for _, f := range fields {
		if strings.EqualFold(f.Name, "Content-Encoding") && f.Value != "" && !strings.EqualFold(f.Value, "identity") {
			return true
		}
	}
	return false
}

// coded refuses an answer that cannot be searched.
func coded() *functions.Refusal {
	return &functions.Refusal{
		Code:       functions.UpstreamProtocol,
		Detail:     "the upstream coded its answer although it was asked not to, so it cannot be searched for values",
		ProxyError: "http_response_content_coding",
	}
}

// literalAddress gives the address of a host that is one, or is localhost. Of
// any other name the address is not known before it is dialled.
func literalAddress(host string, port uint16) (netip.AddrPort, bool) {
	if host == "localhost" {
		host = "127.0.0.1"
	}
	addr, err := netip.ParseAddr(host)
	return netip.AddrPortFrom(addr, port), err == nil
}
