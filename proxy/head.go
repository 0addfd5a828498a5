package proxy

import (
	"strings"

	"github.com/valyala/fasthttp"

	"github.com/egret-proxy/egret/templates"
)

// A head is the head of a request, copied out of fasthttp's buffers, which are
// reused when the handler returns.
type head struct {
	method string
	target string // as it was sent
	proto  string
	fields []templates.Field // in wire order, names as sent
	lines  error             // what is wrong with the lines of the fields
}

// readHead copies the head of the request.
func readHead(header *fasthttp.RequestHeader) *head {
	h := &head{
		method: string(header.Method()),
		target: string(header.RequestURI()),
		proto:  string(header.Protocol()),
		lines:  checkLines(header.RawHeaders()),
	}
	// This joins folded lines in place: RawHeaders has them no more.
	for name, value := range header.AllInOrder() {
		h.fields = append(h.fields, templates.Field{Name: string(name), Value: string(value)})
	}
	return h
}

// values gives the value of every field of this name, in any letter case.
func (h *head) values(name string) []string {
	var list []string
	for _, f := range h.fields {
		if strings.EqualFold(f.Name, name) {
			list = append(list, f.Value)
		}
	}
	return list
}

// has reports whether there is a field of this name.
func (h *head) has(name string) bool { return len(h.values(name)) > 0 }
