package proxy

import (
	"bytes"
	"context"

	"github.com/egret-proxy/egret/functions"
	"github.com/egret-proxy/egret/proxy/egress"
	"github.com/egret-proxy/egret/proxy/upstream"
	"github.com/egret-proxy/egret/proxy/wire"
	"github.com/egret-proxy/egret/templates"
)

// Send performs the request of a Function and scrubs its answer.
func (rt *runtime) Send(ctx context.Context, r *functions.Request) (*functions.Answer, error) {
	// A request for which several callers wait does not end with theirs, but
	// it ends with egret.
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(rt.server.base, func() { cancel(errStopped) })()
	request := &upstream.Request{
		Method: r.Method, Scheme: r.Scheme, Host: r.Host, Port: r.Port, Authority: r.Authority, Target: []byte(r.Target),
		Grant: grantOf(r), Share: shareOfCaches(r.Client, r.Carried), Body: r.Body,
	}
	for _, f := range rt.functionFields(r.Header) {
		request.Header.Add(f.Name, f.Value)
	}
	if deadline, ok := ctx.Deadline(); ok {
		request.Deadline = deadline
	}
	if r.Body == nil && r.Method != "GET" && r.Method != "HEAD" && r.Method != "OPTIONS" && r.Method != "DELETE" {
		request.Body = []byte{} // RFC 9110 section 8.6
	}
	var answer upstream.Answer
	if err := rt.transport.RoundTrip(ctx, request, &answer); err != nil {
		return nil, err
	}
	defer answer.Close()
	to := rt.newDestination(&target{host: r.Host, port: r.Port, authority: r.Authority})
	return rt.readAnswer(&answer, rt.scrubbingOf(rt.secretsOf(to), r.Hide), r.MaxAnswer)
}

// readAnswer reads an answer to its end, and replaces values in it: in its
// bytes, and in what egret itself is going to read in them.
func (rt *runtime) readAnswer(a *upstream.Answer, s *scrubbing, limit int64) (*functions.Answer, error) {
	isCoded := isCoded(a.Fields)
	scrubbed := &functions.Answer{Status: a.Code, Header: endToEnd(a.Fields)}
	body, err := a.ReadAll(nil, min(limit, rt.limits.AnswerBytes))
	switch {
	case err != nil:
		return nil, err
	case len(body) > 0 && isCoded:
		return nil, coded()
	}
	scrubbed.Header = s.fields(scrubbed.Header)
	scrubbed.Body = s.current().Bytes(nil, body)
	if plain, ok := scrubbed.Plain(); ok {
		if clean := s.current().Bytes(nil, plain); !bytes.Equal(clean, plain) {
			scrubbed.SetPlain(clean)
		}
	}
	return scrubbed, nil
}

// endToEnd copies the fields of an answer that travel on.
func endToEnd(fields []wire.Field) []templates.Field {
	wire.DropHopByHop(fields)
	var list []templates.Field
	for i := range fields {
		if f := &fields[i]; !f.Drop {
			list = append(list, templates.Field{Name: string(f.Name), Value: string(f.Value)})
		}
	}
	return list
}

// fields gives header fields with values replaced. A field whose name is or
// holds a value is dropped: no reader expects an ID there.
func (s *scrubbing) fields(fields []templates.Field) []templates.Field {
	scrubber := s.current()
	kept := fields[:0]
	for _, f := range fields {
		if _, found := scrubber.String(f.Name); found {
			continue
		}
		f.Value, _ = scrubber.String(f.Value)
		kept = append(kept, f)
	}
	return kept
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

// functionFields adds what every request of a Function has: a name of its
// sender, unless the Function gives one, and the wish for an answer that can be
// read and scrubbed.
func (rt *runtime) functionFields(fields []templates.Field) []templates.Field {
	named := false
	var kept []templates.Field
	for _, f := range fields {
		kind := wire.KindOf(f.Name)
		named = named || kind == wire.UserAgent
		if kind != wire.AcceptEncoding {
			kept = append(kept, f)
		}
	}
	if !named {
		kept = append(kept, templates.Field{Name: "User-Agent", Value: "egret/" + rt.server.options.Version})
	}
	return append(kept, templates.Field{Name: "Accept-Encoding", Value: "identity"})
}
