package proxy

import (
	"bytes"
	"strconv"

	"github.com/valyala/fasthttp"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/functions"
	"github.com/egret-proxy/egret/proxy/egress"
	"github.com/egret-proxy/egret/proxy/upstream"
	"github.com/egret-proxy/egret/proxy/wire"
)

// A forwarding is what is known of a request that is to be passed on.
type forwarding struct {
	to    *destination
	rest  []byte // path and query as they were sent
	found []occurrence
	grant egress.Grant
	hops  int // what Max-Forwards says, -1 without it
}

func (f *forwarding) reset() {
	clear(f.found) // the values in it
	*f = forwarding{found: f.found[:0]}
}

const forwardedMethods = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"

// checkForward decides whether a request in absolute form is passed on. The
// order is the promise: who asks, where to, which IDs, may one go there at all,
// and only then is a value read; the dialled address is judged before a byte of
// it is written.
func (x *exchange) checkForward() error {
	var err error
	f := &x.forward
	if x.client, err = x.rt.clients.proxy(x.head.only(wire.ProxyAuthorization)); err != nil {
		return err
	}
	if f.to, f.rest, err = x.rt.destination(x.head.target); err != nil {
		return err
	}
	if err := x.checkLoop(f.to); err != nil {
		return err
	}
	if x.head.method == fasthttp.MethodTrace {
		// An upstream would send the swapped credential back.
		return x.notAllowed(forwardedMethods)
	}
	if f.hops, err = x.hops(); err != nil {
		return err
	}
	if x.head.kinds.Overlaps(wire.Hops) {
		wire.DropHopByHop(x.head.fields)
	}
	f.found = occurrences(f.found[:0], x.rt.index, x.head.fields)
	if err := checkOccurrences(f.found, x.head.fields, x.client, &f.to.target); err != nil {
		return err
	}
	ask := egress.ForwardRequest{Host: f.to.host, Port: f.to.port, Method: x.head.method, MayName: x.mayName}
	if f.to.policy.HasPaths() {
		path, _, _ := bytes.Cut(f.rest, []byte("?"))
		ask.Path = string(path)
	}
	f.grant, err = f.to.policy.Forward(ask)
	return err
}

// hops reads Max-Forwards, which counts for OPTIONS only, because TRACE is not
// passed on: RFC 9110 section 7.6.2.
func (x *exchange) hops() (int, error) {
	if x.head.method != fasthttp.MethodOptions {
		return -1, nil
	}
	text, found := x.head.only(wire.MaxForwards)
	if found == 0 {
		return -1, nil
	}
	n, err := strconv.ParseUint(string(text), 10, 31)
	if err != nil || found > 1 || text[0] == '+' {
		return 0, malformed("Max-Forwards is not one number")
	}
	return int(n), nil
}

// checkLoop refuses a request that leads back to egret: by an address that is
// its own, or by a Via field in which this instance named itself before. What a
// name resolves to is judged when it is dialled.
func (x *exchange) checkLoop(to *destination) error {
	own := to.literal && x.rt.guard.Owns(to.addr)
	for i := 0; x.head.has(wire.Via) && i < len(x.head.fields); i++ {
		if f := &x.head.fields[i]; f.Kind == wire.Via {
			own = own || bytes.Contains(f.Value, x.server.via)
		}
	}
	if own {
		return functions.Refuse(functions.Loop, "the request leads back to egret")
	}
	return nil
}

// serveForward passes the request on, swapped, and answers.
func (x *exchange) serveForward() error {
	f := &x.forward
	if f.hops == 0 {
		x.writeOptions(forwardedMethods)
		return nil
	}
	if err := x.rt.readValues(&x.conn.life, f.found, x.client); err != nil {
		return err
	}
	x.scrub.begin(x.rt, f.to, f.found, nil)
	if err := x.buildRequest(x.scrub.active()); err != nil {
		return err
	}
	x.conn.waiting.begin(x.start, !x.head.http10)
	if err := x.rt.transport.RoundTrip(&x.conn.life, &x.request, &x.answer); err != nil {
		return err
	}
	return x.forwardAnswer()
}

// buildRequest makes the request that goes out. Towards a host whose answers
// are searched for values, nothing is asked for that could not be searched: a
// coding, or one half of a value.
func (x *exchange) buildRequest(searched bool) error {
	f, r := &x.forward, &x.request
	r.Method, r.Scheme, r.Host, r.Port, r.Authority = x.head.method, "http", f.to.host, f.to.port, f.to.authority
	r.Target = appendTarget(r.Target[:0], f.rest, r.Method)
	r.Grant, r.Share = f.grant, x.share()
	r.Alone = x.bindsConnection()
	r.Grant.Cleartext = true
	for _, o := range f.found {
		r.Grant.Cleartext = r.Grant.Cleartext && o.cache.Cleartext
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
	return found == 1 && !x.head.http10 && wire.HasOption(te, "trailers")
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

// share names who may use the connection after this request. One that carried
// the client's own credentials is for the same client only.
func (x *exchange) share() upstream.Share {
	share := shareOf(x.clientName(), x.forward.found)
	if len(x.forward.found) == 0 && (x.head.has(wire.Authorization) || x.head.has(wire.Cookie)) {
		share = upstream.Share{Client: x.clientName(), Values: "its own"}
	}
	return share
}

// bindsConnection reports whether the request has credentials that are those of
// its whole connection from then on, as with NTLM: RFC 4559 section 6.
func (x *exchange) bindsConnection() bool {
	value, found := x.head.only(wire.Authorization)
	scheme, _, _ := bytes.Cut(value, []byte(" "))
	return found > 0 && (wire.EqualFold(scheme, "ntlm") || wire.EqualFold(scheme, "negotiate"))
}

// shareOf names who may share a connection: one that carried a value serves the
// same client and the same caches only.
func shareOf(client string, found []occurrence) upstream.Share {
	switch len(found) {
	case 0:
		return upstream.Share{}
	case 1:
		return upstream.Share{Client: client, Value: found[0].cache.ID}
	}
	list := make([]*configs.Cache, len(found))
	for i := range found {
		list[i] = found[i].cache
	}
	return shareOfCaches(client, list)
}

func shareOfCaches(client string, list []*configs.Cache) upstream.Share {
	switch len(list) {
	case 0:
		return upstream.Share{}
	case 1:
		return upstream.Share{Client: client, Value: list[0].ID}
	}
	share := upstream.Share{Client: client}
	for _, cache := range list {
		share.Values += cache.ID.String() + " "
	}
	return share
}
