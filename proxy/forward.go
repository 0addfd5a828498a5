package proxy

import (
	"strings"

	"github.com/valyala/fasthttp"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/functions"
	"github.com/egret-proxy/egret/proxy/egress"
	"github.com/egret-proxy/egret/proxy/upstream"
	"github.com/egret-proxy/egret/templates"
)

// serveForward passes a request in absolute form on. The order is the promise:
// who asks, where to, which IDs, may one go there at all, and only then is a
// value read; the dialled address is judged before a byte of it is written.
func (x *exchange) serveForward() error {
	var err error
	if x.client, err = x.rt.clients.proxy(x.head.values("Proxy-Authorization")); err != nil {
		return err
	}
	to, err := parseTarget(x.head.target, x.head.method)
	if err != nil {
		return err
	}
	if err := x.checkLoop(to); err != nil {
		return err
	}
	fields, err := x.requestFields()
	if err != nil {
		return err
	}
	found := occurrences(x.rt.index, fields)
	if err := checkOccurrences(found, fields, x.client, to); err != nil {
		return err
	}
	grant, err := x.rt.policy.Forward(egress.ForwardRequest{
		Host: to.host, Port: to.port, Method: x.head.method, Path: to.path(),
		MayName: func(cache *configs.Cache) bool { return mayName(x.client, cache) },
	})
	if err != nil {
		return err
	}
	return x.send(to, fields, found, grant)
}

// send swaps, sends and answers.
func (x *exchange) send(to *target, fields []templates.Field, found []occurrence, grant egress.Grant) error {
	carried := make([]*configs.Cache, len(found))
	grant.Cleartext = true
	for i, o := range found {
		carried[i] = o.cache
		grant.Cleartext = grant.Cleartext && o.cache.Cleartext
	}
	hide, err := x.rt.swapFields(x.context(), fields, found, x.client)
	if err != nil {
		return err
	}
	secrets := x.rt.secretsOf(to.host, to.port)
	if len(secrets) > 0 || len(hide) > 0 {
		// A value could come back in a coding, or in two halves.
		fields = append(without(fields, "Accept-Encoding", "Range", "If-Range"), templates.Field{Name: "Accept-Encoding", Value: "identity"})
	}
	request := &upstream.Request{
		Method: x.head.method, Scheme: "http", Host: to.host, Port: to.port, Authority: to.authority, Target: to.request,
		Header: fields, Grant: grant, Pool: poolOf(x.clientName(), carried), Stream: true,
	}
	x.setBody(request)
	answer, err := x.rt.transport.RoundTrip(x.context(), request)
	if err != nil {
		return err
	}
	return x.forwardAnswer(answer, x.rt.newScrubbing(secrets, hide))
}

func (x *exchange) clientName() string {
	if x.client == nil {
		return ""
	}
	return x.client.Name
}

// checkLoop refuses a request that leads back to egret: by an address that is
// its own, or by a Via field in which this instance named itself before. What a
// name resolves to is judged when it is dialled.
func (x *exchange) checkLoop(to *target) error {
	addr, literal := literalAddress(to.host, to.port)
	own := literal && x.rt.guard.Owns(addr)
	for _, via := range x.head.values("Via") {
		own = own || strings.Contains(via, x.rt.server.via)
	}
	if own {
		return functions.Refuse(functions.Loop, "the request leads back to egret")
	}
	return nil
}

// requestFields are the fields that travel on.
func (x *exchange) requestFields() ([]templates.Field, error) {
	if x.head.method == fasthttp.MethodTrace {
		// An upstream would send the swapped credential back.
		return nil, x.notAllowed("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS")
	}
	fields := without(withoutHopByHop(x.head.fields), "Host", "Content-Length", "Expect")
	version := strings.TrimPrefix(x.head.proto, "HTTP/") // as it was received: RFC 9110 section 7.6.3
	return append(fields, templates.Field{Name: "Via", Value: version + " " + x.rt.server.via}), nil
}

// setBody gives the request the body that the client sends, as it comes.
func (x *exchange) setBody(request *upstream.Request) {
	length := x.ctx.Request.Header.ContentLength()
	switch {
	case length > 0 || length == -1: // -1: chunked
		request.Body, request.ContentLength = x.body(), int64(length)
	case x.head.has("Content-Length"):
		request.Body, request.ContentLength = strings.NewReader(""), 0
	}
}
