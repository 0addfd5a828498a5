package proxy

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/egret-proxy/egret/functions"
	"github.com/egret-proxy/egret/proxy/egress"
	"github.com/egret-proxy/egret/proxy/scrub"
	"github.com/egret-proxy/egret/proxy/upstream"
	"github.com/egret-proxy/egret/proxy/wire"
)

// A sending is the request of a Function on its way. Sendings are used again.
type sending struct {
	request upstream.Request
	answer  upstream.Answer
	scrub   scrubbing
	body    []byte // as it came, where values are replaced in it
}

var sendings = sync.Pool{New: func() any { return &sending{} }}

// release gives the sending back. Nothing of the request stays in it.
func (s *sending) release() {
	s.answer.Close()
	s.request.Header.Reset()
	s.request = upstream.Request{Header: s.request.Header}
	s.scrub, s.body = scrubbing{}, forget(s.body)
	sendings.Put(s)
}

// Send performs the request of a Function and scrubs its answer.
func (rt *runtime) Send(ctx context.Context, r *functions.Request, answer *functions.Answer) (err error) {
	if _, ours := ctx.(upstream.Lifetime); !ours {
		// A request for which several callers wait does not end with theirs,
		// but it ends with egret.
		var cancel context.CancelCauseFunc
		ctx, cancel = context.WithCancelCause(ctx)
		defer cancel(nil)
		defer context.AfterFunc(rt.server.base, func() { cancel(errStopped) })()
	}
	if r.Again != "" {
		rt.server.metrics.again(r.Again)
	}
	to := rt.functionDestination(r)
	turn, err := rt.enter(to)
	if err != nil {
		return err
	}
	answer.Status = 0
	defer func() { turn.leave(ctx, r, answer.Status, err) }()
	s := sendings.Get().(*sending)
	defer s.release()
	rt.fill(&s.request, r)
	to.sent(&s.request)
	if err := rt.roundTrip(ctx, s, r); err != nil {
		return err
	}
	s.scrub.begin(rt, to, nil, r)
	return s.read(answer, r.MaxAnswer)
}

// roundTrip sends the request, and tells how long that took. When the value of a
// cache may not travel without TLS, the refusal names the first such cache.
func (rt *runtime) roundTrip(ctx context.Context, s *sending, r *functions.Request) error {
	begin := time.Now()
	err := rt.transport.RoundTrip(ctx, &s.request, &s.answer)
	if t := r.Trace; t != nil {
		t.Connect += s.answer.Connecting
		t.Wait += time.Since(begin) - s.answer.Connecting
	}
	if err == nil {
		return nil
	}
	for _, cache := range r.Carried {
		if cache.IsBound() && !cache.Cleartext {
			return byCleartext(err, cache)
		}
	}
	return err
}

// fill makes the request that goes out.
func (rt *runtime) fill(out *upstream.Request, r *functions.Request) {
	out.Method, out.Scheme, out.Host, out.Port, out.Authority, out.Target = r.Method, r.Scheme, r.Host, r.Port, r.Authority, r.Target
	out.Grant, out.Share, out.Body, out.Deadline = grantOf(r), shareOfCaches(r.Client, r.Carried), r.Body, r.Deadline
	out.ConnectTimeout, out.FirstByteTimeout = r.ConnectTimeout, r.FirstByteTimeout
	out.Once = slices.ContainsFunc(r.Carried, rt.isOnUse)
	if r.Body == nil && (r.Method == "POST" || r.Method == "PUT" || r.Method == "PATCH") {
		out.Body = []byte{} // RFC 9110 section 8.6
	}
	out.Header.AddLines(r.Header)
}

// functionDestination is where a Function's request leads.
func (rt *runtime) functionDestination(r *functions.Request) *destination {
	secure := r.Scheme == "https"
	known := rt.destinationsBy(secure)
	if to := known.get(r.Authority); to != nil {
		return to
	}
	to := rt.newDestination(&target{host: r.Host, port: r.Port, authority: r.Authority, secure: secure})
	known.put(r.Authority, to)
	return to
}

// read reads the answer to its end, and replaces values in it: in its bytes, and
// in what egret itself is going to read in them.
func (s *sending) read(answer *functions.Answer, limit int64) error {
	a := &s.answer
	isCoded := isCoded(a.Fields)
	scrubber := s.scrub.current()
	wire.DropHopByHop(a.Fields)
	answer.Status = a.Code
	answer.Header = appendEndToEnd(answer.Header[:0], a.Fields, scrubber)
	var err error
	if answer.Body, err = a.ReadAll(answer.Body[:0], limit); err != nil {
		return err
	}
	if len(answer.Body) > 0 && isCoded {
		return coded()
	}
	// What was made while the body came must not be in it either.
	scrubber = s.scrub.current()
	if scrubber.Found(answer.Body) {
		s.body = append(s.body[:0], answer.Body...)
		answer.Body = scrubber.Bytes(answer.Body[:0], s.body)
	}
	if scrubber == nil {
		return nil
	}
	if plain, ok := answer.Plain(); ok && scrubber.Found(plain) {
		answer.SetPlain(scrubber.Bytes(nil, plain))
	}
	return nil
}

// appendEndToEnd appends the fields of an answer that travel on, scrubbed.
func appendEndToEnd(dst []byte, fields []wire.Field, scrubber *scrub.Scrubber) []byte {
	begin := len(dst)
	for i := range fields {
		if f := &fields[i]; !f.Drop {
			dst = appendLine(dst, f)
		}
	}
	if !scrubber.Found(dst[begin:]) {
		return dst
	}
	return appendScrubbed(dst[:begin], fields, scrubber)
}

// Judge says what the guard will say about an address that stands in the URL.
// Of a name nothing is known before it is resolved.
func (rt *runtime) Judge(r *functions.Request) error {
	addr, literal := literalAddress(r.Host, r.Port)
	if !literal || rt.server.options.Dial != nil {
		return nil
	}
	return rt.guard.Check(addr, grantOf(r))
}

func grantOf(r *functions.Request) egress.Grant {
	return egress.Grant{Literal: r.Literal, TLS: r.Scheme == "https", Cleartext: r.Cleartext}
}
