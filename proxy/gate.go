package proxy

import (
	"errors"

	"github.com/egret-proxy/egret/functions"
	"github.com/egret-proxy/egret/proxy/wire"
)

// gate refuses what fasthttp's parser lets through and other servers read
// differently. What passes has one meaning only, to egret and to whoever reads
// it next.
func gate(h *head) error {
	switch {
	case string(h.proto) != "HTTP/1.1" && !h.http10:
		return functions.Refuse(functions.VersionNotSupported, "egret speaks HTTP/1.1")
	case !wire.IsToken(h.method):
		return malformed("the method is not a token")
	case errors.Is(h.fault, wire.ManyFields):
		return functions.Refuse(functions.HeadersTooLarge, "the request has too many header fields")
	case errors.Is(h.fault, wire.Coding):
		return functions.Refuse(functions.NotImplemented, "no Transfer-Encoding other than chunked is supported")
	case h.fault != nil:
		return malformed(h.fault.Error())
	}
	if err := gateFields(h); err != nil {
		return err
	}
	if err := wire.CheckTarget(h.target); err != nil {
		return malformed(err.Error())
	}
	return nil
}

func malformed(detail string) *functions.Refusal {
	return functions.Refuse(functions.MalformedRequest, detail)
}

// gateFields refuses what has one meaning to egret and another one to somebody
// else.
func gateFields(h *head) error {
	if h.has(wire.Confusing) {
		return malformed("the name of a header field is that of a framing field with an underscore")
	}
	hosts := 0
	for i := range h.fields {
		switch h.fields[i].Kind {
		case wire.Host:
			hosts++
		case wire.Expect:
			if !h.http10 && !wire.EqualFold(h.fields[i].Value, "100-continue") {
				return malformed("nothing but 100-continue can be expected")
			}
		default: // any other may stand there
		}
	}
	if hosts > 1 {
		return malformed("the request has two Host fields")
	}
	return nil
}
