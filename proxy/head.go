package proxy

import (
	"github.com/valyala/fasthttp"

	"github.com/egret-proxy/egret/proxy/wire"
)

// A head is the head of a request. Its slices are those of fasthttp and of the
// connection, and are used again when the handler returns.
type head struct {
	method string
	target []byte // as it was sent
	proto  []byte
	http10 bool
	fields []wire.Field // in wire order, names as sent
	kinds  wire.Kinds   // of fields
	fault  error        // what is wrong with the head
}

// read takes the first line as fasthttp has read it, and the fields as the
// connection has.
func (h *head) read(header *fasthttp.RequestHeader, in *inlet) {
	h.method, h.target, h.proto = methodOf(header.Method()), header.RequestURI(), header.Protocol()
	if in.connect {
		h.method, h.target, h.proto = "CONNECT", in.target, in.proto
	}
	h.http10 = string(h.proto) == "HTTP/1.0"
	h.fields, h.kinds, h.fault = in.fields, in.kinds, in.fault
}

// methodOf gives a method as a string that costs nothing if it is a usual one.
func methodOf(method []byte) string {
	switch string(method) {
	case "GET":
		return "GET"
	case "POST":
		return "POST"
	case "PUT":
		return "PUT"
	case "PATCH":
		return "PATCH"
	case "DELETE":
		return "DELETE"
	case "HEAD":
		return "HEAD"
	case "OPTIONS":
		return "OPTIONS"
	default:
		return string(method)
	}
}

// only gives the value of the one field of a kind; found tells how many there
// are.
func (h *head) only(kind wire.Kind) (value []byte, found int) {
	if !h.kinds.Has(kind) {
		return nil, 0
	}
	for i := range h.fields {
		if h.fields[i].Kind == kind {
			value = h.fields[i].Value
			found++
		}
	}
	return value, found
}

// has reports whether there is a field of a kind.
func (h *head) has(kind wire.Kind) bool { return h.kinds.Has(kind) }
