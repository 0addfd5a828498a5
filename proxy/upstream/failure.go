package upstream

import (
	"context"
	"errors"
	"os"

	"github.com/valyala/fasthttp"

	"github.com/egret-proxy/egret/functions"
)

// ended is the refusal of an exchange whose context has ended, or nil. A
// context that was cancelled with a refusal as its cause gives that one.
func ended(ctx context.Context) *functions.Refusal {
	cause := context.Cause(ctx)
	if cause == nil {
		return nil
	}
	if own, ok := errors.AsType[*functions.Refusal](cause); ok {
		return own
	}
	if errors.Is(cause, context.DeadlineExceeded) {
		return &functions.Refusal{Code: functions.UpstreamTimeout, Detail: "the upstream did not answer in time", ProxyError: "http_response_timeout", Cause: cause}
	}
	return &functions.Refusal{Code: functions.UpstreamTimeout, Detail: "the call was cancelled before the upstream had answered", Cause: cause}
}

// unanswered is the refusal of an exchange that came to no answer. Of err, which
// may quote what was read, only the kind is used; what the operator gets as the
// cause is an error of the connection.
func unanswered(ctx context.Context, c *conn, err error) *functions.Refusal {
	if own, ok := errors.AsType[*functions.Refusal](err); ok {
		return own
	}
	if r := ended(ctx); r != nil {
		return r
	}
	r := &functions.Refusal{Code: functions.UpstreamProtocol}
	_, header := errors.AsType[*fasthttp.ErrSmallBuffer](err)
	switch {
	case c == nil:
		r.Code, r.Detail, r.ProxyError = functions.UpstreamUnreachable, "the upstream cannot be connected", "destination_unavailable"
	case late(c.err):
		r.Code, r.Detail, r.ProxyError = functions.UpstreamTimeout, "the upstream did not answer in time", "http_response_timeout"
	case c.err != nil && c.written == 0:
		r.Code, r.Detail, r.ProxyError = functions.UpstreamUnreachable, "the upstream closed the connection before anything was sent", "connection_terminated"
	case c.err != nil || c.ended:
		r.Detail, r.ProxyError = "the upstream closed the connection before it had answered", "connection_terminated"
	case header:
		r.Detail, r.ProxyError = "the header of the answer is too large", "http_response_header_section_size"
	default:
		r.Detail, r.ProxyError = "the answer of the upstream is not HTTP", "http_protocol_error"
	}
	if c != nil {
		r.Cause = c.err
	}
	return r
}

// incomplete is the refusal of a body that breaks off.
func incomplete(ctx context.Context, c *conn) *functions.Refusal {
	if r := ended(ctx); r != nil {
		return r
	}
	r := &functions.Refusal{Code: functions.UpstreamProtocol, Detail: "the body of the answer is incomplete", ProxyError: "http_response_incomplete", Cause: c.err}
	switch {
	case late(c.err):
		r.Code, r.Detail, r.ProxyError = functions.UpstreamTimeout, "the body of the answer stood still for too long", "connection_read_timeout"
	case c.err == nil && !c.ended:
		r.Detail, r.ProxyError = "the body of the answer is not well formed", "http_protocol_error"
	}
	return r
}

func late(err error) bool { return errors.Is(err, os.ErrDeadlineExceeded) }
