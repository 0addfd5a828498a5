package proxy

import (
	"net/netip"

	"github.com/egret-proxy/egret/functions"
	"github.com/egret-proxy/egret/proxy/wire"
)

// isCoded reports whether a body is in a content coding, in which a value could
// come back unseen.
func isCoded(fields []wire.Field) bool {
	for i := range fields {
		if f := &fields[i]; f.Kind == wire.ContentEncoding && len(f.Value) > 0 && !wire.EqualFold(f.Value, "identity") {
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
