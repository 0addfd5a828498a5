package proxy

import (
	"bytes"
	"errors"
	"strconv"

	"github.com/valyala/fasthttp"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/functions"
	"github.com/egret-proxy/egret/proxy/egress"
	"github.com/egret-proxy/egret/proxy/journal"
	"github.com/egret-proxy/egret/proxy/wire"
)

// A forwarding is what is known of a request that is to be passed on.
type forwarding struct {
	to     *destination
	rest   []byte // path and query as they were sent
	found  []occurrence
	grant  egress.Grant
	rule   string        // that permits it
	tunnel egress.Tunnel // what becomes of a CONNECT
	hops   int           // what Max-Forwards says, -1 without it

	upgrade []string // the protocols that the client offers in the place of HTTP
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
	if x.client, err = x.rt.clients.proxy(x.head.only(wire.ProxyAuthorization)); err != nil {
		return err
	}
	if err := x.enterClient(); err != nil {
		return err
	}
	if x.forward.to, x.forward.rest, err = x.rt.destination(x.head.target); err != nil {
		return err
	}
	return x.checkForwarded()
}

// checkForwarded decides about a request of which it is known who sends it, and
// where to.
func (x *exchange) checkForwarded() error {
	var err error
	f := &x.forward
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
	ask := egress.ForwardRequest{
		Host: f.to.host, Port: f.to.port, Secure: f.to.secure, Method: x.head.method,
		Client: x.clientName(), MayName: x.mayName,
	}
	if f.to.policy.HasPaths() {
		path, _, _ := bytes.Cut(f.rest, []byte("?"))
		ask.Path = string(path)
	}
	if f.grant, f.rule, err = f.to.policy.Decide(ask); err != nil {
		return err
	}
	return x.checkUpgrade()
}

// forCleartext names, in a refusal to send a value in clear, the cache that
// forbids it.
func forCleartext(err error, found []occurrence) error {
	for i := range found {
		if cache := found[i].cache; !cache.Cleartext {
			return byCleartext(err, cache)
		}
	}
	return err
}

// byCleartext is err, with the line of the cache if it is such a refusal.
func byCleartext(err error, cache *configs.Cache) error {
	refusal, ok := errors.AsType[*functions.Refusal](err)
	if !ok || refusal.Code != functions.CleartextDenied {
		return err
	}
	named := *refusal // which others may hold, too
	return named.By(cache.Path + ".cleartext")
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
	if len(f.found) > 0 {
		x.enter(journal.Values)
	}
	if err := x.rt.readValues(&x.conn.life, f.found, x.client); err != nil {
		return err
	}
	x.scrub.begin(x.rt, f.to, f.found, nil)
	if x.body.short {
		x.enter(journal.Body)
	}
	if err := x.buildRequest(x.scrub.active()); err != nil {
		return err
	}
	if err := x.enterHost(); err != nil {
		return err
	}
	x.conn.waiting.begin(x.start, !x.head.http10)
	x.enter(journal.Wait)
	x.note.built = true
	err := x.rt.transport.RoundTrip(&x.conn.life, &x.request, &x.answer)
	x.enter(journal.Answer)
	x.noteConnecting()
	if err != nil {
		return forCleartext(err, f.found)
	}
	if x.way == gateway {
		x.keepOnGateway(x.answer.Fields)
	}
	return x.forwardAnswer()
}
