package proxy

import (
	"bytes"

	"github.com/egret-proxy/egret/proxy/wire"
)

// A protocol is what a text is the beginning of.
type protocol uint8

const (
	unclearProtocol protocol = iota
	tlsProtocol
	httpProtocol // a request line of HTTP/1
	otherProtocol
)

// recordHandshake is the type of the first record of TLS: RFC 8446 section 5.1.
const recordHandshake = 22

// longestMethod is more than the methods that there are have.
const longestMethod = 32

// protocolOf tells what text is the beginning of.
func protocolOf(text []byte) protocol {
	if len(text) > 0 && text[0] == recordHandshake {
		return tlsProtocol
	}
	method, rest, found := bytes.Cut(text, []byte(" "))
	switch {
	case len(text) == 0:
		return unclearProtocol
	case len(method) > longestMethod, !wire.IsToken(string(method)):
		return otherProtocol
	case !found:
		return unclearProtocol
	}
	target, version, found := bytes.Cut(rest, []byte(" "))
	for _, c := range target {
		if c <= ' ' || c == 0x7f {
			return otherProtocol
		}
	}
	const http = "HTTP/1."
	switch {
	case found && len(target) == 0:
		return otherProtocol
	case !found, len(version) < len(http) && bytes.HasPrefix([]byte(http), version):
		return unclearProtocol
	case bytes.HasPrefix(version, []byte(http)):
		return httpProtocol
	}
	return otherProtocol
}
