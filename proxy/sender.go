package proxy

import (
	"bytes"
	"context"
	"strconv"
	"strings"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/functions"
	"github.com/egret-proxy/egret/proxy/egress"
	"github.com/egret-proxy/egret/proxy/upstream"
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
		Method: r.Method, Scheme: r.Scheme, Host: r.Host, Port: r.Port, Authority: r.Authority, Target: r.Target,
		Header: rt.functionFields(r.Header), Grant: grantOf(r),
		Pool: poolOf(r.Client, r.Carried), MaxBody: r.MaxAnswer,
	}
	if r.Body != nil {
		request.Body, request.ContentLength = bytes.NewReader(r.Body), int64(len(r.Body))
	}
	answer, err := rt.transport.RoundTrip(ctx, request)
	if err != nil {
		return nil, err
	}
	if len(answer.Bytes) > 0 && isCoded(answer.Header) {
		return nil, coded()
	}
	return scrubAnswer(answer, rt.newScrubbing(rt.secretsOf(r.Host, r.Port), r.Hide)), nil
}

// scrubAnswer replaces values in an answer that was read whole: in its bytes,
// and in what egret itself is going to read in them.
func scrubAnswer(answer *upstream.Answer, s *scrubbing) *functions.Answer {
	scrubbed := &functions.Answer{
		Status: answer.Status,
		Header: s.fields(validFields(answer.Header)),
		Body:   s.current().Bytes(nil, answer.Bytes),
	}
	if plain, ok := scrubbed.Plain(); ok {
		if clean := s.current().Bytes(nil, plain); !bytes.Equal(clean, plain) {
			scrubbed.SetPlain(clean)
		}
	}
	return scrubbed
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
	fields = without(append([]templates.Field(nil), fields...), "Accept-Encoding")
	named := false
	for _, f := range fields {
		named = named || strings.EqualFold(f.Name, "User-Agent")
	}
	if !named {
		fields = append(fields, templates.Field{Name: "User-Agent", Value: "egret/" + rt.server.options.Version})
	}
	return append(fields, templates.Field{Name: "Accept-Encoding", Value: "identity"})
}

// validFields are the end-to-end fields of an answer.
func validFields(fields []templates.Field) []templates.Field {
	kept := withoutHopByHop(fields)
	valid := kept[:0]
	for _, f := range kept {
		if validField(f) {
			valid = append(valid, f)
		}
	}
	return valid
}

// poolOf names who may share a connection: one that carried a value serves the
// same client and the same caches only.
func poolOf(client string, carried []*configs.Cache) string {
	if len(carried) == 0 {
		return ""
	}
	var pool strings.Builder
	pool.WriteString(strconv.Quote(client))
	for _, cache := range carried {
		pool.WriteByte(' ')
		pool.WriteString(cache.ID.String())
	}
	return pool.String()
}
