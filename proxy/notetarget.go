package proxy

import (
	"bytes"
	"encoding/hex"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/proxy/journal"
	"github.com/egret-proxy/egret/proxy/scrub"
)

// noteTarget notes what was asked for. Of a head that has no one meaning nothing
// is told, and of who is not known no more than the host.
func (x *exchange) noteTarget() {
	n, r := &x.note, &x.note.record
	if !n.gated {
		return
	}
	r.Method = shownMethod(x.head.method)
	unknown := x.client == nil && !x.rt.clients.open()
	switch {
	case n.label != nil && x.way == call:
		r.Function, r.Host, r.Target = n.label.Function, n.label.Host, n.label.target
	case n.label != nil:
		r.Function = n.label.Function
		r.Target.SetText(apiPath + "/" + n.label.Function)
	case x.way == tunnel:
		r.Host = x.namedHost()
	case x.forward.to != nil && !unknown:
		r.Host = x.forward.to.authority
		x.noteForwarded(&r.Target)
	case x.way.forwards():
		r.Host = x.namedHost()
	default:
		r.Target.SetText(x.ownPath())
	}
}

// noteForwarded notes the target of a forwarded request, in which a value is
// replaced that should not be there.
func (x *exchange) noteForwarded(target *journal.Target) {
	rest := x.forward.rest
	if x.scrub.to == nil {
		x.scrub.begin(x.rt, x.forward.to, nil, nil)
	}
	scrubber := x.scrub.current()
	switch {
	case scrubber.Found(rest):
		target.Set(scrubber.Bytes(nil, rest))
	case hasEncoded(scrubber, rest):
		target.SetText("…")
	default:
		target.Set(rest)
	}
}

// hasEncoded reports whether there is a value in a target that is
// percent-encoded, once or as often as somebody behind egret may decode it.
func hasEncoded(scrubber *scrub.Scrubber, target []byte) bool {
	if scrubber == nil {
		return false
	}
	for range 3 {
		decoded := percentDecoded(target)
		switch {
		case len(decoded) == len(target):
			return false
		case scrubber.Found(decoded):
			return true
		}
		target = decoded
	}
	return len(percentDecoded(target)) < len(target)
}

// percentDecoded decodes what can be decoded of a text, and leaves the rest.
func percentDecoded(text []byte) []byte {
	if bytes.IndexByte(text, '%') < 0 {
		return text
	}
	decoded := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		var octet [1]byte
		if text[i] == '%' && i+2 < len(text) {
			if _, err := hex.Decode(octet[:], text[i+1:i+3]); err == nil {
				decoded = append(decoded, octet[0])
				i += 2
				continue
			}
		}
		decoded = append(decoded, text[i])
	}
	return decoded
}

// namedHost is the host that a request names which was refused before it counted.
func (x *exchange) namedHost() string {
	if t := x.conn.tunnel; t != nil {
		return t.authority
	}
	secure, authority, err := cutScheme(x.head.target)
	if x.way == gateway {
		if secure, authority, _, err = splitGateway(x.head.target); err != nil {
			return ""
		}
	}
	if err != nil { // a tunnel, whose port is always told
		if to, err := parseTunnel(string(x.head.target)); err == nil {
			return to.authority
		}
		return ""
	}
	authority, _ = cutAuthority(authority)
	if to, err := parseAuthority(string(authority), schemePort(secure)); err == nil {
		return to.authority
	}
	return ""
}

// ownPath is the path of a request for egret itself, if it is one that there is.
// Nothing of any other is told: there is no telling what it holds.
func (x *exchange) ownPath() string {
	path, _, _, one := x.splitAPI()
	switch {
	case x.isAsterisk():
		return "*"
	case string(path) == apiPath:
		return apiPath
	case one:
		return apiPath + "/…"
	case x.keys != nil:
		return string(path)
	default:
		return "…"
	}
}

// shownMethod is a method, unless it is one that nobody has heard of: it could
// be a credential that a client has come by elsewhere.
func shownMethod(method string) string {
	if !configs.IsMethod(method) {
		return "…"
	}
	return method
}
