package upstream_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"github.com/egret-proxy/egret/functions"
	"github.com/egret-proxy/egret/proxy/egress"
	"github.com/egret-proxy/egret/proxy/upstream"
)

// TestLoss: a refusal says whether the request was sent, where that is known and
// another attempt may do better.
func TestLoss(t *testing.T) {
	nobody := &egress.Dialer{Dial: func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("refused") }}
	stuck := &egress.Dialer{Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}}
	closing := func(_ *origin, _ net.Conn, _ *bufio.Reader) {}
	plainly := func(_ *origin, c net.Conn, r *bufio.Reader) {
		_, _ = r.ReadByte()
		_, _ = io.WriteString(c, ok)
		_, _ = io.Copy(io.Discard, r)
	}
	for _, test := range []struct {
		name   string
		script script
		dialer *egress.Dialer
		change func(*upstream.Request)
		code   functions.Code
		want   functions.Loss
	}{
		{"nobody", closing, nobody, nil, functions.UpstreamUnreachable, functions.Unsent},
		{"connecting takes too long", closing, stuck, func(r *upstream.Request) { r.ConnectTimeout = short }, functions.UpstreamTimeout, functions.Unsent},
		{"TLS breaks off", closing, nil, func(r *upstream.Request) { r.Scheme, r.Grant.TLS = "https", true }, functions.UpstreamTLS, functions.Unsent},
		{"no TLS", plainly, nil, func(r *upstream.Request) { r.Scheme, r.Grant.TLS = "https", true }, functions.UpstreamTLS, functions.NoLoss},
		{"closed", once(""), nil, nil, functions.UpstreamProtocol, functions.Unanswered},
		{"silent", stalling(""), nil, func(r *upstream.Request) { r.FirstByteTimeout = short }, functions.UpstreamTimeout, functions.Unanswered},
		{"half a body", once(byLength + "x"), nil, nil, functions.UpstreamProtocol, functions.Unanswered},
		{"no HTTP", once("SSH-2.0\r\n\r\n"), nil, nil, functions.UpstreamProtocol, functions.Unanswered},
		{"too late", stalling(""), nil, func(r *upstream.Request) { r.Deadline = time.Now().Add(short) }, functions.UpstreamTimeout, functions.Unanswered},
		{"a large head", endless("HTTP/1.1 200 OK\r\nX: ", "x"), nil, nil, functions.UpstreamProtocol, functions.NoLoss},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := newOrigin(t, test.script)
			transport := newTransport(t, upstream.Options{Dialer: test.dialer})
			if test.dialer == nil {
				transport = newTransport(t, upstream.Options{Dialer: o.to()})
			}
			req := o.get()
			if test.change != nil {
				test.change(req)
			}
			err := outcome(t.Context(), transport, req)
			refusal, _ := errors.AsType[*functions.Refusal](err)
			if refusal == nil || refusal.Code != test.code || refusal.Loss != test.want {
				t.Errorf("got %+v, want %s with loss %d", refusal, test.code, test.want)
			}
		})
	}
}

// TestLossOfARepeatedRequest: a GET that was sent on a kept connection, and then
// finds nobody, was sent all the same.
func TestLossOfARepeatedRequest(t *testing.T) {
	o := newOrigin(t, func(o *origin, c net.Conn, r *bufio.Reader) {
		_, _ = o.head(r)
		_, _ = io.WriteString(c, ok)
		_, _ = o.head(r)
	})
	dials := 0
	to := o.to()
	dialer := &egress.Dialer{Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
		if dials++; dials > 1 {
			return nil, errors.New("refused")
		}
		return to.Dial(ctx, network, address)
	}}
	transport := newTransport(t, upstream.Options{Dialer: dialer})
	mustCall(t, transport, o.get())
	err := outcome(t.Context(), transport, o.get())
	if refusal, _ := errors.AsType[*functions.Refusal](err); refusal == nil || refusal.Loss != functions.Unanswered || dials != 2 {
		t.Errorf("got %+v after %d dials, want that it was sent", err, dials)
	}
}
