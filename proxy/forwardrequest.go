package proxy

import (
	"strconv"

	"github.com/valyala/fasthttp"

	"github.com/egret-proxy/egret/proxy/wire"
)

// buildRequest makes the request that goes out. Towards a host whose answers
// are searched for values, nothing is asked for that could not be searched: a
// coding, or one half of a value.
func (x *exchange) buildRequest(searched bool) error {
	f, r := &x.forward, &x.request
	r.Method, r.Scheme, r.Host, r.Port, r.Authority = x.head.method, f.to.scheme(), f.to.host, f.to.port, f.to.authority
	r.Target = appendTarget(r.Target[:0], f.rest, r.Method)
	r.Grant, r.Share = f.grant, x.share()
	f.to.sent(r)
	r.Upgrade = x.forward.upgrade
	r.Alone = len(x.forward.upgrade) > 0 || x.bindsConnection()
	r.Grant.Cleartext, r.Once = true, false
	for _, o := range f.found {
		r.Grant.Cleartext = r.Grant.Cleartext && o.cache.Cleartext
		r.Once = r.Once || x.rt.isOnUse(o.cache)
	}
	if !x.head.http10 {
		r.Interim = x.passInterim
	}
	r.Header.Reset()
	found := f.found
	for i := range x.head.fields {
		field := &x.head.fields[i]
		switch {
		case field.Drop, field.Kind == wire.Host, field.Kind == wire.Expect:
		case searched && (field.Kind == wire.AcceptEncoding || field.Kind == wire.Range || field.Kind == wire.IfRange):
		case field.Kind == wire.MaxForwards && f.hops > 0:
			r.Header.Add("Max-Forwards", strconv.Itoa(f.hops-1))
		case len(found) > 0 && found[0].field == i:
			found = addSwapped(&r.Header, field, i, found)
		default:
			r.Header.AddField(field)
		}
	}
	if searched {
		r.Header.Add("Accept-Encoding", "identity")
	}
	if x.wantsTrailers() {
		r.Header.Add("Connection", "TE") // RFC 9110 section 10.1.4
		r.Header.Add("TE", "trailers")
	}
	x.addVia(&r.Header)
	return x.buildBody()
}

// wantsTrailers reports whether the client can take trailer fields.
func (x *exchange) wantsTrailers() bool {
	te, found := x.head.only(wire.TE)
	return found == 1 && !x.head.http10 && len(x.forward.upgrade) == 0 && wire.HasOption(te, "trailers")
}

// addVia names this proxy, and the version it was spoken to: RFC 9110 section
// 7.6.3.
func (x *exchange) addVia(lines *wire.Lines) {
	if x.head.http10 {
		lines.Add("Via", "1.0 "+string(x.server.via))
		return
	}
	lines.Bytes = append(append(append(lines.Bytes, "Via: 1.1 "...), x.server.via...), "\r\n"...)
	lines.Count++
}

// buildBody gives the request the body that the client sends: at once, when it
// has come in already, and else as it comes.
func (x *exchange) buildBody() error {
	r, b := &x.request, &x.body
	r.Body, r.Stream, r.Trailer, r.HasLength = nil, nil, nil, x.head.has(wire.ContentLength)
	switch {
	case b.short:
		text, err := b.readShort()
		r.Body = text
		return err
	case !b.whole:
		r.Stream, r.Length, r.Trailer = b, b.left, b.trailer
	}
	return nil
}

// appendTarget makes the target in origin form: path and query byte for byte,
// but for an empty path.
func appendTarget(dst, rest []byte, method string) []byte {
	switch {
	case len(rest) == 0 && method == fasthttp.MethodOptions:
		return append(dst, '*') // RFC 9110 section 9.3.7
	case len(rest) == 0 || rest[0] == '?':
		dst = append(dst, '/')
	}
	return append(dst, rest...)
}

func (x *exchange) clientName() string {
	if x.client == nil {
		return ""
	}
	return x.client.Name
}
