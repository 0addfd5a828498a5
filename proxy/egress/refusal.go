package egress

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"syscall"

	"github.com/egret-proxy/egret/functions"
)

// refusal is the error of a dial to host as a caller may see it.
func refusal(ctx context.Context, host string, err error) *functions.Refusal {
	if own, ok := errors.AsType[*functions.Refusal](err); ok {
		return withRemedy(host, own)
	}
	if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, context.DeadlineExceeded) {
		if own, ok := errors.AsType[*functions.Refusal](cause); ok {
			return own
		}
		return &functions.Refusal{Code: functions.UpstreamUnreachable, Detail: "the call was cancelled before the upstream was connected", Cause: cause}
	}
	code, detail, kind := classify(ctx, err)
	return &functions.Refusal{Code: code, Detail: detail, ProxyError: kind, Loss: functions.Unsent, Cause: err}
}

// withRemedy adds to a refusal for a private address what would permit it. Of
// the address it says only what the caller has written itself.
func withRemedy(host string, r *functions.Refusal) *functions.Refusal {
	if r.Code != functions.PrivateAddress {
		return r
	}
	refused := *r
	refused.Remedy = "egress: {allow_private: [<the range of " + host + ">]}"
	if addr, err := netip.ParseAddr(host); err == nil {
		addr = plain(addr)
		refused.Remedy = remedy("allow_private", netip.PrefixFrom(addr, addr.BitLen()).String())
	}
	return &refused
}

// classify gives the code, a sentence, and the error type of RFC 9209 section
// 2.3 for an error of package net.
func classify(ctx context.Context, err error) (functions.Code, string, string) {
	late := ctx.Err() != nil || errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, syscall.ETIMEDOUT)
	lookup, dns := errors.AsType[*net.DNSError](err)
	switch {
	case dns && (lookup.IsTimeout || late):
		return functions.UpstreamTimeout, "the name of the upstream was not resolved in time", "dns_timeout"
	case dns:
		return functions.UpstreamUnreachable, "the name of the upstream cannot be resolved", "dns_error"
	case late:
		return functions.UpstreamTimeout, "the upstream was not connected in time", "connection_timeout"
	case errors.Is(err, syscall.ECONNREFUSED):
		return functions.UpstreamUnreachable, "the upstream refused the connection", "connection_refused"
	}
	return functions.UpstreamUnreachable, "the upstream cannot be connected", "destination_unavailable"
}
